package programs

import (
	"slices"
	"strings"
)

// A unit is one lazily initialised value and all that is written about it.
type unit struct {
	*gen
	pattern    string
	kind       *kind
	name, Name string // config, Config
	x          string // the variable, as the unit's functions spell it
	lock       string // the mutex, likewise
	recv       string // receiver of the unit's functions, with a blank; or ""
	callee     string // what calls of them begin with
	mode       string // what can go wrong when it is filled: see fill.go

	empty, full string // tests, with $x
	load        string // how it is read, with $x
	store       func(v string) string
	err         string // the variable of the error that is kept beside it
	mark        string // statement that says that it is there; "" where the value itself does
	markAt      string // where that stands: last, first, top, deferred
	copied      bool   // a local variable is assigned with it
	helper      bool   // another function fills it

	vars   []string // "config *Config": its variables, or fields
	clear  string   // statements with which a reset empties it
	locked bool     // functions beside the getter take the lock

	types      []string        // declarations
	funcs      []string        // the same, in the order of the file
	extra      []string        // in another file
	tagged     []string        // in a file of another build: see [Tag]
	tests      []string        // in a test file
	calls      map[string]bool // constructors that are called
	named      map[string]bool // functions that are declared
	ops        []op
	users      []string // declarations of another package: see users.go
	usersTests []string
	usersOps   []op
	other      *unit // whose value the constructor asks for; or nil
}

var nouns = []string{"config", "client", "store", "cache", "logger", "router", "index", "session"}

// units returns the values of a program: mostly one; some have two, and the
// constructor of the first may ask for the second.
func (g *gen) units(pattern string) []*unit {
	first := g.unit(pattern, nil)
	if !g.chance(15) {
		return []*unit{first}
	}
	second := g.unit(g.pick("second", "nil-check", "flag-guard", "helper-init", "safe", "unlocked-reset"), []*unit{first})
	if g.chance(60) {
		g.note("second", "needed by the first")
		first.other = second
	}
	return []*unit{first, second}
}

// unit writes one value, under a name that none of others has.
func (g *gen) unit(pattern string, others []*unit) *unit {
	u := &unit{gen: g, pattern: pattern, calls: map[string]bool{}, named: map[string]bool{}, load: "$x"}
	for u.name == "" || slices.ContainsFunc(others, func(o *unit) bool { return o.name == u.name }) {
		u.name = g.one(nouns...)
	}
	u.Name = strings.ToUpper(u.name[:1]) + u.name[1:]
	u.x = g.one(u.name, u.name, "the"+u.Name, "default"+u.Name, "_"+u.name, u.name+"Instance")
	u.lock = g.one(u.name+"Mu", u.name+"Lock")
	exported := u.chance(12) && pattern != "safe" // which it is not where others use it without the lock
	if exported {
		u.x = "Current" + u.Name
	}
	u.store = func(v string) string { return u.x + " = " + v }
	writers()[pattern](u)
	if exported && u.recv == "" && u.kind != nil && !strings.HasSuffix(u.load, "[key]") {
		u.usedElsewhere()
	}
	return u
}

// writers write a value that has a flaw, by the pattern's name.
func writers() map[string]func(u *unit) {
	return map[string]func(u *unit){
		"nil-check":           (*unit).nilCheck,
		"helper-init":         (*unit).helperInit,
		"flag-guard":          (*unit).flagGuard,
		"broken-double-check": (*unit).brokenDoubleCheck,
		"missing-recheck":     (*unit).missingRecheck,
		"local-lock":          (*unit).localLock,
		"checked-once":        (*unit).checkedOnce,
		"once-reset":          (*unit).onceReset,
		"lost-once-error":     (*unit).lostOnceError,
		"racy-atomic":         (*unit).racyAtomic,
		"early-publish":       (*unit).earlyPublish,
		"unlocked-reset":      (*unit).unlockedReset,
		"unlocked-read":       (*unit).unlockedRead,
		"lazy-registry":       (*unit).lazyRegistry,
		"lazy-field":          (*unit).lazyField,
		"safe":                (*unit).safe,
	}
}

// take gives the unit its kind of value, and how the program tests for it.
func (u *unit) take(k *kind) {
	u.kind = k
	u.empty, u.full = u.one(k.empty...), u.one(k.full...)
	u.clear = u.x + " = " + u.zero()
	u.types = append(u.types, u.text(k.decls))
	u.vars = append(u.vars, u.x+" "+u.typ())
}

// text fills in what the unit is called.
func (u *unit) text(s string) string { return subst(s, "$N", u.Name, "$n", u.name) }

func (u *unit) typ() string  { return u.text(u.kind.typ) }
func (u *unit) zero() string { return u.text(u.kind.zero) }

// build returns an expression for the instance with a number.
func (u *unit) build(id string) string { return subst(u.text(u.kind.build), "$id", id) }

// value returns the expression that reads the variable.
func (u *unit) value() string { return subst(u.load, "$x", u.x) }

// isEmpty and isFull return the tests of what v holds.
func (u *unit) isEmpty(v string) string { return subst(u.text(u.empty), "$x", v) }
func (u *unit) isFull(v string) string  { return subst(u.text(u.full), "$x", v) }

// use returns the number of what v holds.
func (u *unit) use(v string) string { return subst(u.kind.use, "$x", v) }

// fn writes a function of the unit, or a method where its value is a field.
func (u *unit) fn(name, params, results, body string) string {
	return "// " + name + " belongs to the " + u.name + ".\nfunc " + u.recv + name + "(" + params + ") " + results + " {\n" + body + "\n}\n"
}

// with returns the statements under the unit's lock.
func (u *unit) with(body string) string {
	return u.lock + ".Lock()\ndefer " + u.lock + ".Unlock()\n" + body
}

// mutex declares the unit's lock.
func (u *unit) mutex(typ string) {
	u.vars = append(u.vars, u.lock+" "+typ)
	if u.chance(60) {
		slices.Reverse(u.vars) // above what it guards
	}
}

// lines joins statements, leaving out those that are empty.
func lines(stmts ...string) string {
	return strings.Join(slices.DeleteFunc(stmts, func(s string) bool { return s == "" }), "\n")
}

// names returns the names of the unit's variables.
func (u *unit) names() []string {
	var names []string
	for _, v := range u.vars {
		name, _, _ := strings.Cut(strings.TrimPrefix(v, "h."), " ")
		names = append(names, name)
	}
	return names
}
