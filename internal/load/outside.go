package load

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strconv"

	"github.com/singletonfix/singletonfix/detect"
)

// outside returns all places outside u's package that name an exported
// variable of it, in order of file: in its module, in those nested there and
// in its workspace, whatever the build leaves out of them.
func (s *Set) outside(u *unit, name string, fset *token.FileSet) ([]*detect.OutsideUse, error) {
	all := s.everywhere(u.folder.mod)
	found := make([][]*detect.OutsideUse, len(all))
	errs := make([]error, len(all))
	parallel(len(all), func(i int) { found[i], errs[i] = s.outsideIn(all[i], u, name, fset) })
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	return slices.Concat(found...), nil
}

// outsideIn is outside for one directory.
func (s *Set) outsideIn(f *folder, u *unit, name string, fset *token.FileSet) ([]*detect.OutsideUse, error) {
	var found []*detect.OutsideUse
	for _, base := range f.importers(u.path) {
		full := filepath.Join(f.dir, base)
		src, err := s.cfg.read(full)
		if err != nil {
			return nil, fmt.Errorf("look for %s in %s: %w", name, full, err)
		}
		if !selectsAny(src, u.path, u.folder.name, map[string]bool{name: true}) {
			continue // most that import the package use something else of it
		}
		file, err := parser.ParseFile(fset, full, src, parser.ParseComments) // a local name may shadow the import
		if err != nil {
			return nil, fmt.Errorf("look for %s: %w", name, err)
		}
		df := &detect.File{Name: full, Syntax: file, Src: src, Test: isTest(base), Generated: ast.IsGenerated(file)}
		left := !s.build.match(base, headOf(src)) || s.leavesOut(file.Name.Name, importPaths(file))
		other := true
		if m, err := s.moduleOfDir(f.dir); err == nil {
			other = m.root != u.folder.mod.root
		}
		for _, stack := range usesIn(file, u, name) {
			found = append(found, &detect.OutsideUse{File: df, Stack: stack, Left: left, Other: other})
		}
	}
	return found, nil
}

// moduleOfDir is moduleOf for several callers at a time.
func (s *Set) moduleOfDir(dir string) (*module, error) {
	s.index.mu.Lock()
	defer s.index.mu.Unlock()
	return s.moduleOf(dir)
}

// usesIn returns the selectors of file that name a variable of u's package,
// each with the nodes around it, and its imports by a dot.
func usesIn(file *ast.File, u *unit, name string) (stacks [][]ast.Node) {
	called := make(map[string]bool)
	for _, spec := range file.Imports {
		switch path, err := strconv.Unquote(spec.Path.Value); {
		case err != nil || path != u.path:
		case spec.Name == nil:
			called[u.folder.name] = true
		case spec.Name.Name == ".":
			stacks = append(stacks, []ast.Node{file, spec})
		default:
			called[spec.Name.Name] = true
		}
	}
	var stack []ast.Node
	ast.Inspect(file, func(n ast.Node) bool {
		if n == nil {
			stack = stack[:len(stack)-1]
			return true
		}
		stack = append(stack, n)
		if sel, ok := n.(*ast.SelectorExpr); ok && sel.Sel.Name == name {
			if x, ok := sel.X.(*ast.Ident); ok && called[x.Name] && x.Obj == nil {
				stacks = append(stacks, slices.Clone(stack))
			}
		}
		return true
	})
	return stacks
}
