package load

import (
	"strings"
	"testing"
)

// TestScanOwnErrors tells what is wrong with a package itself from what only
// follows from a faked import.
func TestScanOwnErrors(t *testing.T) {
	for _, test := range []struct{ name, src, want string }{
		{"undefined", "func f() { x = nope }", "undefined: nope"},
		{"mismatch", "func f() { x, y := g() }\nfunc g() int { return 1 }", "assignment mismatch"},
		{"constant", "func f() { x = nil; var s string = 1; _ = s }", "cannot use 1"},
		{"twice", "func f() {}\nfunc f() {}", "f redeclared"},
		{"syntax", "func f( {", "expected"},
		{"foreign type", "type T struct{ fake.T }\nfunc f(t T) { t.M(); var i interface{ N() } = t; i.N() }", ""},
		{"foreign value", "func f() { a, b := fake.F(); _, _ = a, b; for k := range fake.M { _ = k } }", ""},
		{"foreign keys", "func f() { k := 1; _ = fake.M{k: 2} }", ""},
		{"last panics", "func f() int { panic(fake.E) }", ""},
		{"renamed package", "func f() { _ = named.X }", ""},
		{"two renamed packages", "func f() { _ = named.X; _ = oddly.Y }", ""},
		{"standard library", "func f() error { return os.ErrExist }", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := tree(t, `
-- go.mod --
module example.com/m

go 1.21
-- good/p.go --
package good

var x int

func f() { x = 1 }
-- p.go --
package p

import (
	"os"

	"example.org/fake"
	"example.org/go.named.v2"
	"example.org/yldod"
)

var x *int

func init() { x = nil; _ = os.Args; _ = fake.X }

`+test.src+"\n")
			s := scan(t, &Config{Dir: dir, All: true})
			if test.want == "" && len(s.Errors) > 0 || test.want != "" && (len(s.Errors) == 0 || !strings.Contains(s.Errors[0].Error(), test.want)) {
				t.Errorf("Scan found wrong %v, want %q", s.Errors, test.want)
			}
			for _, e := range s.Errors {
				if e.Package != "example.com/m" || e.Pos.Line == 0 || !strings.HasSuffix(e.Pos.Filename, "p.go") {
					t.Errorf("Scan puts %q of %s at %v", e.Msg, e.Package, e.Pos)
				}
			}
			if n := len(s.Packages); test.want == "" && n != 2 || test.want != "" && n != 1 {
				t.Errorf("Scan loaded %d packages", n)
			}
		})
	}
}

// TestScanBrokenTests serves a package whose tests alone are broken, and says so.
func TestScanBrokenTests(t *testing.T) {
	dir := tree(t, `
-- go.mod --
module example.com/m
-- p.go --
package p

var x *int

func f() { x = nil }
-- p_test.go --
package p

func g() { nope() }
`)
	s := scan(t, &Config{Dir: dir, All: true})
	if len(s.Packages) != 1 || len(s.Errors) != 1 {
		t.Errorf("Scan = %d packages, %v", len(s.Packages), s.Errors)
	}
}

func TestAssumedName(t *testing.T) {
	for path, want := range map[string]string{
		"fmt":                              "fmt",
		"example.org/x/y":                  "y",
		"example.org/y/v2":                 "y",
		"gopkg.in/yaml.v3":                 "yaml",
		"github.com/mattn/go-sqlite3":      "sqlite3",
		"github.com/hashicorp/go-multi/v4": "multi",
		"k8s.io/client-go":                 "client",
		"v2":                               "v2",
	} {
		if got := assumedName(path); got != want {
			t.Errorf("assumedName(%s) = %s, want %s", path, got, want)
		}
	}
}
