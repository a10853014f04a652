package load

import (
	"fmt"
	"go/parser"
	"go/token"
	"strings"
	"testing"

	"github.com/singletonfix/singletonfix/detect"
)

// TestManyDeclarations asks the filter about a hundred thousand variables.
// With a step that looks at all declarations for each, that takes minutes.
func TestManyDeclarations(t *testing.T) {
	var src strings.Builder
	src.WriteString("package p\n\nvar x *int\n\nfunc Get() { x = new(int) }\n\n")
	for i := range 100_000 {
		fmt.Fprintf(&src, "var v%d = %d\n", i, i)
	}
	file, err := parser.ParseFile(token.NewFileSet(), "p.go", src.String(), parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	if mayHoldCandidate([]*detect.File{{Name: "p.go", Syntax: file, Src: []byte(src.String())}}) {
		t.Error("mayHoldCandidate = true; nothing is tested")
	}
}
