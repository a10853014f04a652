package rewrite

import (
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
