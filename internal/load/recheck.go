package load

import (
	"fmt"
	"go/types"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/singletonfix/singletonfix/detect"
)

// A Checked is a package, its tests and what imports it, type-checked.
type Checked struct {
	Package *detect.Package
	// Errors are all errors that go/types finds: those of the package, of its
	// external test and of the packages that import it. Where imports are
	// faked they are mostly echoes of that, and only worth comparing.
	Errors []Error
	// Alone says that to others the package is what it was, so that neither its
	// external test nor what imports it was checked.
	Alone bool
}

// Recheck type-checks pkg anew, as it was loaded, with overlay's content in
// place of its files': itself with its tests, its external test package, and
// the packages that import it in its module, in modules nested there and in
// its workspace. A nil overlay gives what stands on the disk.
//
// The error says which file does not parse, or that pkg is not of s.
//
// With says which other packages overlay changes: they, and what lies between
// them and the others, are type-checked from their source, too.
func (s *Set) Recheck(pkg *detect.Package, overlay map[string][]byte, with ...*detect.Package) (*Checked, error) {
	r, f, changed, err := s.recheckAlone(pkg, overlay, with...)
	if err != nil {
		return nil, err
	}
	u := s.unit(pkg)
	if u.path != f.path { // an external test package: nothing imports it
		return &Checked{Package: changed, Errors: r.errs}, nil
	}
	r.given[f.path] = changed.Types
	importers := s.importersOf(u.folder.mod, f.path)
	if len(overlay) > 0 && len(with) == 0 && !changesAny(overlay, f, importers) && looksTheSame(pkg.Types, changed.Types) {
		return &Checked{Package: changed, Errors: r.errs, Alone: true}, nil
	}
	if s.exports != nil {
		maps.Copy(r.between, s.dependents(u.folder))
		maps.DeleteFunc(r.between, func(path string, _ *folder) bool { return r.given[path] != nil })
		if err := s.exports.want(importers); err != nil {
			return nil, err
		}
	}
	xtest := f.clone()
	xtest.files = nil // checked just now
	r.checkImporter(xtest)
	for _, old := range importers {
		if old.dir == f.dir {
			continue
		}
		if imp, err := r.read(old); err != nil {
			r.errs = append(r.errs, Error{Package: old.path, Msg: err.Error()})
		} else {
			r.checkImporter(imp)
		}
	}
	return &Checked{Package: changed, Errors: r.errs}, nil
}

// RecheckAlone is Recheck without what imports pkg.
func (s *Set) RecheckAlone(pkg *detect.Package, overlay map[string][]byte) (*Checked, error) {
	r, _, changed, err := s.recheckAlone(pkg, overlay)
	if err != nil {
		return nil, err
	}
	return &Checked{Package: changed, Errors: r.errs, Alone: true}, nil
}

// recheckAlone type-checks pkg anew, and returns its folder with it.
func (s *Set) recheckAlone(pkg *detect.Package, overlay map[string][]byte, with ...*detect.Package) (*rechecker, *folder, *detect.Package, error) {
	u := s.unit(pkg)
	if u == nil {
		return nil, nil, nil, fmt.Errorf("type-check %s again: it was loaded elsewhere", pkg.Path)
	}
	r := &rechecker{set: s.overlaid(overlay), path: u.folder.path, given: make(map[string]*types.Package), between: make(map[string]*folder)}
	f, err := r.read(u.folder)
	if err != nil {
		return nil, nil, nil, err
	}
	if u.path != f.path {
		r.given = r.set.givenTo(u)
		changed := r.checkUnit(&unit{folder: f, path: u.path, files: f.xtest})
		changed.World, changed.Imported, changed.Left = pkg.World, pkg.Imported, pkg.Left
		return r, f, changed, nil
	}
	if err := r.also(f, with); err != nil {
		return nil, nil, nil, err
	}
	changed := r.checkUnit(&unit{folder: f, path: f.path, files: f.files})
	changed.World, changed.Imported, changed.Left = pkg.World, pkg.Imported, pkg.Left
	return r, f, changed, nil
}

// also has f's package see the packages with as they are changed.
func (r *rechecker) also(f *folder, with []*detect.Package) error {
	for _, pkg := range with {
		u := r.set.unit(pkg)
		if u == nil || u.path != u.folder.path {
			continue // of another set, or an external test: nothing imports it
		}
		maps.Copy(r.between, r.set.dependents(u.folder))
		r.between[u.path] = u.folder
	}
	delete(r.between, f.path)
	if len(r.between) == 0 {
		return nil
	}
	if r.set.exports != nil {
		if err := r.set.exports.want(slices.Collect(maps.Values(r.between))); err != nil {
			return err
		}
	}
	r.given = r.withSources(f)
	return nil
}

