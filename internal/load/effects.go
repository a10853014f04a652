package load

import (
	"go/types"
	"maps"
	"slices"
	"sync"

	"github.com/singletonfix/singletonfix/detect"
)

// Imported makes known to pkg what functions of other packages of its module
// do that matters to it: lock a mutex for their caller, start goroutines. It
// reports whether there is anything to know. Where the imports of s are faked,
// pkg's types are found again, with the real ones of those packages.
func (s *Set) Imported(pkg *detect.Package) bool {
	u := s.unit(pkg)
	if u == nil || pkg.Imported != nil {
		return false
	}
	known := make(map[string]*detect.Effect)
	given := make(map[string]*types.Package)
	for _, path := range u.folder.importPaths() {
		if f := s.neighbour(u.folder.mod, path); f != nil && f.importsInCode("sync") {
			if e := s.effectsOf(f); len(e.byName) > 0 {
				maps.Copy(known, e.byName)
				given[path] = e.pkg
			}
		}
	}
	if len(known) == 0 {
		return false
	}
	if s.exports == nil {
		again, _ := s.checkRaw(u, given)
		pkg.Types, pkg.Info, pkg.Assumed = again.Types, again.Info, again.Assumed
	}
	pkg.Imported = func(f *types.Func) *detect.Effect { return known[f.FullName()] }
	return true
}

// neighbour returns the folder of the package at path, if it is of mod, of a
// module nested in it, or of its workspace; else nil.
func (s *Set) neighbour(mod *module, path string) *folder {
	all := s.neighbours(mod)
	i := slices.IndexFunc(all, func(f *folder) bool { return f.path == path })
	if i < 0 {
		return nil
	}
	return all[i]
}

// effects are what is to be known of one package's functions.
type effects struct {
	find   sync.Once
	pkg    *types.Package
	byName map[string]*detect.Effect // by types.Func.FullName
}

// effectsOf type-checks the package of a folder, alone, for its effects: once.
func (s *Set) effectsOf(old *folder) *effects {
	known, _ := s.effects.LoadOrStore(old.dir, new(effects))
	e := known.(*effects)
	e.find.Do(func() {
		f := newFolder(old.dir, old.mod)
		s.fill(f, old.names)
		if len(f.files) == 0 || len(f.errs) > 0 || !mayHaveEffects(f.files) {
			return
		}
		pkg, _ := s.checkRaw(&unit{folder: f, path: f.path, files: f.files}, nil)
		e.pkg, e.byName = pkg.Types, make(map[string]*detect.Effect)
		for obj, effect := range detect.BuildFacts(pkg).Effects() {
			e.byName[obj.FullName()] = effect
		}
	})
	return e
}

// fill reads the named files into f, those of tests left out.
func (s *Set) fill(f *folder, names []string) {
	code, _ := split(names)
	s.addFiles(f, code)
	f.settle()
}
