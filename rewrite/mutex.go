package rewrite

import (
	"go/ast"
	"go/types"
	"slices"
	"strings"

	"github.com/singletonfix/singletonfix/detect"
)

var mutex = &Strategy{
	Name: "mutex",
	Doc: `whoever uses the variable holds one mutex

	var instanceMu sync.Mutex

	func Get() (*T, error) {
		instanceMu.Lock()
		defer instanceMu.Unlock()
		if instance == nil {
			t, err := newT()
			if err != nil {
				return nil, err
			}
			instance = t
		}
		return instance, nil
	}

The simplest form, for what the others do not fit: several variables that change together, flags
that are taken back, modules older than go 1.19. A mutex that the getter has already is used by
those who forgot it. Every call takes the lock, about ten nanoseconds more than an atomic load.`,
	plan: planMutex,
}

// A locking is a mutex on its way around every use of a singleton's variables.
type locking struct {
	*draft
	mu     string
	lock   detect.Lock // the author's own mutex; the zero Lock for a new one
	byFunc map[*detect.Func][]*detect.Access
	inner  map[*detect.Func]bool // run within what others do under the lock
	raised map[*detect.Func]bool // of these, take the author's mutex no longer
	split  map[*detect.Func]bool // called under the lock by a site, and elsewhere without
	fill   *onceFill             // the call of the Once that fills the variables, or nil
	kept   bool                  // that Once stays, under the mutex; else it goes
	flag   string                // takes the place of that Once
}

func planMutex(d *draft) *Refusal {
	if d.Singleton.Pattern == "broken-double-check" || d.Singleton.Pattern == "missing-recheck" {
		return planLockFirst(d)
	}
	if d.Singleton.Pattern == "local-lock" {
		return planLocalMutex(d)
	}
	l := &locking{draft: d, byFunc: make(map[*detect.Func][]*detect.Access), inner: make(map[*detect.Func]bool)}
	s := d.Singleton
	switch s.Pattern {
	case "unlocked-reset", "unlocked-read":
		if d.once != nil {
			if r := l.keepTheOnce(); r != nil {
				return r
			}
			break
		}
		if s.Mutex == nil {
			return refuse(notThis, d.v.Obj.Pos(), "the getter holds no mutex")
		}
		l.useAuthors(s.Mutex)
	case "nil-check", "flag-guard", "helper-init":
		if d.once != nil {
			return refuse(notThis, d.v.Obj.Pos(), "a Once is in the way")
		}
		guards := d.anyGuards()
		for _, g := range guards {
			if g.Read.In != g.Func {
				return refuse(ControlFlow, g.Read.Pos(), "%s is tested in %s for %s, which fills it", d.v.Name(), g.Read.In.Name(), g.Func.Name())
			}
		}
		if r := d.callsNothingRegistered(guards); r != nil {
			return r
		}
		l.inner = d.inner(guards)
		l.split = d.splitHelpers(guards)
	case "once-reset":
		if r := l.takeOnce(); r != nil && l.keepTheOnce() != nil {
			return r
		}
	default:
		return refuse(notThis, d.v.Obj.Pos(), "a mutex does not mend this")
	}
	if l.mu == "" {
		l.mu = l.mutexName()
	}
	return l.plan()
}

// useAuthors lets the fix take the author's own mutex.
func (l *locking) useAuthors(mu *detect.Variable) {
	l.mu, l.lock = l.asWritten(mu), detect.Lock{Root: mu.Obj, Path: mu.Field}
	l.author = l.mutexOf(l.lock)
}

// asWritten returns what the author writes for mu: state, where state.Lock()
// locks the mutex that is embedded in it.
func (d *draft) asWritten(mu *detect.Variable) string {
	outer, embedded := strings.CutSuffix(mu.Name(), ".Mutex")
	if !embedded {
		outer, embedded = strings.CutSuffix(mu.Name(), ".RWMutex")
	}
	for _, f := range d.fx.Funcs {
		for _, c := range f.Calls {
			sel, ok := c.Expr.Fun.(*ast.SelectorExpr)
			if embedded && ok && sel.Sel.Name == "Lock" && d.source(sel.X, nil) == outer {
				return outer
			}
		}
	}
	return mu.Name()
}

// anyGuards describes every site, whichever of the variables it tests.
func (d *draft) anyGuards() []*guard {
	var guards []*guard
	for _, s := range d.Singleton.Sites {
		g := newGuard(d.fx, s)
		if g == nil {
			g = &guard{Site: s, fn: s.Func, stmt: s.Stmt}
		}
		guards = append(guards, g)
	}
	return guards
}

