package rewrite

import (
	"bytes"
	"go/parser"
	"go/token"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
	"github.com/singletonfix/singletonfix/detect"
)

// Whatever parses is edited without a panic: with an error, or so that no
// token and no comment is lost.
func FuzzApply(f *testing.F) {
	files, err := filepath.Glob(filepath.Join("testdata", "apply", "*.txtar"))
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range files {
		ar, err := txtar.ParseFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(section(ar, "in.go"))
		f.Add(bytes.ReplaceAll(section(ar, "in.go"), []byte("\n"), []byte("\r\n")))
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		for _, form := range forms {
			fset := token.NewFileSet()
			file, err := parser.ParseFile(fset, "in.go", src, parser.ParseComments|parser.SkipObjectResolution)
			if err != nil {
				return
			}
			edits, splices := form.edits(file, func(p token.Pos) int { return fset.PositionFor(p, false).Offset })
			if len(edits) == 0 {
				continue
			}
			pkg := &detect.Package{Path: "p", Fset: fset, Files: []*detect.File{{Name: "in.go", Syntax: file, Src: src}}}
			changes, err := Apply(pkg, []*Plan{{Strategy: form.name, Edits: edits}})
			if err != nil {
				continue
			}
			got, expected := changes[0].After, spliced(src, splices)
			if _, err := parser.ParseFile(fset, "", expected, 0); err != nil {
				continue // where the form does not fit the grammar
			}
			if _, err := parser.ParseFile(fset, "", got, 0); err != nil {
				t.Fatalf("%s: %v\n%s", form.name, err, got)
			}
			holdComments(t, form.name, got, expected)
			holdTokens(t, form.name, got, expected)
		}
	})
}
