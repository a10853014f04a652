package programs

import (
	"math/rand/v2"
	"strconv"
	"strings"
)

// A gen makes the choices of one program.
type gen struct {
	rng       *rand.Rand
	meant     int // write what the program may mean: see [Program]; 0: as it is
	minor     int // of the language version
	goVersion string
	shape     []string // the choices that were made
}

// one returns one of from.
func (g *gen) one(from ...string) string { return from[g.rng.IntN(len(from))] }

// chance reports true in so many of a hundred cases.
func (g *gen) chance(percent int) bool { return g.rng.IntN(100) < percent }

// pick returns one of from, and remembers what it was. A choice that stands
// there twice is twice as likely.
func (g *gen) pick(axis string, from ...string) string {
	choice := g.one(from...)
	g.note(axis, choice)
	return choice
}

func (g *gen) note(axis, choice string) { g.shape = append(g.shape, axis+" "+choice) }

// version chooses the language version: most programs are new, and every
// version that lacks something has its share.
func (g *gen) version() string {
	v := g.pick("go", "26", "26", "26", "26", "26", "17", "18", "20", "21")
	g.minor, _ = strconv.Atoi(v)
	g.goVersion = "1." + v
	return g.goVersion
}

// pattern chooses the flaw, or none.
func (g *gen) pattern() string {
	from := []string{
		"nil-check", "nil-check", "nil-check", "nil-check", "nil-check",
		"flag-guard", "flag-guard", "helper-init", "helper-init",
		"broken-double-check", "missing-recheck", "local-lock", "checked-once",
		"once-reset", "lost-once-error", "early-publish", "racy-atomic",
		"unlocked-reset", "unlocked-read", "lazy-registry", "lazy-registry", "lazy-field", "safe",
	}
	return g.pick("pattern", from...)
}

// atomics reports whether the language has the types of sync/atomic.
func (g *gen) atomics() bool { return g.minor >= 19 }

// generics reports whether the language has type parameters.
func (g *gen) generics() bool { return g.minor >= 18 }

// subst replaces $name by its value, for pairs of names and values.
func subst(text string, pairs ...string) string {
	for i := 0; i < len(pairs); i += 2 {
		text = strings.ReplaceAll(text, pairs[i], pairs[i+1])
	}
	return text
}
