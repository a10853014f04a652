package verify

import (
	"context"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"slices"

	"github.com/singletonfix/singletonfix/detect"
	"github.com/singletonfix/singletonfix/internal/load"
)

// outside checks that the files of other packages parse, and that each of
// their comments is still there, before the declaration that it stood before.
func (v *checker) outside() {
	v.eachOutside(func(name string, before, after *ast.File) {
		numbered := len(before.Decls) == len(after.Decls) // else some are new, in a file that another build has
		was, is := commentTexts(before, numbered), commentTexts(after, numbered)
		if !numbered {
			slices.Sort(was)
			slices.Sort(is)
		}
		if !slices.Equal(was, is) {
			v.add(Comments, token.Position{Filename: name}, "its comments are not what they were")
		}
	})
}

// eachOutside calls do with the files of other packages, before and after.
func (v *checker) eachOutside(do func(name string, before, after *ast.File)) {
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
		do(name, before, after)
	}
}

// CheckTypes returns what is wrong with the types and the comments of a change
// of pkg and of the packages with, each of which stood [Check] by itself.
func CheckTypes(ctx context.Context, set *load.Set, pkg *detect.Package, c Change, with []*detect.Package) []Problem {
	v := &checker{ctx: ctx, set: set, before: pkg, change: c}
	v.stale()
	after, err := set.Recheck(pkg, c.Files, with...)
	if err != nil {
		v.syntax(err)
		return v.problems
	}
	v.after = after.Package
	v.typeErrors(after)
	v.eachOutside(func(name string, before, after *ast.File) {
		is := commentTexts(after, false)
		for _, text := range commentTexts(before, false) {
			if !slices.Contains(is, text) {
				v.add(Comments, token.Position{Filename: name}, "the comment `%s` is lost", firstLine(text))
			}
		}
	})
	return v.problems
}

func parsed(name string, src []byte) (*ast.File, error) {
	return parser.ParseFile(token.NewFileSet(), name, src, parser.ParseComments|parser.SkipObjectResolution)
}

// commentTexts returns the comments of f, if so asked each behind the number
// of declarations that begin before it.
func commentTexts(f *ast.File, numbered bool) []string {
	var texts []string
	for _, group := range f.Comments {
		at := 0
		for at < len(f.Decls) && f.Decls[at].Pos() < group.Pos() {
			at++
		}
		for _, c := range group.List {
			text := flat(c.Text)
			if numbered {
				text = fmt.Sprint(at, " ", text)
			}
			texts = append(texts, text)
		}
	}
	return texts
}
