package rewrite

import (
	"go/ast"
	"slices"

	"github.com/singletonfix/singletonfix/detect"
)

// readsInOne proves that nobody calls a helper that fills the variable, and
// then reads it by itself, where a reset may empty it in between: two locks,
// one after the other, do not help the reader, who counts on a value.
func (d *draft) readsInOne() *Refusal {
	for _, v := range d.values() {
		reset := d.emptiedBy(v)
		if reset == nil {
			continue
		}
		for _, a := range v.Accesses {
			if a.Kind != detect.Read || a.In == nil || a.In.File.Test || d.tests(a.In) {
				continue
			}
			if c := d.filledBefore(a); c != nil {
				return refuse(NoForm, a.Pos(), "%s reads %s behind %s, which fills it, and %s may empty it in between; let %s return the value", a.In.Name(), v.Name(), c.Callee.Name(), reset.Name(), c.Callee.Name())
			}
		}
	}
	return nil
}

// emptiedBy returns a function that empties v while others may use it, or nil.
func (d *draft) emptiedBy(v *detect.Variable) *detect.Func {
	for _, a := range v.Accesses {
		if a.Kind == detect.Write && a.In != nil && !a.In.File.Test && a.In.Phase != detect.Initial && !d.tests(a.In) && a.Value != nil && d.empties(v, a.Value) {
			return a.In
		}
	}
	return nil
}

// tests reports whether f holds a test that decides about the filling.
func (d *draft) tests(f *detect.Func) bool {
	return slices.ContainsFunc(d.Singleton.Sites, func(s *detect.Site) bool { return s.Func == f })
}

// filledBefore returns the call, in front of the read a, of a function that
// fills the variable, unless one lock is held from the one to the other; or nil.
func (d *draft) filledBefore(a *detect.Access) *detect.Call {
	for _, c := range a.In.Calls {
		if c.Mode != detect.Plain || c.Callee == nil || c.Expr.End() > a.Pos() || !d.tests(c.Callee) {
			continue
		}
		if !slices.ContainsFunc(a.Held, func(l detect.Lock) bool { return c.Held.Holds(l, false) }) {
			return c
		}
	}
	return nil
}

// loadsAgain returns what counts on the test of g and loads the atomic once
// more, without the lock, if the atomic is also stored outside the guards and
// may be emptied in between: behind the test, around it in a loop, in what is
// deferred in front of it, and in what these call.
func (d *draft) loadsAgain(g *guard, guards []*guard, underLock func(*detect.Access) bool) []*detect.Access {
	if d.storedOutside(guards) == nil {
		return nil
	}
	body := g.fn.Body().List
	at := max(0, stmtAround(body, g.stmt))
	later := nodes(body[at:])
	for _, s := range body[:at] {
		ast.Inspect(s, func(n ast.Node) bool {
			lit, ok := n.(*ast.FuncLit)
			if ok {
				later = append(later, lit.Body)
			}
			return !ok
		})
	}
	called := reachOf(d.fx, later...).funcs
	return slices.DeleteFunc(slices.Clone(d.v.Accesses), func(a *detect.Access) bool {
		if a.Atomic != detect.AtomicLoad || isTestOf(guards, a) || underLock(a) {
			return true
		}
		return len(within([]*detect.Access{a}, later...)) == 0 && (!called[a.In] || d.tests(a.In))
	})
}

// loadedTwice proves that nobody who only reads the atomic tests it and loads
// it again without the lock, if it may be emptied in between.
func (d *draft) loadedTwice(guards []*guard, underLock func(*detect.Access) bool) *Refusal {
	if d.storedOutside(guards) == nil {
		return nil
	}
	loaded := make(map[*detect.Func]bool)
	for _, a := range d.v.Accesses {
		if a.Atomic != detect.AtomicLoad || a.In == nil || a.In.File.Test || early(a) || d.tests(a.In) || underLock(a) {
			continue
		}
		if loaded[a.In] {
			return refuse(ControlFlow, a.Pos(), "%s loads %s once more here, and it may be emptied in between; let it load it once", a.In.Name(), a.Var.Name())
		}
		loaded[a.In] = true
	}
	return nil
}

// loadedAgain refuses what [draft.loadsAgain] has found.
func loadedAgain(a *detect.Access) *Refusal {
	return refuse(ControlFlow, a.Pos(), "%s may be emptied between its test and this, which loads it once more", a.Var.Name())
}

// storedOutside returns a write of the variable at run time that no guard makes, or nil.
func (d *draft) storedOutside(guards []*guard) *detect.Access {
	for _, a := range d.v.Accesses {
		if a.Kind == detect.Write && !early(a) && !isTestOf(guards, a) && !inBlocks(guards, a) {
			return a
		}
	}
	return nil
}

// isTestOf reports whether a is the test of a guard: a compare-and-swap is a write too.
func isTestOf(guards []*guard, a *detect.Access) bool {
	return slices.ContainsFunc(guards, func(g *guard) bool { return g.Read == a })
}
