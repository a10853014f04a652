package detect

import (
	"go/ast"
	"strings"
	"testing"
)

// FuzzSuppresses holds that a comment suppresses what it names, and nothing
// that it does not.
func FuzzSuppresses(f *testing.F) {
	f.Add("//singletonfix:ignore nil-check // reason", "nil-check")
	f.Add("//singletonfix:ignore", "once-reset")
	f.Add("//singletonfix:ignore a,,b,", "b")
	f.Add("//nolint:all,singletonfix // reason", "x")
	f.Add("//singletonfix:ignored", "d")
	f.Add("/* //singletonfix:ignore */", "x")
	f.Fuzz(func(t *testing.T, text, pattern string) {
		if !suppresses(&ast.Comment{Text: text}, pattern) {
			return
		}
		directive, ok := strings.CutPrefix(text, "//singletonfix:ignore")
		if !ok {
			if !strings.HasPrefix(text, "//nolint:") || !strings.Contains(text, "singletonfix") {
				t.Errorf("%q suppresses", text)
			}
			return
		}
		names, _, _ := strings.Cut(directive, "//")
		if strings.TrimSpace(names) != "" && !strings.Contains(names, pattern) {
			t.Errorf("%q suppresses %q", text, pattern)
		}
	})
}
