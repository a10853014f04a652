package load

import (
	"go/ast"
	"go/build"
	"go/types"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/singletonfix/singletonfix/detect"
)

// tree writes a txtar archive to a temporary folder and returns that.
func tree(t *testing.T, archive string) string {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if err := txtar.Write(txtar.Parse([]byte(archive)), dir); err != nil {
		t.Fatal(err)
	}
	return dir
}

func scan(t *testing.T, c *Config, patterns ...string) *Set {
	t.Helper()
	s, err := c.Scan(patterns)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// looked returns the import paths of all packages that were looked at.
func looked(s *Set) []string {
	var paths []string
	for dir, p := range s.seen {
		paths = append(paths, p.mod.importPath(dir))
	}
	slices.Sort(paths)
	return paths
}

// goList returns the go command's own answer.
func goList(t *testing.T, dir string, args ...string) []string {
	t.Helper()
	return goListIn(t, nil, dir, args...)
}

func goListIn(t *testing.T, env []string, dir string, args ...string) []string {
	t.Helper()
	cmd := exec.Command("go", append([]string{"list", "-e"}, args...)...)
	cmd.Dir, cmd.Env = dir, env
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list in %s: %v", dir, err)
	}
	paths := strings.Fields(string(out))
	slices.Sort(paths)
	return paths
}

const patternTree = `
-- go.mod --
module example.com/m

go 1.21
-- m.go --
package m
-- a/a.go --
package a
-- a/b/b.go --
package b
-- a/b/c/c_test.go --
package c
-- ab/ab.go --
package ab
-- a/testdata/t.go --
package t
-- a/_x/x.go --
package x
-- a/.y/y.go --
package y
-- vendor/example.com/v/v.go --
package v
-- nested/go.mod --
module example.com/m/nested
-- nested/n.go --
package nested
-- empty/README --
-- tagged/t.go --
//go:build special

package tagged
-- windows/w_windows.go --
package windows
-- ignored/x.go --
//go:build ignore

package main
-- docs/doc.go --
package documentation
-- onlyx/x_test.go --
package onlyx_test
`

// TestScanPatterns compares what patterns mean with the go command's answer.
func TestScanPatterns(t *testing.T) {
	dir := tree(t, patternTree)
	for _, test := range []struct {
		name     string
		dir      string
		tags     string
		patterns []string
	}{
		{name: "all", patterns: []string{"./..."}},
		{name: "below", patterns: []string{"./a/..."}},
		{name: "below, inside", dir: "a", patterns: []string{"./..."}},
		{name: "prefix", patterns: []string{"./a..."}},
		{name: "middle", patterns: []string{"./.../b"}},
		{name: "one", patterns: []string{"./a"}},
		{name: "dot", dir: "a/b", patterns: []string{"."}},
		{name: "up", dir: "a/b", patterns: []string{"../..."}},
		{name: "several", patterns: []string{"./ab", "./a/...", "./a"}},
		{name: "import path", patterns: []string{"example.com/m/a/b"}},
		{name: "import path, root", patterns: []string{"example.com/m"}},
		{name: "import path, below", patterns: []string{"example.com/m/a/..."}},
		{name: "import path, all", dir: "a", patterns: []string{"example.com/m/..."}},
		{name: "tags", tags: "special", patterns: []string{"./..."}},
	} {
		t.Run(test.name, func(t *testing.T) {
			at := filepath.Join(dir, test.dir)
			args := append([]string{"-mod=mod", "-tags=" + test.tags, "-f={{if or .GoFiles .CgoFiles .TestGoFiles .XTestGoFiles}}{{.ImportPath}}{{end}}"}, test.patterns...)
			want := goList(t, at, args...)
			got := looked(scan(t, &Config{Dir: at, Tags: test.tags}, test.patterns...))
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("Scan(%v) (-go list +got):\n%s", test.patterns, diff)
			}
		})
	}
}

// TestScanErrors looks for what a user is told.
func TestScanErrors(t *testing.T) {
	dir := tree(t, patternTree)
	for _, test := range []struct{ name, dir, pattern, want string }{
		{"no such folder", dir, "./nowhere", "no such file"},
		{"no such folder, wild", dir, "./nowhere/...", "no such file"},
		{"no such file", dir, "./a/z.go", "no such file"},
		{"no package", dir, "./empty/...", "no Go package there"},
		{"foreign path", dir, "example.org/x", "no package of module example.com/m"},
		{"no module", t.TempDir(), "./...", "no go.mod"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := (&Config{Dir: test.dir}).Scan([]string{test.pattern})
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("Scan(%s) = %v, want %s", test.pattern, err, test.want)
			}
		})
	}
}

// TestScanFile loads the package of a file.
func TestScanFile(t *testing.T) {
	dir := tree(t, patternTree)
	for _, pattern := range []string{"a/b/b.go", filepath.Join(dir, "a", "b", "b.go")} {
		if got := looked(scan(t, &Config{Dir: dir}, pattern)); !slices.Equal(got, []string{"example.com/m/a/b"}) {
			t.Errorf("Scan(%s) looked at %v", pattern, got)
		}
	}
}

