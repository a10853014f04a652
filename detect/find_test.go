package detect

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/build/constraint"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"path"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"
)

// TestFind holds what Find says of every case against the case's comments:
//
//	// want `nil-check`   an unsafe singleton is declared, tested or filled on this line
//	// safe `once`        a safe one is declared or tested on this line
//
// Each comment is met, and nothing unsafe goes without one. A case that says
// "module: yes" takes knowing the other packages of its module, which Find
// is not told here.
func TestFind(t *testing.T) {
	files, err := filepath.Glob("../testdata/*/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no cases in ../testdata: %v", err)
	}
	std := token.NewFileSet()
	gc := importer.ForCompiler(std, "gc", nil) // one for all cases: it remembers the standard library
	for _, file := range files {
		name := strings.TrimSuffix(path.Join(filepath.Base(filepath.Dir(file)), filepath.Base(file)), ".txtar")
		t.Run(name, func(t *testing.T) {
			archive, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if bytes.Contains(archive.Comment, []byte("\nmodule: yes")) {
				t.Skip("what other packages do counts: package driver has the case")
			}
			c := newArchive(archive, gc)
			var found []*Singleton
			for _, dir := range c.dirs() {
				p, err := c.load(dir)
				if err != nil {
					t.Fatal(err)
				}
				found = append(found, slices.DeleteFunc(Find(p), func(s *Singleton) bool { return s.SetUp })...)
				if bytes.Contains(archive.Comment, []byte("\nfields: yes")) {
					found = append(found, FindFields(p)...)
				}
			}
			for _, problem := range c.problems(found) {
				t.Error(problem)
			}
		})
	}
}

// An archive loads the packages of a case, each as package load would: with
// its in-package tests, but without knowing how the others use it.
type archive struct {
	fset    *token.FileSet
	module  string
	sources map[string][]txtar.File // by folder
	files   []txtar.File
	std     types.Importer
	types   map[string]*types.Package // by folder, as importers see it
}

func newArchive(a *txtar.Archive, std types.Importer) *archive {
	c := &archive{
		fset:    token.NewFileSet(),
		module:  "p",
		sources: make(map[string][]txtar.File),
		files:   a.Files,
		std:     std,
		types:   make(map[string]*types.Package),
	}
	for _, f := range a.Files {
		if f.Name == "go.mod" {
			first, _, _ := strings.Cut(string(f.Data), "\n")
			c.module = strings.TrimPrefix(first, "module ")
		}
		if path.Ext(f.Name) == ".go" {
			dir := path.Dir(f.Name)
			c.sources[dir] = append(c.sources[dir], f)
		}
	}
	return c
}

func (c *archive) dirs() []string {
	var dirs []string
	for dir := range c.sources {
		dirs = append(dirs, dir)
	}
	slices.Sort(dirs)
	return dirs
}

// Import makes an archive the importer of its own packages.
func (c *archive) Import(importPath string) (*types.Package, error) {
	dir, ok := strings.CutPrefix(importPath, c.module+"/")
	if !ok || c.sources[dir] == nil {
		return c.std.Import(importPath)
	}
	if c.types[dir] == nil {
		p, err := c.check(dir, false)
		if err != nil {
			return nil, err
		}
		c.types[dir] = p.Types
	}
	return c.types[dir], nil
}

func (c *archive) load(dir string) (*Package, error) { return c.check(dir, true) }

// leftOut reports whether a go:build line keeps a file out of a build without tags.
func leftOut(src []byte) bool {
	for line := range strings.Lines(string(src)) {
		if expr, err := constraint.Parse(strings.TrimSpace(line)); err == nil {
			return !expr.Eval(func(tag string) bool {
				return tag == runtime.GOOS || tag == runtime.GOARCH || strings.HasPrefix(tag, "go1.")
			})
		}
	}
	return false
}

