package load

import (
	"go/ast"
	"go/types"
	"maps"
	"slices"
	"sync"

	"github.com/singletonfix/singletonfix/detect"
)

// Imported makes known to pkg what functions of other packages of its module
// do that matters to it: lock a mutex for their caller, start goroutines; what
// its tests call matters to nobody else. It reports whether there is anything
// to know. Where the imports of s are faked, pkg's types are found again, with
// the real ones of those packages.
func (s *Set) Imported(pkg *detect.Package) bool {
	u := s.unit(pkg)
	if u == nil || pkg.Imported != nil {
		return false
	}
	known := make(map[string]*detect.Effect)
	given := make(map[string]*types.Package)
	files := slices.DeleteFunc(slices.Clone(u.files), func(f *detect.File) bool { return f.Test && !s.cfg.Tests })
	names := namesIn(files)
	for _, path := range pathsIn(files) {
		if f := s.neighbour(u.folder.mod, path); f != nil && f.importsInCode("sync") && intersect(names, s.effectNames(f)) {
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
	read   sync.Once
	names  map[string]bool // of functions of which there may be something to know
	find   sync.Once
	pkg    *types.Package
	byName map[string]*detect.Effect // by types.Func.FullName
}

// pathsIn returns what files import, sorted.
func pathsIn(files []*detect.File) []string {
	var paths []string
	for _, f := range files {
		paths = append(paths, importPaths(f.Syntax)...)
	}
	slices.Sort(paths)
	return slices.Compact(paths)
}

// namesIn returns all identifiers of files.
func namesIn(files []*detect.File) map[string]bool {
	names := make(map[string]bool)
	for _, f := range files {
		ast.Inspect(f.Syntax, func(n ast.Node) bool {
			if id, ok := n.(*ast.Ident); ok {
				names[id.Name] = true
			}
			return true
		})
	}
	return names
}

func (s *Set) effectsAt(dir string) *effects {
	known, _ := s.effects.LoadOrStore(dir, new(effects))
	return known.(*effects)
}

// effectNames returns the names of those exported functions of a folder's
// package that may have an effect, as its syntax shows. It is found out once.
func (s *Set) effectNames(old *folder) map[string]bool {
	e := s.effectsAt(old.dir)
	e.read.Do(func() {
		f := newFolder(old.dir, old.mod)
		s.fill(f, old.names)
		if len(f.errs) == 0 {
			e.names = mayHaveEffects(f.files)
		}
	})
	return e.names
}

// effectsOf type-checks the package of a folder, alone, for its effects: once.
func (s *Set) effectsOf(old *folder) *effects {
	e := s.effectsAt(old.dir)
	e.find.Do(func() {
		f := newFolder(old.dir, old.mod)
		s.fill(f, old.names)
		if len(f.files) == 0 || len(f.errs) > 0 {
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
