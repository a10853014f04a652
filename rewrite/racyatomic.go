package rewrite

import (
	"go/ast"
	"slices"

	"github.com/singletonfix/singletonfix/detect"
)

// A retest is an atomic that is tested and stored in two steps, on its way to
// a mutex around the two and a second test behind it. The atomic stays as it is.
type retest struct {
	*draft
	mu     string
	guards []*guard
	order  map[*guard][]ast.Stmt // the block of a guard with its store last, where that moves
	swap   map[*guard]string     // the store that does for the swap, behind the block
}

// planRacyAtomic puts a mutex and a second test around what fills an atomic.
// What it publishes is stored last.
func planRacyAtomic(d *draft) *Refusal {
	x := &retest{draft: d, order: make(map[*guard][]ast.Stmt), swap: make(map[*guard]string)}
	for _, check := range []func() *Refusal{x.findGuards, x.valuesFollow} {
		if r := check(); r != nil {
			return r
		}
	}
	if r := d.notReentrant(x.guards...); r != nil {
		return r
	}
	for _, g := range x.guards {
		if r := x.storeBehind(g); r != nil {
			return r
		}
	}
	if d.Singleton.Mutex != nil {
		return nil // the author's lock is there, and the order was all that was wrong
	}
	if r := d.loadedTwice(x.guards, x.underLock); r != nil {
		return r
	}
	x.mu = x.mutexName()
	for _, g := range x.guards {
		if r := x.guard(g); r != nil {
			return r
		}
	}
	if r := x.writers(); r != nil {
		return r
	}
	l := &locking{draft: d}
	d.declareLock(l.values(), l.besideSpec(), "var "+x.mu+" sync.Mutex", []string{"sync"})
	return nil
}

// mutexName returns the name of the new mutex, after the value.
func (x *retest) mutexName() string {
	v := x.v
	defer func() { x.v = v }()
	x.v = x.Singleton.Vars[0]
	return x.companion("Mu")
}

// findGuards describes the sites: under the author's own lock, the test
// behind the lock.
func (x *retest) findGuards() *Refusal {
	for _, s := range x.Singleton.Sites {
		if s.Outer != nil {
			continue // with its outer test
		}
		if s.Inner != nil {
			if x.Singleton.Mutex == nil {
				return refuse(NoForm, s.Stmt.Pos(), "%s is tested a second time, but not under a lock of the package", x.v.Name())
			}
			s = s.Inner
		} else if x.Singleton.Mutex != nil && !s.Held.Holds(x.authorsLock(), true) {
			return refuse(NoForm, s.Stmt.Pos(), "%s is tested outside %s only", x.v.Name(), x.Singleton.Mutex.Name())
		}
		g := newGuard(x.fx, s)
		if g == nil || len(g.Block) == 0 || len(g.Calls) > 0 || s.Read.In != s.Func {
			return refuse(ControlFlow, s.Stmt.Pos(), "the initialisation of %s does not follow this test of it", x.v.Name())
		}
		if s.Copy == nil && !contains(g.stmt, s.Read.Expr) {
			return refuse(ControlFlow, s.Read.Pos(), "the outcome of this test of %s is kept, and cannot be asked again behind the lock", x.v.Name())
		}
		if s.Var.Obj != x.v.Obj || s.Var.Field != x.v.Field || x.v.Field != "" {
			return refuse(NoForm, s.Stmt.Pos(), "%s is a part of something else, or guards something else", s.Var.Name())
		}
		x.guards = append(x.guards, g)
	}
	if len(x.guards) == 0 {
		return refuse(NoForm, x.v.Obj.Pos(), "nothing tests %s before it is filled", x.v.Name())
	}
	return nil
}

// valuesFollow proves that the plain variables that the atomic publishes are
// only written where it is found unset, and only read behind that.
func (x *retest) valuesFollow() *Refusal {
	inner := x.inner(x.guards)
	for _, v := range x.Singleton.Vars {
		if v.Obj == x.v.Obj {
			continue
		}
		for _, a := range v.Accesses {
			if inBlocks(x.guards, a) || a.In != nil && inner[a.In] || early(a) {
				continue
			}
			if a.Kind != detect.Read {
				return refuse(PartialReset, a.Pos(), "%s is changed here, and %s guards it", v.Name(), x.v.Name())
			}
			if !slices.ContainsFunc(x.guards, func(g *guard) bool { return x.comesAfter(a, g) || x.afterOuter(a, g) }) {
				return refuse(NoForm, a.Pos(), "%s is read here, where %s may not be set", v.Name(), x.v.Name())
			}
		}
		if w := x.storedOutside(x.guards); w != nil {
			return refuse(PartialReset, w.Pos(), "%s is changed here, while others may be using what it guards", x.v.Name())
		}
	}
	return nil
}

// afterOuter reports whether a stands behind the first test of a double check
// whose second one is g.
func (x *retest) afterOuter(a *detect.Access, g *guard) bool {
	if g.Outer == nil {
		return false
	}
	outer := newGuard(x.fx, g.Outer)
	return outer != nil && x.comesAfter(a, outer)
}

// writers lets every function that stores the atomic outside the sites take
// the lock: it would else be undone by a goroutine that is building the value.
func (x *retest) writers() *Refusal {
	l := &locking{draft: x.draft, mu: x.mu, byFunc: make(map[*detect.Func][]*detect.Access), inner: x.inner(x.guards)}
	for _, a := range x.v.Accesses {
		if early(a) || isTestOf(x.guards, a) || inBlocks(x.guards, a) || a.In == nil || a.In.Body() == nil {
			continue
		}
		l.byFunc[a.In] = append(l.byFunc[a.In], a)
	}
	for _, f := range x.fx.Funcs {
		all := l.byFunc[f]
		if !slices.ContainsFunc(all, changes) {
			delete(l.byFunc, f)
		}
	}
	for _, f := range x.fx.Funcs {
		if all := l.byFunc[f]; len(all) > 0 {
			if r := l.function(f, all); r != nil {
				return r
			}
		}
	}
	return nil
}
