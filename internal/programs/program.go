// Package programs is a grammar of programs: it writes the packages that
// people write around a lazily initialised value, in all combinations of what
// is unsafe, what is guarded, how it is spelled, what may fail, who resets,
// reads and assigns the value besides, and how the file is laid out.
//
// Program n of a seed is always the same bytes. What the programs are good
// for is not decided here: the test beside this package fixes them, and holds
// what the fixed ones do against what the original ones do.
package programs

import (
	"fmt"
	"math/rand/v2"
	"slices"
)

// A Program is one package, or two of which the second uses what the first exports.
type Program struct {
	Name    string     // of the package and of its folder
	Go      string     // language version that it is written for: "1.21"
	Pattern string     // the flaw that it has by design; "safe" where it has none
	Unsafe  [][]string // for each value that is unsafe by design, the variables that it is kept in
	Shape   []string   // the choices that made it, "axis choice"
	Files   []File     // as somebody might have written them
	// Meant are what Files may mean to do, where a single goroutine can tell
	// the difference: with the error kept, with a lock that works, without
	// the Once. A fix may do as one of them does: the documentation of the
	// patterns lists these changes.
	Meant [][]File
	Ops   []File // func Ops, which lists what a script can call; see ops.go
}

// A File is one file of a program.
type File struct {
	Name string
	Text string
}

// New returns program n of a seed.
func New(seed, n uint64) *Program {
	p := write(seed, n, 0)
	for variant := 1; variant <= variants; variant++ {
		meant := write(seed, n, variant).Files
		if !slices.Equal(p.Files, meant) {
			p.Meant = append(p.Meant, meant)
		}
	}
	return p
}

// variants is how many things a program may mean.
const variants = 2

// write writes program n of a seed: as it is, or what it may mean. No choice
// of what the program does depends on that; how its text is laid out may.
func write(seed, n uint64, meant int) *Program {
	g := &gen{rng: rand.New(rand.NewPCG(seed, n)), meant: meant}
	p := &Program{Name: fmt.Sprintf("p%05d", n), Go: g.version()}
	p.Pattern = g.pattern()
	units := g.units(p.Pattern)
	p.Files = g.files(p.Name, units)
	for _, u := range units {
		if u.pattern != "safe" {
			p.Unsafe = append(p.Unsafe, u.names())
		}
	}
	p.Ops = []File{opsFile(p.Name, units)}
	if slices.ContainsFunc(units, func(u *unit) bool { return len(u.users) > 0 }) {
		p.Ops = append(p.Ops, g.usersOpsFile(p.Name, units))
	}
	p.Shape = g.shape
	return p
}
