package rewrite_test

import (
	"bytes"
	"flag"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/singletonfix/singletonfix/detect"
	"github.com/singletonfix/singletonfix/rewrite"
)

var show = flag.Bool("show", false, "print what becomes of every case")

// std is shared by all cases: it type-checks the standard library from source.
var std = importer.ForCompiler(token.NewFileSet(), "source", nil)

// TestCases plans and applies the fix of every case: what comes out
// type-checks, and nothing that was fixed is found again.
func TestCases(t *testing.T) {
	files, err := filepath.Glob("../testdata/*/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		pattern := filepath.Base(filepath.Dir(name))
		t.Run(pattern+"/"+strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			ar, err := txtar.ParseFile(name)
			if err != nil {
				t.Fatal(err)
			}
			fixCase(t, ar)
		})
	}
}

func fixCase(t *testing.T, ar *txtar.Archive) {
	sources := make(map[string][]byte)
	for _, f := range ar.Files {
		if strings.HasSuffix(f.Name, ".go") && !strings.Contains(f.Name, "/") {
			sources[f.Name] = f.Data
		}
	}
	if importsOwn(ar, sources) {
		return // of several packages: the driver's tests have it
	}
	pkg := check(t, ar, sources)
	if pkg == nil {
		return
	}
	var plans []*rewrite.Plan
	for _, s := range detect.Find(pkg) {
		if s.Safe {
			continue
		}
		plan, refusal := rewrite.Choose(s, rewrite.Options{})
		if refusal != nil {
			if *show {
				t.Logf("%s: %s: refused: %s at %s: %s", s.Vars[0].Name(), s.Pattern, refusal.Reason, pkg.Fset.Position(refusal.Pos), refusal.Message)
			}
			continue
		}
		if *show {
			t.Logf("%s: %s: %s %q", s.Vars[0].Name(), s.Pattern, plan.Strategy, plan.Notes)
		}
		plans = append(plans, plan)
	}
	for _, dropped := range rewrite.Conflicts(plans) {
		plans = slices.DeleteFunc(plans, func(p *rewrite.Plan) bool { return p == dropped })
	}
	if len(plans) == 0 {
		return
	}
	changes, err := rewrite.Apply(pkg, plans)
	if err != nil {
		t.Fatalf("Apply: %v", err)
	}
	for _, c := range changes {
		if *show {
			t.Logf("%s:\n%s", c.File.Name, c.After)
		}
		sources[c.File.Name] = c.After
	}
	again := check(t, ar, sources)
	if again == nil {
		return
	}
	fixed := make(map[string]bool)
	for _, p := range plans {
		fixed[p.Singleton.Vars[0].Name()] = true
	}
	for _, s := range detect.Find(again) {
		if !s.Safe && fixed[s.Vars[0].Name()] {
			t.Errorf("%s is still unsafe (%s) after its fix: %v", s.Vars[0].Name(), s.Pattern, s.Reasons)
		}
	}
}

var moduleLine = regexp.MustCompile(`(?m)^module (\S+)`)

// importsOwn reports whether the package at the root of a case imports another one of its module.
func importsOwn(ar *txtar.Archive, sources map[string][]byte) bool {
	for _, f := range ar.Files {
		m := moduleLine.FindSubmatch(f.Data)
		if f.Name != "go.mod" || m == nil {
			continue
		}
		for _, src := range sources {
			if bytes.Contains(src, []byte(`"`+string(m[1])+`/`)) {
				return true
			}
		}
	}
	return false
}

var goLine = regexp.MustCompile(`(?m)^go (\d+\.\d+)`)

// check parses and type-checks the package at the root of a case; nil if that fails.
func check(t *testing.T, ar *txtar.Archive, sources map[string][]byte) *detect.Package {
	fset := token.NewFileSet()
	pkg := &detect.Package{Path: "p", Fset: fset, Info: &types.Info{
		Types: map[ast.Expr]types.TypeAndValue{}, Defs: map[*ast.Ident]types.Object{}, Uses: map[*ast.Ident]types.Object{},
		Implicits: map[ast.Node]types.Object{}, Selections: map[*ast.SelectorExpr]*types.Selection{},
		Scopes: map[ast.Node]*types.Scope{}, Instances: map[*ast.Ident]types.Instance{}, FileVersions: map[*ast.File]string{},
	}}
	var syntax []*ast.File
	var version string
	for _, f := range ar.Files {
		if m := goLine.FindSubmatch(f.Data); f.Name == "go.mod" && m != nil {
			version = "go" + string(m[1])
		}
		src, ok := sources[f.Name]
		if !ok {
			continue
		}
		file, err := parser.ParseFile(fset, f.Name, src, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			t.Errorf("parse: %v\n%s", err, src)
			return nil
		}
		if strings.HasSuffix(file.Name.Name, "_test") {
			continue
		}
		syntax = append(syntax, file)
		pkg.Files = append(pkg.Files, &detect.File{Name: f.Name, Syntax: file, Src: src, Test: strings.HasSuffix(f.Name, "_test.go"), Generated: ast.IsGenerated(file)})
	}
	conf := types.Config{Importer: std, GoVersion: version, Error: func(err error) { t.Errorf("type-check: %v", err) }}
	tp, err := conf.Check("p", fset, syntax, pkg.Info)
	if err != nil {
		for _, f := range pkg.Files {
			t.Logf("%s:\n%s", f.Name, bytes.TrimSpace(f.Src))
		}
		return nil
	}
	pkg.Types = tp
	return pkg
}