// TestScanWorkspace expands ./... above the modules of a workspace, which the
// go command refuses to do.
func TestScanWorkspace(t *testing.T) {
	dir := tree(t, `
-- go.work --
go 1.21

use (
	./a // first
	"./b"
)
-- a/go.mod --
module example.com/a
-- a/a.go --
package a
-- b/go.mod --
module example.com/b
-- b/b.go --
package b
-- c/go.mod --
module example.com/c
-- c/c.go --
package c
`)
	if got := looked(scan(t, &Config{Dir: dir})); !slices.Equal(got, []string{"example.com/a", "example.com/b"}) {
		t.Errorf("Scan looked at %v", got)
	}
}

// TestScanNoModule looks at a tree with a vendor folder and no go.mod, and
// says that there is none.
func TestScanNoModule(t *testing.T) {
	files := "-- vendor/example.org/x/x.go --\npackage x\n-- a/a.go --\npackage a\n\nvar x int\n\nfunc f() { x = 1 }\n"
	s := scan(t, &Config{Dir: tree(t, files), All: true})
	if len(s.Packages) != 1 || len(s.Errors) != 1 || !strings.Contains(s.Errors[0].Msg, "no go.mod") {
		t.Errorf("Scan = %d packages, %v", len(s.Packages), s.Errors)
	}
	s = scan(t, &Config{Dir: tree(t, files+"-- vendor.mod --\nmodule example.com/m\n")})
	if len(s.Errors) > 0 || !slices.Equal(looked(s), []string{"example.com/m/a"}) {
		t.Errorf("with a vendor.mod, Scan looked at %v; %v", looked(s), s.Errors)
	}
}

// raceEnabled is set where the race detector runs: what reads the standard
// library would take minutes then, and is concurrent only as all scans are.
var raceEnabled bool

// TestScanLikeGoList compares the packages that Scan looks at with the go
// command's answer on large trees, for several builds.
func TestScanLikeGoList(t *testing.T) {
	if testing.Short() || raceEnabled {
		t.Skip("reads the standard library")
	}
	std := filepath.Join(build.Default.GOROOT, "src")
	tools := goList(t, ".", "-m", "-f={{.Dir}}", "golang.org/x/tools")[0]
	const tags = "integration,purego,netgo,faketime,ignore"
	for _, test := range []struct {
		dir, tags string
		env       []string
	}{
		{dir: "../.."},
		{dir: "../..", tags: tags, env: []string{"GOOS=windows"}},
		{dir: std},
		{dir: std, tags: tags, env: []string{"GOOS=windows", "GOARCH=arm64"}},
		{dir: std, env: []string{"GOOS=js", "GOARCH=wasm"}},
		{dir: tools, tags: tags},
	} {
		env := append(os.Environ(), test.env...)
		want := goListIn(t, env, test.dir, "-tags="+test.tags, "./...")
		got := looked(scan(t, &Config{Dir: test.dir, Tags: test.tags, Env: env}, "./..."))
		if diff := cmp.Diff(want, got); diff != "" || len(want) < 10 {
			t.Errorf("Scan in %s with tags %q and %v (-go list +got):\n%s", test.dir, test.tags, test.env, diff)
		}
	}
}

// TestScanStandardLibrary type-checks every package of the standard library
// with faked imports: nothing is wrong with any, and every plain name that
// could be a package variable's is resolved.
func TestScanStandardLibrary(t *testing.T) {
	if testing.Short() || raceEnabled {
		t.Skip("reads the standard library")
	}
	s := scan(t, &Config{Dir: filepath.Join(build.Default.GOROOT, "src"), All: true, Tests: true})
	for _, e := range s.Errors {
		t.Errorf("false error: %v", e)
	}
	if len(s.Packages) < 300 {
		t.Errorf("Scan loaded %d packages", len(s.Packages))
	}
	for _, p := range s.Packages {
		for _, f := range p.Files {
			checkResolved(t, p, f.Syntax)
		}
	}
}

// checkResolved complains of operands that are called like a package variable
// and resolve to nothing at all.
func checkResolved(t *testing.T, p *detect.Package, file *ast.File) {
	fields := map[*ast.Ident]bool{file.Name: true} // names after a dot, in front of a colon: resolved by type, if at all
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.SelectorExpr:
			fields[n.Sel] = true
		case *ast.KeyValueExpr:
			if id, ok := n.Key.(*ast.Ident); ok {
				fields[id] = true
			}
		case *ast.LabeledStmt:
			fields[n.Label] = true
		case *ast.BranchStmt, *ast.ImportSpec:
			return false
		case *ast.Ident:
			_, isVar := p.Types.Scope().Lookup(n.Name).(*types.Var)
			if isVar && !fields[n] && p.Info.ObjectOf(n) == nil {
				t.Errorf("%v: %s is not resolved", p.Fset.Position(n.Pos()), n.Name)
			}
		}
		return true
	})
}
