package rewrite

import (
	"github.com/singletonfix/singletonfix/detect"
)

// planLockFirst takes the author's mutex in front of the first test, for
// variables that cannot become atomic. It is what a registry gets whose lock
// is taken too late.
func planLockFirst(d *draft) *Refusal {
	mu := d.Singleton.Mutex
	if mu == nil || d.once != nil {
		return refuse(NoForm, d.v.Obj.Pos(), "it is unclear which mutex guards %s", d.v.Name())
	}
	g := d.newRegistry()
	g.own, g.mu, g.lock = true, mu.Name(), detect.Lock{Root: mu.Obj, Path: mu.Field}
	for _, s := range d.Singleton.Sites {
		if s.Read.In != s.Func {
			return refuse(ControlFlow, s.Read.Pos(), "%s is tested in %s for %s, which fills it", d.v.Name(), s.Read.In.Name(), s.Func.Name())
		}
	}
	if r := g.elementsStay(); r != nil {
		return r
	}
	g.note("every call takes " + g.mu + " now, also where " + d.v.Name() + " is filled")
	return g.plan()
}
