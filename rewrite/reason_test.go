package rewrite

import (
	"go/ast"
	"go/parser"
	"go/token"
	"strconv"
	"strings"
	"testing"
)

// TestReasons holds the documentation of refusals against the code: every
// Reason is explained once, and in the form that --explain prints.
func TestReasons(t *testing.T) {
	explained := make(map[Reason]bool)
	for _, r := range Reasons {
		if explained[r.Reason] {
			t.Errorf("%s is explained twice", r.Reason)
		}
		explained[r.Reason] = true
		title, text, ok := strings.Cut(r.Doc, "\n\n")
		if !ok || text == "" || strings.HasSuffix(title, ".") || title[:1] != strings.ToLower(title[:1]) || !strings.HasSuffix(text, ".") {
			t.Errorf("Doc of %s has not the form of a title, an empty line and a text: %q", r.Reason, r.Doc)
		}
	}
	for name, code := range declaredReasons(t) {
		if !explained[code] {
			t.Errorf("%s (%s) is not explained in Reasons", name, code)
		}
	}
}

// declaredReasons returns the constants of type Reason in reason.go.
func declaredReasons(t *testing.T) map[string]Reason {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "reason.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	found := make(map[string]Reason)
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok || len(spec.Values) != 1 {
			return true
		}
		if id, ok := spec.Type.(*ast.Ident); ok && id.Name == "Reason" {
			code, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
			if err != nil {
				t.Fatal(err)
			}
			found[spec.Names[0].Name] = Reason(code)
		}
		return true
	})
	if len(found) < 20 {
		t.Fatalf("found %d reasons in reason.go, expected all of them", len(found))
	}
	return found
}

// TestStrategies holds every strategy's Doc to its form.
func TestStrategies(t *testing.T) {
	seen := make(map[string]bool)
	for _, s := range Strategies {
		title, text, ok := strings.Cut(s.Doc, "\n\n")
		if seen[s.Name] || !ok || strings.HasSuffix(title, ".") || !strings.Contains(text, "\tfunc ") {
			t.Errorf("%q: seen before, or its Doc has no title, or no example: %q", s.Name, s.Doc)
		}
		seen[s.Name] = true
		if s.plan == nil {
			t.Errorf("%q plans nothing", s.Name)
		}
	}
}
