package load

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/singletonfix/singletonfix/detect"
)

// TestWorld asks how a package is used. Each function of package p is named
// for the kind of use that the tree makes of it, once and not otherwise.
func TestWorld(t *testing.T) {
	dir := tree(t, `
-- go.mod --
module example.com/m

go 1.21
-- p/p.go --
package p

import "sync"

var mu sync.Mutex

func Init()    { mu.Lock() }
func Main()    {}
func Go()      {}
func Testing() {}
func Plain()   {}
func Unused()  {}
-- p/p_test.go --
package p

func init() { Unused() }
-- p/x_test.go --
package p_test

import "example.com/m/p"

func init() { p.Testing() }
-- cmd/main.go --
package main

import (
	"net/http"

	"example.com/m/p"
)

var v = p.Init()

var f = func() { p.Plain() }

func init() { p.Init() }

func main() {
	p.Main()
	if true {
		p.Main()
	}
	func() { p.Main() }()
	once.Do(func() { p.Main() })
	later := func() { p.Plain() }
	later()
	go p.Go()
	go func() { p.Go() }()
	go print(p.Main())
	go background()
	http.HandleFunc("/", p.Go)
	http.HandleFunc("/", func(http.ResponseWriter, *http.Request) { p.Go() })
	http.Handle("/x", http.HandlerFunc(handle))
}

func background() { p.Go() }

func handle(w http.ResponseWriter, r *http.Request) { p.Go() }

type T struct{}

func (T) main() { p.Plain() }

func shadowed(p interface{ Unused() }) { p.Unused() }
-- renamed/r.go --
package renamed

import q "example.com/m/p"

func main() { q.Plain() }
-- nested/go.mod --
module example.com/nested
-- nested/n.go --
package nested

import "example.com/m/p"

func n() { p.Plain() }
-- other/o.go --
package other

import "example.com/elsewhere/p"

func o() { p.Unused() }
`)
	s := scan(t, &Config{Dir: dir, All: true, Fields: true}, "./p")
	if len(s.Packages) != 1 {
		t.Fatalf("Scan = %v, %v", s.Packages, s.Errors)
	}
	w := s.World(s.Packages[0])
	kinds := []string{"Plain", "Init", "Main", "Go", "Testing"}
	for _, name := range slices.Sorted(maps.Keys(w.Uses)) {
		for _, use := range w.Uses[name] {
			if got := kinds[use.Kind]; got != name {
				t.Errorf("%v in %q: World says %s of a use of %s", use.Pos, use.In, got, name)
			}
		}
	}
	want := map[string]int{"Init": 2, "Main": 5, "Go": 6, "Testing": 1, "Plain": 5}
	for name, n := range want {
		if got := len(w.Uses[name]); got != n {
			t.Errorf("World has %d uses of %s, want %d: %v", got, name, n, w.Uses[name])
		}
	}
	if s.World(&detect.Package{}) != nil {
		t.Errorf("World of a package that is not of the set is not nil")
	}
}

// TestWorldWorkspace finds the uses of another module of the workspace.
func TestWorldWorkspace(t *testing.T) {
	dir := tree(t, `
-- go.work --
go 1.21
use ./a
use ./b
-- a/go.mod --
module example.com/a
-- a/a.go --
package a

var v *int

func Get() { v = nil }
-- b/go.mod --
module example.com/b
-- b/b.go --
package b

import "example.com/a"

func B() { a.Get() }
`)
	for _, test := range []struct {
		env  []string
		want int
	}{{nil, 1}, {[]string{"GOWORK=off"}, 0}} {
		s := scan(t, &Config{Dir: dir, Env: test.env, All: true, Fields: true}, "./a")
		if got := len(s.World(s.Packages[0]).Uses["Get"]); got != test.want {
			t.Errorf("with %v, World has %d uses of Get, want %d", test.env, got, test.want)
		}
	}
}

// TestWorldValues finds where a type stands other than behind a pointer.
func TestWorldValues(t *testing.T) {
	dir := tree(t, `
-- go.mod --
module example.com/m
-- p/p.go --
package p

var v *int

type Pointed struct{ N int }

type Valued struct{ N int }
-- q/q.go --
package q

import "example.com/m/p"

var a *p.Pointed

func b(x *p.Pointed) *p.Pointed { return &p.Pointed{N: x.N} }

var c = &p.Pointed{}

var d p.Valued

func e(x p.Valued) []p.Valued { return nil }

var f, g = p.Valued{N: 1}, &p.Valued{1}
`)
	s := scan(t, &Config{Dir: dir, All: true, Fields: true}, "./p")
	w := s.World(s.Packages[0])
	for name, want := range map[string]int{"Pointed": 0, "Valued": 5} {
		if got := len(w.Values[name]); got != want {
			t.Errorf("World has %d values of %s, want %d: %v", got, name, want, w.Values[name])
		}
	}
}

// TestReadHeader holds that a header is read whole wherever the part of a file
// that is read first ends.
func TestReadHeader(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, "p.go")
	s := newSet(&Config{Dir: dir})
	v := new(surveyor)
	const tail = "import \"fmt\"\n\nimport (\n\t\"os\"\n\tx \"q/x\"\n)\n\nvar A = fmt.Sprint(os.Args, x.Y)\n"
	for n := usualHeader - 150; n < usualHeader+20; n++ {
		src := "package p\n\n//" + strings.Repeat("-", n-13) + "\n" + tail
		if err := os.WriteFile(name, []byte(src), 0o600); err != nil {
			t.Fatal(err)
		}
		h, err := v.readHeader(s, name)
		if want := []string{"fmt", "os", "q/x"}; err != nil || h.name != "p" || !slices.Equal(h.imports, want) {
			t.Fatalf("behind %d bytes: readHeader = %q imports %q, %v; want %q", n, h.name, h.imports, err, want)
		}
	}
}
