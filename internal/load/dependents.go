package load

import (
	"go/token"
	"go/types"
	"slices"

	"github.com/singletonfix/singletonfix/detect"
)

// Dependents returns pkgs and the packages that import them, directly or
// not, in their modules, those nested there and their workspaces, tests left
// out: type-checked from source against each other, all other imports faked
// or as s has them, in one FileSet, and each after those that it imports.
func (s *Set) Dependents(pkgs []*detect.Package) []*detect.Package {
	d := &dependentsLoader{set: s, fset: token.NewFileSet(), folders: make(map[string]*folder), given: make(map[string]*types.Package)}
	for _, pkg := range pkgs {
		u := s.unit(pkg)
		if u == nil || u.path != u.folder.path {
			continue // of another set, or an external test: nothing imports it
		}
		d.folders[u.path] = u.folder
		for path, f := range s.dependents(u.folder) {
			d.folders[path] = f
		}
	}
	paths := make([]string, 0, len(d.folders))
	for path := range d.folders {
		paths = append(paths, path)
	}
	slices.Sort(paths)
	for _, path := range paths {
		d.load(path)
	}
	return d.loaded
}

// A dependentsLoader type-checks the packages of folders, dependencies first.
type dependentsLoader struct {
	set     *Set
	fset    *token.FileSet
	folders map[string]*folder // by import path; nil once it is taken up
	given   map[string]*types.Package
	loaded  []*detect.Package
}

func (d *dependentsLoader) load(path string) {
	old := d.folders[path]
	if old == nil {
		return
	}
	d.folders[path] = nil // each once, and no cycle
	f := newFolder(old.dir, old.mod)
	f.fset = d.fset
	d.set.fill(f, old.names)
	if len(f.files) == 0 || len(f.errs) > 0 {
		return // said where it is looked at
	}
	for _, df := range f.files {
		for _, imported := range importPaths(df.Syntax) {
			d.load(imported)
		}
	}
	pkg, _ := d.set.checkRaw(&unit{folder: f, path: f.path, files: f.files}, d.given)
	d.given[path] = pkg.Types
	d.loaded = append(d.loaded, pkg)
}
