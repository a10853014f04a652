package verify

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"slices"
)

// outside checks that the files of other packages parse, and that each of
// their comments is still there, before the declaration that it stood before.
func (v *checker) outside() {
	for _, name := range slices.Sorted(maps.Keys(v.change.Outside)) {
		before, err := parsed(name, v.change.Outside[name])
		if err != nil {
			v.add(Failed, token.Position{Filename: name}, "%v", err)
			continue
		}
		after, err := parsed(name, v.change.Files[name])
		if err != nil {
			v.add(Syntax, token.Position{Filename: name}, "%v", err)
			continue
		}
		was, is := commentTexts(before), commentTexts(after)
		if !slices.Equal(was, is) {
			v.add(Comments, token.Position{Filename: name}, "its comments are not what they were")
		}
	}
}

func parsed(name string, src []byte) (*ast.File, error) {
	return parser.ParseFile(token.NewFileSet(), name, src, parser.ParseComments|parser.SkipObjectResolution)
}

// commentTexts returns the comments of f, each behind the number of
// declarations that begin before it.
func commentTexts(f *ast.File) []string {
	var texts []string
	for _, group := range f.Comments {
		at := 0
		for at < len(f.Decls) && f.Decls[at].Pos() < group.Pos() {
			at++
		}
		for _, c := range group.List {
			texts = append(texts, fmt.Sprint(at, " ", flat(c.Text)))
		}
	}
	return texts
}
