package load

import (
	"cmp"
	"go/types"
	"maps"
	"slices"
	"sync"
)

// exportsOf are the exports for each module: in another module the same
// import path may be another version.
type exportsOf struct {
	cfg      *Config
	mu       sync.Mutex
	byModule map[*module]*exports
}

// of returns the exports as mod sees them.
func (x *exportsOf) of(mod *module) *exports {
	x.mu.Lock()
	defer x.mu.Unlock()
	e := x.byModule[mod]
	if e == nil {
		e = &exports{
			cfg:   x.cfg,
			mod:   mod,
			fset:  elsewhere(),
			read:  make(map[string]*types.Package),
			files: make(map[string]string),
			why:   make(map[string]string),
			asked: make(map[string]bool),
		}
		x.byModule[mod] = e
	}
	return e
}

// want makes known what folders import, and what a fix of them may.
func (x *exportsOf) want(folders []*folder) error {
	wanted := make(map[*module]map[string]bool)
	for _, f := range folders {
		set := wanted[f.mod]
		if set == nil {
			set = map[string]bool{"context": true, "errors": true, "fmt": true, "sync": true, "sync/atomic": true}
			wanted[f.mod] = set
		}
		for _, by := range f.imports {
			set[by.path] = true
		}
		delete(set, "C")
		delete(set, "unsafe")
	}
	for _, mod := range slices.SortedFunc(maps.Keys(wanted), byRoot) {
		if err := x.of(mod).list(slices.Sorted(maps.Keys(wanted[mod]))); err != nil {
			return err
		}
	}
	return nil
}

func byRoot(a, b *module) int { return cmp.Compare(a.root, b.root) }

// missing returns the imports that could not be had, in order.
func (x *exportsOf) missing() []Missing {
	var list []Missing
	for _, mod := range slices.SortedFunc(maps.Keys(x.byModule), byRoot) {
		e := x.byModule[mod]
		for _, path := range slices.Sorted(maps.Keys(e.asked)) {
			list = append(list, Missing{Path: path, Msg: e.why[path]})
		}
	}
	slices.SortStableFunc(list, func(a, b Missing) int { return cmp.Compare(a.Path, b.Path) })
	return slices.CompactFunc(list, func(a, b Missing) bool { return a.Path == b.Path })
}