// mutexName returns the name of the new mutex, after the value, or after the
// struct variable of which it guards several fields.
func (l *locking) mutexName() string {
	v := l.v
	all := l.values()
	l.v = all[0]
	if slices.ContainsFunc(all[1:], func(other *detect.Variable) bool { return other.Obj == l.v.Obj }) {
		l.v = l.fx.Variable(l.v.Obj)
	}
	name := l.companion("Mu")
	l.v = v
	return name
}

// plan lets every function that uses the variables take the lock.
func (l *locking) plan() *Refusal {
	if r := l.collect(); r != nil {
		return r
	}
	if r := l.newOrder(); r != nil {
		return r
	}
	if r := l.elementsStay(); r != nil {
		return r
	}
	if r := l.fieldsStay(); r != nil {
		return r
	}
	for _, f := range l.fx.Funcs {
		if len(l.byFunc[f]) == 0 {
			continue
		}
		if r := l.function(f, l.byFunc[f]); r != nil {
			return r
		}
	}
	if l.fill != nil && !l.kept {
		l.dropOnce()
	}
	if r := l.splitAll(); r != nil {
		return r
	}
	if l.lock.Root == nil {
		l.declareLock(l.values(), l.besideSpec(), "var "+l.mu+" sync.Mutex", []string{"sync"})
	}
	if l.fill == nil {
		l.canEmpty()
	}
	l.proved("lock-order")
	return nil
}

// besideSpec returns the spec that the mutex is declared behind: that of the
// last variable that it guards in the group of the first, or in the
// declarations that follow it line by line.
func (l *locking) besideSpec() *ast.ValueSpec {
	vars := slices.Clone(l.values())
	slices.SortStableFunc(vars, func(a, b *detect.Variable) int { return int(a.Obj.Pos() - b.Obj.Pos()) })
	last := l.values()[0]
	for _, v := range vars {
		if v.Spec == nil || last.Spec == nil || v.Spec.Pos() <= last.Spec.Pos() {
			continue
		}
		if v.Decl == last.Decl || l.linesBetween(last.Decl, v.Decl) == 1 {
			last = v
		}
	}
	return last.Spec
}

// linesBetween returns how many lines lie between the end of a and the start
// of b, which may be in another file; the comments above b count.
func (l *locking) linesBetween(a, b *ast.GenDecl) int {
	end, start := l.pkg.Fset.Position(a.End()), l.pkg.Fset.Position(b.Pos())
	if b.Doc != nil {
		start = l.pkg.Fset.Position(b.Doc.Pos())
	}
	if end.Filename != start.Filename {
		return -1
	}
	return start.Line - end.Line
}

// collect finds the accesses that need the lock, by function.
func (l *locking) collect() *Refusal {
	vars := l.values()
	if l.fill != nil {
		vars = append(vars, l.once)
	}
	seen := make(map[*detect.Access]bool)
	for _, v := range vars {
		for _, a := range v.Accesses {
			if seen[a] || l.lock.Root != nil && a.Held.Holds(l.lock, a.Kind != detect.Read) || early(a) || l.inner[a.In] || l.split[a.In] {
				continue
			}
			seen[a] = true
			in := a.In
			if l.fill != nil && in == l.fill.lit {
				in = l.fill.in
			}
			if in == nil || in.Body() == nil {
				return refuse(InitOrder, a.Pos(), "%s is used while the package is initialised", v.Name())
			}
			l.byFunc[in] = append(l.byFunc[in], a)
		}
	}
	for _, all := range l.byFunc {
		slices.SortFunc(all, func(a, b *detect.Access) int { return int(a.Pos() - b.Pos()) })
	}
	return nil
}

// early reports whether a happens before anything runs at the same time, or
// stands in a test file.
func early(a *detect.Access) bool {
	return a.Phase == detect.Initial || a.Phase == detect.Startup || a.File.Test
}

// elementsStay proves that no map or slice that changes under the lock is
// used by those who were handed it.
func (l *locking) elementsStay() *Refusal {
	for _, v := range l.values() {
		if !isMapOrSlice(l.fieldType(v)) || !slices.ContainsFunc(v.Accesses, func(a *detect.Access) bool { return a.Kind == detect.Element && !early(a) }) {
			continue
		}
		for _, a := range v.Accesses {
			if a.Kind == detect.Read && !staysInside(l.pkg.Info, a) {
				return refuse(Escapes, a.Pos(), "%s, whose elements change, is handed out here", v.Name())
			}
		}
	}
	return nil
}

// fieldType returns the type of v, or of the field of it that v stands for.
func (d *draft) fieldType(v *detect.Variable) types.Type {
	if f := d.varAt(v.Obj, v.Field); f != nil {
		return f.Type()
	}
	return v.Obj.Type()
}