// check parses and type-checks the package in dir.
func (c *archive) check(dir string, tests bool) (*Package, error) {
	p := &Package{Path: path.Join(c.module, dir), Fset: c.fset, Info: &types.Info{
		Types:        make(map[ast.Expr]types.TypeAndValue),
		Defs:         make(map[*ast.Ident]types.Object),
		Uses:         make(map[*ast.Ident]types.Object),
		Implicits:    make(map[ast.Node]types.Object),
		Selections:   make(map[*ast.SelectorExpr]*types.Selection),
		Scopes:       make(map[ast.Node]*types.Scope),
		Instances:    make(map[*ast.Ident]types.Instance),
		FileVersions: make(map[*ast.File]string),
	}}
	var syntax []*ast.File
	for _, src := range c.sources[dir] {
		test := strings.HasSuffix(src.Name, "_test.go")
		if test && !tests {
			continue
		}
		f, err := parser.ParseFile(c.fset, src.Name, src.Data, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		if strings.HasSuffix(f.Name.Name, "_test") || leftOut(src.Data) {
			continue // of an external test package, or of another build
		}
		syntax = append(syntax, f)
		p.Files = append(p.Files, &File{Name: src.Name, Syntax: f, Src: src.Data, Test: test, Generated: ast.IsGenerated(f)})
	}
	conf := types.Config{Importer: c}
	var err error
	p.Types, err = conf.Check(p.Path, c.fset, syntax, p.Info)
	return p, err
}

var (
	markComment = regexp.MustCompile("// (want|safe)((?: `[^`]*`)+)")
	quotedName  = regexp.MustCompile("`[^`]*`")
)

// A mark is a comment of a case: what must be found on its line.
type mark struct {
	file string
	line int
	safe bool
	name string
}

func (m mark) String() string {
	kind := "want"
	if m.safe {
		kind = "safe"
	}
	return fmt.Sprintf("%s:%d: %s `%s`", m.file, m.line, kind, m.name)
}

// problems returns what is wrong with found.
func (c *archive) problems(found []*Singleton) (problems []string) {
	met := make(map[mark]bool)
	for _, f := range c.files {
		for i, line := range strings.Split(string(f.Data), "\n") {
			m := markComment.FindStringSubmatch(line)
			if m == nil {
				continue
			}
			for _, name := range quotedName.FindAllString(m[2], -1) {
				met[mark{f.Name, i + 1, m[1] == "safe", strings.Trim(name, "`")}] = false
			}
		}
	}
	for _, s := range found {
		expected := false
		for _, pos := range positions(s) {
			at := c.fset.Position(pos)
			m := mark{at.Filename, at.Line, s.Safe, s.Pattern}
			if _, ok := met[m]; ok {
				met[m], expected = true, true
			}
		}
		if !expected && !s.Safe {
			problems = append(problems, fmt.Sprintf("%s: Find says %s of %s; no comment of the case does", c.fset.Position(s.Vars[0].Obj.Pos()), s.Pattern, s.Vars[0].Name()))
		}
		if !s.Safe && len(s.Reasons) == 0 {
			problems = append(problems, fmt.Sprintf("%s: Find says %s of %s without a reason", c.fset.Position(s.Vars[0].Obj.Pos()), s.Pattern, s.Vars[0].Name()))
		}
	}
	for m, ok := range met {
		if !ok {
			problems = append(problems, fmt.Sprintf("%v: not found", m))
		}
	}
	slices.Sort(problems)
	return problems
}

// positions returns where s may be marked: where it is declared, tested and, if unsafe, where it conflicts.
func positions(s *Singleton) []token.Pos {
	at := []token.Pos{s.Vars[0].Obj.Pos()}
	if s.Safe {
		for _, site := range s.Sites {
			at = append(at, site.Test.Pos())
		}
		return at
	}
	for _, r := range s.Reasons {
		at = append(at, r.Pos)
	}
	return at
}

// TestProblems holds the checker itself: a case whose comments are wrong must fail.
func TestProblems(t *testing.T) {
	const src = "package p\n\nvar n *int // want `flag-guard`\n\nfunc Get() *int {\n\tif n == nil { // safe `locked`\n\t\tn = new(int)\n\t}\n\treturn n\n}\n"
	c := newArchive(txtar.Parse([]byte("-- p.go --\n"+src)), importer.ForCompiler(token.NewFileSet(), "gc", nil))
	p, err := c.load(".")
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"p.go:3: want `flag-guard`: not found",
		"p.go:3:5: Find says nil-check of n; no comment of the case does",
		"p.go:6: safe `locked`: not found",
	}
	if got := c.problems(Find(p)); !slices.Equal(got, want) {
		t.Errorf("problems = %q, want %q", got, want)
	}
}
