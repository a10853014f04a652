package load

import (
	"maps"
	"slices"

	"github.com/singletonfix/singletonfix/detect"
)

// Exact loads packages of s again, by import path, with the real types of
// what they import, which the go command compiles if need be.
//
// An import that cannot be had is faked, as in Scan: the package lists it in
// Assumed, and the Set in Missing with the reason. What is wrong with a
// package is in Errors.
func (s *Set) Exact(paths []string) (*Set, error) {
	x := newSet(s.cfg)
	x.folders, x.modules, x.index = s.folders, s.modules, s.index
	var units []*unit
	for _, pkg := range s.Packages {
		if u := s.units[pkg]; slices.Contains(paths, u.path) {
			units = append(units, u)
		}
	}
	x.Looked = len(units)
	x.exports = newExports(s.cfg)
	if err := x.exports.list(x.wanted(units)); err != nil {
		return nil, err
	}
	x.checkAll(units)
	x.Missing = x.exports.missing()
	x.sort()
	return x, nil
}

// wanted returns, for each module, the import paths whose types units need:
// those they import, those that a fix may add, and what the tests and the
// other packages that verify type-checks import.
func (s *Set) wanted(units []*unit) map[*module][]string {
	sets := make(map[*module]map[string]bool)
	add := func(f *folder) {
		set := sets[f.mod]
		if set == nil {
			set = map[string]bool{"context": true, "errors": true, "fmt": true, "sync": true, "sync/atomic": true}
			sets[f.mod] = set
		}
		for path := range f.imports {
			set[path] = true
		}
	}
	for _, u := range units {
		add(u.folder)
		for _, f := range s.importersOf(u.folder.mod, u.path) {
			add(f)
		}
	}
	wanted := make(map[*module][]string)
	for mod, set := range sets {
		delete(set, "C")
		delete(set, "unsafe")
		wanted[mod] = slices.Sorted(maps.Keys(set))
	}
	return wanted
}

// usesC reports whether cgo takes part in a package: its types are faked then.
func usesC(pkg *detect.Package) bool {
	return slices.ContainsFunc(pkg.Files, func(f *detect.File) bool { return slices.Contains(importPaths(f.Syntax), "C") })
}
