package rewrite

import (
	"github.com/singletonfix/singletonfix/detect"
)

// notSession proves that no function that has the variable filled defers its
// teardown: such a value belongs to one operation at a time. A lock around
// the test and the teardown would hide from the race detector that one
// operation still closes what another one works with.
func (d *draft) notSession() *Refusal {
	for _, f := range d.fx.Funcs {
		if f.File.Test || f.Phase != detect.Shared || isMain(f) || f.Body() == nil {
			continue // tears down what the whole program shared
		}
		for _, c := range f.Calls {
			if c.Mode != detect.Deferred || c.Callee == nil || !d.tearsDown(c.Callee) {
				continue
			}
			if d.reachesSite(f) {
				return refuse(Teardown, c.Expr.Pos(), "%s has %s filled, and empties it when it returns, while others may still use it", f.Name(), d.v.Name())
			}
		}
	}
	return nil
}

// isMain reports whether f is the program's main function.
func isMain(f *detect.Func) bool {
	return f.Obj != nil && f.Obj.Name() == "main" && f.Obj.Pkg().Name() == "main" && f.Obj.Signature().Recv() == nil
}

// tearsDown reports whether f, or a function that it calls, empties one of the variables.
func (d *draft) tearsDown(f *detect.Func) bool {
	if f.Body() == nil {
		return false
	}
	r := reachOf(d.fx, f.Body())
	for _, v := range d.values() {
		for _, a := range v.Accesses {
			if a.Kind == detect.Write && a.Value != nil && d.empties(v, a.Value) && (a.In == f || r.funcs[a.In]) {
				return true
			}
		}
	}
	return false
}

// reachesSite reports whether f tests the variable in order to fill it,
// itself or by what it calls.
func (d *draft) reachesSite(f *detect.Func) bool {
	r := reachOf(d.fx, f.Body())
	for _, s := range d.Singleton.Sites {
		if s.Func == f || r.funcs[s.Func] {
			return true
		}
	}
	return false
}
