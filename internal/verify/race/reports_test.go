package race

import (
	"strings"
	"testing"
)

// TestOwnLines holds that a function that builds the value is the singleton's
// whole, but for the lines of other variables.
func TestOwnLines(t *testing.T) {
	pkg := load(t, `package p

type T struct{ n int }

var mine, other *T

func Get() *T { // own
	if mine == nil { // own
		v := new(T) // own
		v.n = 1 // own
		other = new(T)
		mine, other = v, nil // own
	} // own
	return mine // own
} // own

func Other() *T {
	return other
}
`)
	file := pkg.Files[0]
	own := ownLines(pkg, variables(pkg, []string{"mine"}))
	n := 0
	for text := range strings.Lines(string(file.Src)) {
		n++
		want := strings.Contains(text, "// own")
		if got := own[line{file.Name, n}]; got != want {
			t.Errorf("line %d, %q, is the singleton's: %v, want %v", n, text, got, want)
		}
	}
}
