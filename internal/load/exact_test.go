package load

import (
	"go/build"
	"go/types"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/singletonfix/singletonfix/detect"
)

// offline is an environment in which no dependency can be fetched.
func offline() []string {
	return append((&Config{}).environ(), "GOPROXY=off", "GOFLAGS=-mod=mod")
}

func exact(t *testing.T, s *Set) *Set {
	t.Helper()
	var paths []string
	for _, p := range s.Packages {
		paths = append(paths, p.Path)
	}
	x, err := s.Exact(paths)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

func packageAt(t *testing.T, s *Set, path string) *detect.Package {
	t.Helper()
	for _, p := range s.Packages {
		if p.Path == path {
			return p
		}
	}
	t.Fatalf("%s is not loaded; errors: %v", path, s.Errors)
	return nil
}

// A package p with both kinds of tests, which q imports, which r imports;
// p's external test imports all.
const exactTree = `
-- go.mod --
module example.com/m

go 1.21
-- p/p.go --
package p

import "archive/tar"

type T struct{ n int }

var x *T

var header *tar.Header

func Get() *T {
	if x == nil {
		x = new(T)
	}
	return x
}

func (t *T) N() int { return t.n }
-- p/export_test.go --
package p

var X = &x

func (t *T) SetN(n int) { t.n = n }
-- p/x_test.go --
package p_test

import (
	"testing"

	"example.com/m/p"
	"example.com/m/r"
)

var seen *p.T

func Test(t *testing.T) {
	*p.X = nil
	seen = r.Get()
	seen.SetN(1)
}
-- q/q.go --
package q

import "example.com/m/p"

var last *p.T

func Get() *p.T { last = p.Get(); return last }
-- r/r.go --
package r

import (
	"example.com/m/p"
	"example.com/m/q"
)

var both [2]*p.T

func Get() *p.T { both = [2]*p.T{q.Get(), p.Get()}; return both[0] }
`

// TestExact loads packages with real types: no error, nothing assumed, and
// what an external test sees is the package with its in-package tests.
func TestExact(t *testing.T) {
	dir := tree(t, exactTree)
	s := scan(t, &Config{Dir: dir, Tests: true, All: true})
	if got := packageAt(t, s, "example.com/m/p").Assumed; !slices.Equal(got, []string{"archive/tar"}) {
		t.Errorf("Scan assumed %v", got)
	}
	x := exact(t, s)
	for _, e := range x.Errors {
		t.Errorf("Exact: %v", e)
	}
	if len(x.Packages) != 4 || len(x.Missing) > 0 {
		t.Errorf("Exact = %d packages, missing %v", len(x.Packages), x.Missing)
	}
	for _, p := range x.Packages {
		if len(p.Assumed) > 0 {
			t.Errorf("Exact assumed %v of %s", p.Assumed, p.Path)
		}
	}
	header := packageAt(t, x, "example.com/m/p").Types.Scope().Lookup("header")
	if got := types.TypeString(header.Type(), nil); got != "*archive/tar.Header" {
		t.Errorf("Exact loaded header as %s", got)
	}
}

// TestExactMissing loads a package one of whose imports cannot be had: that
// one is assumed, and the reason is told; the rest is real.
func TestExactMissing(t *testing.T) {
	dir := tree(t, `
-- go.mod --
module example.com/m

go 1.21

require example.org/nowhere v1.0.0
-- p.go --
package p

import (
	"archive/tar"

	"example.org/nowhere"
)

var x *tar.Header

var y *nowhere.T

func f() { x, y = nil, nowhere.New() }
`)
	x := exact(t, scan(t, &Config{Dir: dir, Env: offline(), All: true}))
	p := packageAt(t, x, "example.com/m")
	if !slices.Equal(p.Assumed, []string{"example.org/nowhere"}) {
		t.Errorf("Exact assumed %v", p.Assumed)
	}
	if len(x.Missing) != 1 || x.Missing[0].Path != "example.org/nowhere" || x.Missing[0].Msg == "" {
		t.Errorf("Exact is missing %v", x.Missing)
	}
	if got := types.TypeString(p.Types.Scope().Lookup("x").Type(), nil); got != "*archive/tar.Header" {
		t.Errorf("Exact loaded x as %s", got)
	}
}

// TestExactErrors finds what lenient loading could not be sure of.
func TestExactErrors(t *testing.T) {
	dir := tree(t, `
-- go.mod --
module example.com/m
-- p.go --
package p

import "archive/tar"

var x *tar.Header

func f() { x = tar.NoSuchThing }
`)
	s := scan(t, &Config{Dir: dir, All: true})
	if len(s.Errors) > 0 {
		t.Errorf("Scan: %v", s.Errors)
	}
	x := exact(t, s)
	if len(x.Errors) != 1 || !strings.Contains(x.Errors[0].Msg, "NoSuchThing") || len(x.Packages) != 0 {
		t.Errorf("Exact = %v, %v", x.Packages, x.Errors)
	}
}

// TestExactStandardLibrary loads packages of the standard library, with tests
// and vendored dependencies.
func TestExactStandardLibrary(t *testing.T) {
	if testing.Short() || raceEnabled {
		t.Skip("reads the standard library")
	}
	s := scan(t, &Config{Dir: filepath.Join(build.Default.GOROOT, "src"), Tests: true}, "./net/...", "./mime/...")
	x := exact(t, s)
	for _, e := range x.Errors {
		t.Errorf("Exact: %v", e)
	}
	for _, m := range x.Missing {
		t.Errorf("Exact is missing %v", m)
	}
	if len(x.Packages) < 5 {
		t.Errorf("Exact loaded %d packages", len(x.Packages))
	}
}

// TestRecheck puts an error into a package that each part of what hangs on it
// meets in its own way.
func TestRecheck(t *testing.T) {
	dir := tree(t, exactTree)
	name := filepath.Join(dir, "p", "p.go")
	for _, test := range []struct {
		name     string
		old, new string
		want     []string // packages with errors
	}{
		{"as it is", "", "", nil},
		{"body", "new(T)", "new(U)", []string{"example.com/m/p"}},
		{"variable", "var x *T", "var x **T", []string{"example.com/m/p", "example.com/m/p"}},
		{"function gone", "func Get() *T {", "func get() *T {", []string{"example.com/m/q", "example.com/m/r"}},
		{"only tests care", "type T struct{ n int }", "type T struct{ m, n int; SetM int }", nil},
		{"comparable no more", "type T struct{ n int }", "type T struct{ n int; _ func() }", nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			for _, load := range []struct {
				name string
				set  *Set
			}{{"lenient", scan(t, &Config{Dir: dir, All: true})}, {"exact", exact(t, scan(t, &Config{Dir: dir, All: true}))}} {
				p := packageAt(t, load.set, "example.com/m/p")
				src := string(p.File(p.Files[1].Syntax.Pos()).Src)
				overlay := map[string][]byte{name: []byte(strings.Replace(src, test.old, test.new, 1))}
				c, err := load.set.Recheck(p, overlay)
				if err != nil {
					t.Fatal(err)
				}
				var got []string
				for _, e := range c.Errors {
					if !strings.HasPrefix(e.Msg, "could not import") {
						got = append(got, e.Package)
						t.Log(load.name, e)
					}
				}
				if !slices.Equal(got, test.want) {
					t.Errorf("%s: Recheck finds errors in %v, want %v", load.name, got, test.want)
				}
			}
		})
	}
}
