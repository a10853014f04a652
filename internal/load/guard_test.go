package load

import (
	"strings"
	"testing"
)

// TestPanicStaysInItsUnit holds that what panics while one package is
// type-checked is an error of that package.
func TestPanicStaysInItsUnit(t *testing.T) {
	s := newSet(&Config{})
	s.checkAll([]*unit{{path: "example.com/bad"}}) // without a folder: no such thing
	if len(s.Errors) != 1 || s.Errors[0].Package != "example.com/bad" || !strings.Contains(s.Errors[0].Msg, "a bug of singletonfix") {
		t.Errorf("errors are %v; want one of example.com/bad that says it is a bug", s.Errors)
	}
	if len(s.Packages) > 0 {
		t.Errorf("%d packages, want none", len(s.Packages))
	}
}