// overlaid returns s as it would be with other content for some files.
func (s *Set) overlaid(overlay map[string][]byte) *Set {
	cfg := *s.cfg
	cfg.Overlay = maps.Clone(s.cfg.Overlay)
	if cfg.Overlay == nil {
		cfg.Overlay = make(map[string][]byte)
	}
	maps.Copy(cfg.Overlay, overlay)
	o := *s
	o.cfg = &cfg
	return &o
}

// A rechecker type-checks one package and what hangs on it.
type rechecker struct {
	set     *Set
	path    string                    // of the package
	given   map[string]*types.Package // the package, and what imports it, from source
	between map[string]*folder        // what imports it, directly or not
	errs    []Error
}

// read reads a folder's files anew.
func (r *rechecker) read(old *folder) (*folder, error) {
	entries, err := os.ReadDir(old.dir)
	if err != nil {
		return nil, fmt.Errorf("read %s again: %w", old.path, err)
	}
	f := r.set.readFolder(list(old.dir, entries, false), old.mod)
	if len(f.errs) > 0 {
		return nil, f.errs[0]
	}
	return f, nil
}

func (r *rechecker) checkUnit(u *unit) *detect.Package {
	pkg, errs := r.set.checkRaw(u, r.given)
	r.errs = append(r.errs, allErrors(u, errs, pkg)...)
	return pkg
}

// checkImporter checks a package that imports the rechecked one, and its
// external tests.
func (r *rechecker) checkImporter(f *folder) {
	given := r.given
	defer func() { r.given = given }()
	r.given = r.withSources(f)
	if len(f.files) > 0 {
		r.given[f.path] = r.checkUnit(&unit{folder: f, path: f.path, files: f.files}).Types
	}
	if len(f.xtest) > 0 {
		r.checkUnit(&unit{folder: f, path: f.path + "_test", files: f.xtest})
	}
}

// withSources returns what f's package is given of what it imports: the
// package, and what lies between the two, whose export data would still speak
// of the package as it was.
func (r *rechecker) withSources(f *folder) map[string]*types.Package {
	for _, path := range f.importPaths() {
		r.source(path)
	}
	return maps.Clone(r.given)
}

// source type-checks the package at path from its source, if it imports the
// rechecked one, directly or not. Its errors are no news: it is checked for
// its own sake where it imports the package directly.
func (r *rechecker) source(path string) {
	old := r.between[path]
	if old == nil || r.given[path] != nil {
		return
	}
	delete(r.between, path) // each once, and no cycle
	f, err := r.read(old)
	if err != nil {
		return
	}
	files := slices.DeleteFunc(slices.Clone(f.files), func(df *detect.File) bool { return df.Test })
	for _, df := range files {
		for _, p := range importPaths(df.Syntax) {
			r.source(p)
		}
	}
	pkg, _ := r.set.checkRaw(&unit{folder: f, path: f.path, files: files}, r.given)
	r.given[path] = pkg.Types
}

// givenTo returns what an external test package must import in place of
// export data: its package as the in-package tests extend it, and all that
// lies between the two. Other packages, and faked imports, need nothing.
func (s *Set) givenTo(u *unit) map[string]*types.Package {
	home := u.folder
	if s.exports == nil || u.path == home.path {
		return nil
	}
	r := &rechecker{set: s, path: home.path, given: make(map[string]*types.Package), between: s.dependents(home)}
	f, err := r.read(home)
	if err == nil {
		err = s.exports.want(slices.Collect(maps.Values(r.between)))
	}
	if err != nil {
		return nil // it was there a moment ago; what is missing will show
	}
	pkg, _ := s.checkRaw(&unit{folder: f, path: f.path, files: f.files}, nil)
	r.given[f.path] = pkg.Types
	return r.withSources(f)
}

// dependents returns the folders whose packages import that of home, directly
// or not, tests aside, by import path.
func (s *Set) dependents(home *folder) map[string]*folder {
	all := make(map[string]*folder)
	todo := []string{home.path}
	for len(todo) > 0 {
		path := todo[0]
		todo = todo[1:]
		for _, f := range s.importersOf(home.mod, path) {
			if f.importsInCode(path) && all[f.path] == nil && f.dir != home.dir {
				all[f.path] = f
				todo = append(todo, f.path)
			}
		}
	}
	return all
}

// Read returns what a file holds now, as s reads it.
func (s *Set) Read(name string) ([]byte, error) { return s.cfg.read(name) }

// Dir returns the directory of a package of s, "" for others.
func (s *Set) Dir(pkg *detect.Package) string {
	if u := s.unit(pkg); u != nil {
		return u.folder.dir
	}
	return ""
}

// ModuleRoot returns the directory of the go.mod of a package of s, "" for others.
func (s *Set) ModuleRoot(pkg *detect.Package) string {
	if u := s.unit(pkg); u != nil {
		return filepath.Clean(u.folder.mod.root)
	}
	return ""
}
