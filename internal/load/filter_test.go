package load

import (
	"go/build"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/singletonfix/singletonfix/detect"
)

// TestFilter tells packages that may hold a candidate from those that cannot,
// by their tokens and by their syntax.
func TestFilter(t *testing.T) {
	for _, test := range []struct {
		name, src string
		want      string // what lets it through
	}{
		{"assigned", "var x *int\nfunc F() { if x == nil { x = new(int) } }", "both"},
		{"one line", "var x *int; func F() { if x == nil { x = new(int) } }", "both"},
		{"group", "var (\n\ty = map[string]func(){\n\"a\": func() {\n}}\n\tz, x *int\n)\nfunc F() { if nil == x { x = new(int) } }", "both"},
		{"field assigned", "var x struct{ a struct{ b int } }\nfunc F() { if x.a.b == 0 { x.a.b = g() } }", "both"},
		{"element assigned", "var x map[int]int\nfunc F() { if x == nil { x[1] = 1 } }", "both"},
		{"element's field", "var x []struct{ a int }\nfunc F() { for x[0].a == 0 { (x[0]).a++ } }", "both"},
		{"after a literal", "var x *int\nfunc F() { if y := []int{1}; x == nil && y[0] == 1 { x = &y[0] } }", "both"},
		{"literal between", "var x *int\nfunc F() { if x == nil { x, g(T{1}).y = new(int), 2 } }", "both"},
		{"index is a function", "var x map[int]int\nfunc F() { if x == nil { x[func() int { return 1 }()] = 2 } }", "both"},
		{"after a closure", "var x *int\nfunc F() { if x == nil { var y = func() { x = g() }; y() } }", "both"},
		{"ranged into", "var x int\nfunc F() { if x < 1 { for x = range 3 {} } }", "both"},
		{"address passed", "var x *int\nfunc F() { if x == nil { g(&(x)) } }", "both"},
		{"method called", "var x T\nfunc (t *T) set() { t.a = 1 }\nfunc F() { if x.a == 0 { x.set() } }", "both"},
		{"in a literal", "var x *int\nvar f = func() { if x == nil { x = new(int) } }", "both"},
		{"switch", "var x *int\nfunc F() { switch { case x == nil: x = new(int) } }", "both"},
		{"tag", "var x *int\nfunc F() { switch x { case nil:\n x = new(int) } }", "both"},
		{"copied", "var x *int\nfunc F() { y := x; if y == nil { x = new(int) } }", "both"},
		{"copied condition", "var x *int\nfunc F() { var y = x == nil; if y { x = new(int) } }", "both"},
		{"look-up", "var x = map[int]int{}\nfunc F(k int) { if _, ok := x[k]; !ok { x[k] = g() } }", "both"},
		{"predicate", "var x *int\nfunc p() bool { return q() }\nfunc q() bool { return x == nil }\nfunc F() { if p() { x = new(int) } }", "both"},
		{"helper", "var x *int\nfunc F() { if x == nil { h() } }\nfunc h() { defer i() }\nfunc i() { x = new(int) }", "both"},
		{"swapped", "import \"sync/atomic\"\nvar x atomic.Bool\nfunc F() { if x.CompareAndSwap(false, true) {} }", "both"},
		{"two at once", "var x, y *int\nfunc F() { if y == nil { _, y = nil, g() } }", "both"},
		{"once", "import \"sync\"\nvar once sync.Once", "both"},
		{"once in a type", "import \"sync\"\ntype A = B\ntype B struct { once sync.Once }\nvar x = new(A)", "both"},
		{"once of a function", "import . \"sync\"\nvar x = g()\nfunc g() (t T) { return }\ntype T struct { o Once }", "both"},
		{"local once", "import \"sync\"\nvar x *int\nfunc F() { var o sync.Once; o.Do(func() { x = new(int) }) }", "both"},
		{"once in a copy", "import \"sync\"\nvar x *int\ntype T struct { o sync.Once }\nfunc (t T) f() { t.o.Do(func() { x = new(int) }) }", "both"},
		{"map", "import s \"sync\"\nvar x s.Map", "both"},
		{"managed", "import \"m/internal/lazy\"\nvar x lazy.Value[int]", "both"},
		{"ready", "var x = new(T)\nfunc F() *T { return (x) }", "both"},
		{"made by init", "var x *T\nfunc init() { x = new(T) }\nfunc F() *T {\n\n\treturn x // always\n}", "both"},

		{"address to an atomic", "import \"sync/atomic\"\nvar x uint32\nfunc F() { if atomic.LoadUint32(&x) == 0 { atomic.StoreUint32(&x, 1) } }", "both"},
		{"address of a field", "var x struct{ y *int }\nfunc F() { if x.y == nil { g(&x.y) } }", "both"},
		{"in a literal of what nobody calls", "var x *int\nfunc f() { _ = func() { if x == nil { x = new(int) } } }", "both"},
		{"of what a comment exports", "var x *int\n\n//export f\nfunc f() { if x == nil { x = new(int) } }", "both"},
		{"what nobody calls asks a predicate", "var x *int\nfunc Is() bool { return x == nil }\nfunc f() { if Is() { x = new(int) } }", "both"},

		{"nobody calls it", "var x *int\nfunc f() { if x == nil { x = new(int) } }", "tokens"},
		{"element's address", "var x [9]*int\nfunc F() { if x[1] == nil { g(&x[1]) } }", "tokens"},
		{"address kept", "var x *int\nfunc F() { p := &x; if x == nil { *p = new(int) } }", "tokens"},
		{"answer about an address", "var x int\nfunc F() { y := g(&x); if y == nil { return } }", "tokens"},
		{"once of the values of a type", "import \"sync\"\ntype T struct { once sync.Once }\nvar x = &U{}", "tokens"},
		{"tested elsewhere", "var x *int\nfunc F() { x = g() }\nfunc g() { if x == nil { } }", "tokens"},
		{"another's field", "var x int\nfunc F(y T) { if x == 0 { y.x = 1 } }", ""},
		{"in a string", "var x int\nfunc F() { if x == 0 { g(\"x = 1\", `x = 1`, 'x') /* x = 1 */ } // x = 1\n }", ""},
		{"not tested", "var x *int\nfunc F() { x = nil }", ""},
		{"only cleared", "var x func()\nfunc F() { if x != nil { x(); x = nil } }", ""},
		{"another method called", "var x T\nfunc (t *T) get() int { a := t.a; return a }\nfunc F() { if x.a == 0 { x.get() } }", ""},
		{"added to a time", "var x = time.Now()\nfunc F() { if x.IsZero() { x.Add(1) } }", ""},
		{"once of many values", "import \"sync\"\nvar x *int\ntype T struct { o sync.Once }\nfunc (t *T) f() { t.o.Do(func() { x = new(int) }) }", "tokens"},
		{"only tested", "var x *int\nfunc F() { if x == nil { panic(x) } }", ""},
		{"only read", "var x *int\nfunc F() *int { return g(x) }", ""},
		{"made anew", "var x *int\nfunc F() { x := g(); if x == nil { return } }", ""},
		{"local", "var x *int\nfunc F() { y := x; _ = y }", ""},
		{"no variables", "import \"sync\"\nfunc F() { var once sync.Once; once.Do(nil) }", ""},
		{"blank", "var _ = 1\nfunc F() { if _ == 2 { _ = 2 } }", ""},
		{"a number", "var x = 0x1p-2\nfunc F() int { return x }", "tokens"},
	} {
		t.Run(test.name, func(t *testing.T) {
			var got string
			v := new(surveyor)
			dir := tree(t, "-- go.mod --\nmodule m\n-- p.go --\npackage p\n"+test.src+"\n")
			s := scan(t, &Config{Dir: dir})
			if v.survey(s, newFolder(dir, s.modules[dir]), []string{"p.go"}, nil) == nil {
				got = "tokens"
			}
			if v.sketch.odd {
				t.Errorf("it is odd")
			}
			if len(s.Packages)+len(s.Errors) > 0 {
				got = "both"
			}
			if got != test.want {
				t.Errorf("the filter lets %s through by %q, want %q", strings.ReplaceAll(test.src, "\n", "; "), got, test.want)
			}
		})
	}
}

