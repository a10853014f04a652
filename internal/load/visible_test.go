package load

import (
	"path/filepath"
	"strings"
	"testing"
)

// TestRecheckAlone changes a package in ways that its importers, and its
// external test, can see and in ways that they cannot.
func TestRecheckAlone(t *testing.T) {
	dir := tree(t, `
-- go.mod --
module example.com/m
-- p/p.go --
package p

const Size = 1

type T struct{ n int }

func (t *T) N() int { return t.n }

type hidden struct{ a int }

var X = new(hidden)

var x *T

func Get() *T {
	if x == nil {
		x = new(T)
	}
	return x
}
-- p/p_test.go --
package p_test

import "example.com/m/p"

var _ = p.Get()
-- q/q.go --
package q

import "example.com/m/p"

var _ = p.Get()
`)
	set := scan(t, &Config{Dir: dir, All: true}, "./p")
	p := packageAt(t, set, "example.com/m/p")
	name := filepath.Join(dir, "p", "p.go")
	src := string(p.Files[0].Src)
	for _, test := range []struct {
		name, old, new string
		alone          bool
	}{
		{"body", "x = new(T)", "x = &T{}", true},
		{"unexported variable", "var x *T", "var x, y *T", true},
		{"unexported function", "func Get", "func get() {}\n\nfunc Get", true},
		{"constant", "Size = 1", "Size = 2", false},
		{"field", "n int }", "n, m int }", false},
		{"field of a hidden type", "a int }", "a, b int }", false},
		{"method", "(t *T) N() int", "(t *T) N() (n int)", false},
		{"receiver", "(t *T) N", "(t T) N", false},
		{"exported function", "func Get() *T {", "func Get() (t *T) {", false},
		{"exported variable", "X = new(hidden)", "X = hidden{}", false},
		{"one more", "var X", "var Y int\n\nvar X", false},
	} {
		t.Run(test.name, func(t *testing.T) {
			if !strings.Contains(src, test.old) {
				t.Fatalf("the package has no %q", test.old)
			}
			c, err := set.Recheck(p, map[string][]byte{name: []byte(strings.Replace(src, test.old, test.new, 1))})
			if err != nil {
				t.Fatal(err)
			}
			if c.Alone != test.alone {
				t.Errorf("Recheck checks the package alone: %v, want %v", c.Alone, test.alone)
			}
		})
	}
	for _, other := range []string{"p/p_test.go", "q/q.go"} {
		c, err := set.Recheck(p, map[string][]byte{filepath.Join(dir, other): []byte("package " + strings.TrimSuffix(filepath.Base(other), ".go") + "\n\nvar _ = undefined\n")})
		if err != nil || c.Alone || len(c.Errors) == 0 {
			t.Errorf("Recheck with another %s = %+v, %v", other, c, err)
		}
	}
}
