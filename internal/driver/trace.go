package driver

import (
	"github.com/singletonfix/singletonfix/detect"
	"github.com/singletonfix/singletonfix/internal/load"
)

// trace looks again at the packages with something unsafe, knowing by which
// calls, through whatever packages of the module, goroutines come to them.
func (r *run) trace(looks []*look) {
	unsafe := make(map[*load.Set][]*detect.Package) // a second look may be of another set
	for _, l := range looks {
		if l.unsafe() && l.pkg.World != nil {
			unsafe[l.set] = append(unsafe[l.set], l.pkg)
		}
	}
	for set, pkgs := range unsafe {
		dependents := set.Dependents(pkgs)
		if len(dependents) == 0 {
			continue
		}
		worlds := detect.Trace(dependents)
		for _, l := range looks {
			if traced := worlds[l.pkg.Path]; l.set == set && l.unsafe() && traced != nil && len(traced.Uses) > 0 {
				l.pkg.World.Learn(traced, dependents[0].Fset, l.pkg)
				l.singletons, l.suppressed, l.known = nil, nil, 0
				l.guard("looking for singletons", func() { r.sort(l, r.find(l.pkg, set)) })
			}
		}
	}
}
