package load

import (
	"errors"
	"fmt"
	"go/version"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
)

// A module is what load needs to know of a go.mod file.
type module struct {
	root    string // absolute directory
	path    string
	version string // language version: "go1.21"
}

// moduleOf returns the module that holds dir: that of the nearest go.mod.
func (s *Set) moduleOf(dir string) (*module, error) {
	for d := dir; ; d = filepath.Dir(d) {
		m := s.modules[d]
		var err error
		if m == nil {
			m, err = readModule(d)
		}
		if err == nil {
			s.modules[dir], s.modules[m.root] = m, m // one module is one pointer
			return m, nil
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
		if d == filepath.Dir(d) {
			return nil, fmt.Errorf("find the module of %s: %w in it or above; run `go mod init` there, or change into a module", dir, errNoModule)
		}
	}
}

var errNoModule = errors.New("no go.mod")

// ModuleAt returns the path of the module whose root dir is, "" for none.
func (s *Set) ModuleAt(dir string) string {
	if m := s.modules[dir]; m != nil && m.root == dir {
		return m.path
	}
	return ""
}

// guessModule takes base for a module where there is no go.mod but a vendor
// folder: a tree from before modules, or one that keeps its go.mod elsewhere.
// The go command refuses such a tree and so the Set has an error that says so,
// but what is wrong in its packages can be seen all the same.
func (s *Set) guessModule(base string) {
	_, err := s.moduleOf(base)
	if !errors.Is(err, errNoModule) {
		return
	}
	if info, err := os.Stat(filepath.Join(base, "vendor")); err != nil || !info.IsDir() {
		return
	}
	m := &module{root: base, path: filepath.Base(base)}
	s.modules[base] = m
	s.Errors = append(s.Errors, Error{Package: m.path, Msg: err.Error() + "; taken for a module for its vendor folder"})
}

// readModule reads root's go.mod, or the vendor.mod that some trees with
// vendored dependencies have in its place.
func readModule(root string) (*module, error) {
	name := filepath.Join(root, "go.mod")
	src, err := readFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		name = filepath.Join(root, "vendor.mod")
		src, err = readFile(name)
	}
	if err != nil {
		return nil, err
	}
	m := &module{root: root, version: "go1.16"} // what the go command assumes where no go line stands
	block := ""
	for line := range strings.Lines(string(src)) {
		line, _, _ = strings.Cut(line, "//")
		words := strings.Fields(line)
		switch {
		case len(words) == 2 && words[1] == "(":
			block = words[0]
		case len(words) == 1 && words[0] == ")":
			block = ""
		case len(words) == 1 && block == "module":
			m.path = unquote(words[0])
		case len(words) == 2 && words[0] == "module":
			m.path = unquote(words[1])
		case len(words) == 2 && words[0] == "go":
			m.version = language("go" + words[1])
		}
	}
	if m.path == "" {
		return nil, fmt.Errorf("read %s: it names no module; add a line `module PATH`", name)
	}
	if m.path == "std" {
		m.path = "" // packages of the standard library have no prefix
	}
	return m, nil
}

// language returns v as go/types takes it: no newer than what go/types knows,
// and "" where v is no version at all.
func language(v string) string {
	if !version.IsValid(v) {
		return ""
	}
	if own := runtime.Version(); version.IsValid(own) && version.Compare(v, own) > 0 {
		return version.Lang(own)
	}
	return v
}

// unquote returns a string of a go.mod file without its quotes.
func unquote(s string) string {
	if u, err := strconv.Unquote(s); err == nil {
		return u
	}
	return s
}

// importPath returns the import path of a directory of the module.
func (m *module) importPath(dir string) string {
	rel, err := filepath.Rel(m.root, dir)
	if err != nil || rel == "." {
		return m.path
	}
	return path.Join(m.path, filepath.ToSlash(rel))
}

// dirOf returns the directory of an import path, if it is one of the module's.
func (m *module) dirOf(importPath string) (string, bool) {
	if importPath == m.path {
		return m.root, true
	}
	if m.path == "" {
		return filepath.Join(m.root, filepath.FromSlash(importPath)), true
	}
	rest, ok := strings.CutPrefix(importPath, m.path+"/")
	return filepath.Join(m.root, filepath.FromSlash(rest)), ok
}
