package load

import (
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
	x.seen, x.modules, x.index, x.effects, x.starts = s.seen, s.modules, s.index, s.effects, s.starts
	var units []*unit
	for _, pkg := range s.Packages {
		if u := s.unit(pkg); slices.Contains(paths, u.path) {
			units = append(units, u)
		}
	}
	x.Looked = len(units)
	x.exports = &exportsOf{cfg: s.cfg, byModule: make(map[*module]*exports)}
	var folders []*folder
	for _, u := range units {
		folders = append(folders, u.folder)
	}
	if err := x.exports.want(folders); err != nil {
		return nil, err
	}
	x.checkAll(units)
	x.Missing = x.exports.missing()
	x.sort()
	return x, nil
}

// usesC reports whether cgo takes part in a package: its types are faked then.
func usesC(pkg *detect.Package) bool {
	return slices.ContainsFunc(pkg.Files, func(f *detect.File) bool { return slices.Contains(importPaths(f.Syntax), "C") })
}
