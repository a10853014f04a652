package load

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/singletonfix/singletonfix/detect"
)

// A ManagerPackage is the place in a module for the package that holds its
// lazily initialised values.
type ManagerPackage struct {
	Path    string            // import path
	Root    string            // of the module, a folder
	Version string            // of the module's language
	Missing map[string][]byte // the files to be written, by name; nil where the package is there
}

// Manager returns the package internal/NAME of pkg's module, NAME the first
// of names that is free or is taken by the package itself: one whose methods
// are those of files, as they would be at an import path. It is nil where the
// module can have no such package.
func (s *Set) Manager(pkg *detect.Package, names []string, files func(importPath string) map[string][]byte) *ManagerPackage {
	u := s.unit(pkg)
	if u == nil || u.folder.mod.path == "" || u.folder.mod.version == "" {
		return nil // of the standard library, or of no module that the go command knows
	}
	mod := u.folder.mod
	internal := filepath.Join(mod.root, "internal")
	if info, err := os.Stat(internal); err == nil && !info.IsDir() {
		return nil
	}
	if _, err := os.Stat(filepath.Join(internal, "go.mod")); err == nil {
		return nil // a module of its own
	}
	for _, name := range names {
		m := &ManagerPackage{Path: path.Join(mod.path, "internal", name), Root: mod.root, Version: mod.version}
		dir := filepath.Join(internal, name)
		wanted := files(m.Path)
		entries, err := os.ReadDir(dir)
		switch {
		case os.IsNotExist(err):
			m.Missing = make(map[string][]byte)
			for file, src := range wanted {
				m.Missing[filepath.Join(dir, file)] = src
			}
			return m
		case err == nil && s.hasMethods(dir, entries, wanted[name+".go"]):
			return m
		}
	}
	return nil
}

// hasMethods reports whether the package in dir declares what src declares:
// its exported methods, word for word up to their bodies.
func (s *Set) hasMethods(dir string, entries []os.DirEntry, src []byte) bool {
	have := make(map[string]bool)
	for _, e := range entries {
		name := filepath.Join(dir, e.Name())
		if e.Name() == "go.mod" {
			return false
		}
		if !isSource(e.Name()) || e.IsDir() || strings.HasSuffix(name, "_test.go") {
			continue
		}
		content, err := s.cfg.read(name)
		if err != nil {
			return false
		}
		for _, m := range methodsOf(content) {
			have[m] = true
		}
	}
	for _, m := range methodsOf(src) {
		if !have[m] {
			return false
		}
	}
	return true
}

// methodsOf returns the headers of the exported methods of a Go file.
func methodsOf(src []byte) []string {
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "", src, parser.SkipObjectResolution)
	if err != nil {
		return nil
	}
	var headers []string
	for _, decl := range file.Decls {
		if f, ok := decl.(*ast.FuncDecl); ok && f.Recv != nil && f.Name.IsExported() && f.Body != nil {
			header := src[fset.Position(f.Pos()).Offset:fset.Position(f.Body.Pos()).Offset]
			headers = append(headers, string(bytes.TrimSpace(header)))
		}
	}
	return headers
}

// manager returns the manager strategy's package of the module at an import
// path, from its source: that is small, is all that it takes to know its
// values, and may be about to be written. nil if there is none.
func (imp *unitImporter) manager(importPath string) *types.Package {
	dir, ok := imp.mod.dirOf(importPath)
	if !ok || !detect.IsManager(importPath) {
		return nil
	}
	name := filepath.Join(dir, path.Base(importPath)+".go")
	if _, planned := imp.set.cfg.Overlay[name]; !planned && imp.set.exports != nil {
		return nil // the real one is there
	}
	src, err := imp.set.cfg.read(name)
	if err != nil {
		return nil
	}
	fset := elsewhere()
	file, err := parser.ParseFile(fset, name, src, parser.SkipObjectResolution)
	if err != nil {
		return nil
	}
	conf := types.Config{Importer: stubImporter{}, IgnoreFuncBodies: true, Error: func(error) {}}
	pkg, _ := conf.Check(importPath, fset, []*ast.File{file}, nil)
	pkg.MarkComplete()
	return pkg
}
