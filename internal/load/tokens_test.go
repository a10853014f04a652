package load

import "testing"

// TestSelectsAny asks files whether they use F of example.com/p.
func TestSelectsAny(t *testing.T) {
	names := map[string]bool{"F": true}
	for _, test := range []struct {
		name, src string
		want      bool
	}{
		{"by its own name", "package x\nimport \"example.com/p\"\nvar _ = p.F()", true},
		{"by another name", "package x\nimport (\n\tq \"example.com/p\"\n)\nvar _ = q.\n\tF()", true},
		{"in raw quotes", "package x\nimport `example.com/p`\nvar _ = p. /* */ F", true},
		{"another function", "package x\nimport \"example.com/p\"\nvar _ = p.G() + F()", false},
		{"another package", "package x\nimport \"example.com/p\"\nimport q \"q\"\nvar _ = q.F()", false},
		{"another path", "package x\nimport \"example.com/p/p\"\nvar _ = p.F()", true}, // the parser tells
		{"path not there", "package x\nimport \"example.com/q\"\nvar _ = p.F()", false},
		{"a field's method", "package x\nimport \"example.com/p\"\nvar _ = a.p.F()", true}, // the parser tells
		{"a call's method", "package x\nimport \"example.com/p\"\nvar _ = p().F()", false},
		{"a dot", "package x\nimport . \"example.com/p\"\nvar _ = F()", true},
		{"odd", "package x\nimport \"example.com/p\"\nvar _ = \"", true},
	} {
		if got := selectsAny([]byte(test.src), "example.com/p", "p", names); got != test.want {
			t.Errorf("%s: selectsAny = %v, want %v", test.name, got, test.want)
		}
	}
}

// TestStartsIn asks whether a file may start f in a goroutine.
func TestStartsIn(t *testing.T) {
	for _, test := range []struct {
		name, src string
		want      bool
	}{
		{"go", "package x\nfunc g() { go f() }", true},
		{"go across a comment", "package x\nfunc g() { go /* soon */ f() }", true},
		{"go of another", "package x\nfunc g() { go h(f) }", false},
		{"a call", "package x\nfunc g() { f() }", false},
		{"a group", "package x\nfunc g() { group.Go(f) }", true},
		{"a route", "package x\nfunc g() { mux.GET(\"/\", f) }", true},
		{"odd", "package x\nfunc g() { '", true},
	} {
		got := newSet(&Config{}).startsIn([]byte(test.src))
		if got.mayStart(map[string]bool{"f": true}) != test.want {
			t.Errorf("%s: mayStart = %v, want %v", test.name, !test.want, test.want)
		}
	}
}

// TestNaming asks whether a name stands in a file, as a name.
func TestNaming(t *testing.T) {
	for src, want := range map[string]bool{
		"package x\nvar _ = Get()":        true,
		"package x\nvar _ = a.Get":        true,
		"package x\nvar _ = GetAll()":     false,
		"package x\n// Get\nvar _ = 'G'":  false,
		"package x\nvar _ = \"Get\"":      false,
		"package x\nvar _ = \"Get\n odd ": true,
	} {
		if got := naming([]byte(src), "Get"); got != want {
			t.Errorf("naming(%q) = %v, want %v", src, got, want)
		}
	}
}
