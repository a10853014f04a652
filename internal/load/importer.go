package load

import (
	"errors"
	"go/parser"
	"go/token"
	"go/types"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"unicode"
)

// A unitImporter gives a unit the packages that it imports: the real ones
// where the set has them, else those of the standard library that there is a
// stub of, else an error with an empty package of a likely name. go/types
// then takes whatever is selected from it for granted, with an invalid type.
type unitImporter struct {
	set   *Set
	mod   *module
	given map[string]*types.Package // import path -> package, before all others
	names map[string]string         // import path -> package name, where it is known
	faked []string                  // import paths that were faked
}

var errFaked = errors.New("its types are not loaded")

func (imp *unitImporter) Import(path string) (*types.Package, error) {
	if path == "unsafe" {
		return types.Unsafe, nil
	}
	if pkg := imp.given[path]; pkg != nil {
		return pkg, nil
	}
	if pkg := imp.manager(path); pkg != nil {
		return pkg, nil
	}
	if pkg := imp.known(path); pkg != nil {
		return pkg, nil
	}
	imp.faked = append(imp.faked, path)
	return types.NewPackage(path, imp.name(path)), errFaked
}

// known returns the package at path with its types, or nil.
func (imp *unitImporter) known(path string) *types.Package {
	if imp.set.exports == nil {
		return stub(path)
	}
	pkg, err := imp.set.exports.of(imp.mod).get(path)
	if err != nil {
		return stub(path) // the reason is in Missing
	}
	return pkg
}

// name returns the likely name of the package at an import path.
func (imp *unitImporter) name(importPath string) string {
	if name := imp.names[importPath]; name != "" {
		return name
	}
	dirs := []string{filepath.Join(imp.mod.root, "vendor", filepath.FromSlash(importPath))}
	if dir, ok := imp.mod.dirOf(importPath); ok {
		dirs = append(dirs, dir)
	}
	for _, dir := range dirs {
		if name := imp.set.packageName(dir); name != "" {
			return name
		}
	}
	return assumedName(importPath)
}

// packageName returns the name of the package in dir, "" where there is none.
func (s *Set) packageName(dir string) string {
	if p, ok := s.seen[dir]; ok {
		return p.name
	}
	if name, ok := s.names.Load(dir); ok {
		return name.(string)
	}
	name := s.readName(dir)
	s.names.Store(dir, name)
	return name
}

// readName reads the package clause of the first file of dir that has one.
func (s *Set) readName(dir string) string {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return ""
	}
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), ".go") || strings.HasSuffix(e.Name(), "_test.go") {
			continue
		}
		src, err := s.cfg.read(filepath.Join(dir, e.Name()))
		if err != nil || !s.build.match(e.Name(), headOf(src)) {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), "", src, parser.PackageClauseOnly)
		if err == nil && file.Name.Name != "documentation" {
			return file.Name.Name
		}
	}
	return ""
}

// assumedName returns the name that a package most likely has: the last
// element of its path that is no version, up to what cannot stand in a name.
func assumedName(importPath string) string {
	base := path.Base(importPath)
	if isMajor(base) && path.Dir(importPath) != "." {
		base = path.Base(path.Dir(importPath))
	}
	base = strings.TrimPrefix(base, "go-")
	if i := strings.IndexFunc(base, notInName); i >= 0 {
		base = base[:i]
	}
	if base == "" {
		return "_fake" // nothing can be called so: no name is taken by mistake
	}
	return base
}

// isMajor reports whether s is the major version element of a path: v2.
func isMajor(s string) bool {
	if !strings.HasPrefix(s, "v") {
		return false
	}
	_, err := strconv.Atoi(s[1:])
	return err == nil
}

func notInName(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '_' }