// TestFilterDropsNothing looks for singletons in all that the filter drops:
// there are none.
func TestFilterDropsNothing(t *testing.T) {
	t.Run("cases", func(t *testing.T) { dropsNothing(t, casesIn(t)) })
	if os.Getenv("SINGLETONFIX_TREES") == "" {
		t.Skip("SINGLETONFIX_TREES=1 runs it over the standard library and x/tools too: minutes")
	}
	t.Run("std", func(t *testing.T) { dropsNothing(t, filepath.Join(build.Default.GOROOT, "src")) })
	t.Run("tools", func(t *testing.T) {
		out, err := exec.Command("go", "list", "-m", "-f={{.Dir}}", "golang.org/x/tools").Output()
		if err != nil {
			t.Fatalf("go list: %v", err)
		}
		dropsNothing(t, strings.TrimSpace(string(out)))
	})
}

// casesIn unpacks all cases of the golden tests into one tree.
func casesIn(t *testing.T) string {
	names, err := filepath.Glob("../../testdata/*/*.txtar")
	if err != nil || len(names) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	dir := t.TempDir()
	for _, name := range names {
		ar, err := txtar.ParseFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.ContainsFunc(ar.Files, func(f txtar.File) bool { return f.Name == "go.mod" }) {
			ar.Files = append(ar.Files, txtar.File{Name: "go.mod", Data: []byte("module p\n\ngo 1.24\n")})
		}
		sub := filepath.Join(dir, filepath.Base(filepath.Dir(name)), strings.TrimSuffix(filepath.Base(name), ".txtar"))
		if err := txtar.Write(ar, sub); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// dropsNothing compares, for every module below dir, what there is to find
// in the packages that the filter lets through and in all.
func dropsNothing(t *testing.T, dir string) {
	var listings []*listing
	listAll(dir, &listings)
	for _, l := range listings {
		if !isFile(filepath.Join(l.dir, "go.mod")) {
			continue
		}
		for _, tests := range []bool{false, true} {
			moduleDropsNothing(t, &Config{Dir: l.dir, Tests: tests})
		}
	}
}

func moduleDropsNothing(t *testing.T, c *Config) {
	passed := make(map[string]bool)
	kept, err := c.Scan(nil)
	if err != nil {
		return // a module without a package
	}
	for _, p := range kept.Packages {
		passed[p.Path] = true
	}
	all := *c
	all.All = true
	for _, p := range scan(t, &all).Packages {
		if !c.Tests {
			hasNoEffects(t, p)
		}
		if passed[p.Path] {
			continue
		}
		if c.Tests {
			for _, f := range p.Files {
				f.Test = false // as package driver looks for them
			}
		}
		for _, found := range detect.Find(p) {
			if c.Tests || !found.InTests() {
				t.Errorf("%s: the filter drops %s (%s)", p.Fset.Position(found.Vars[0].Obj.Pos()), found.Vars[0].Name(), found.Pattern)
			}
		}
	}
}

// hasNoEffects looks for what callers must know of those of p's functions of
// which syntax says that there is nothing.
func hasNoEffects(t *testing.T, p *detect.Package) {
	code := slices.DeleteFunc(slices.Clone(p.Files), func(f *detect.File) bool { return f.Test })
	names := mayHaveEffects(code)
	for f, effect := range detect.BuildFacts(p).Effects() {
		if !names[f.Name()] {
			t.Errorf("%s: nothing is known of %s, which has the effect %+v", p.Path, f.FullName(), effect)
		}
	}
}
