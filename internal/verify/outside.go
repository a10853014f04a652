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
		if len(before.Decls) != len(after.Decls) { // some are new, in a file that another build has
			v.commentsKept(name, before, after)
			return
		}
		if !slices.Equal(commentTexts(before, true), commentTexts(after, true)) {
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
	v.eachOutside(v.commentsKept)
	return v.problems
}

// commentsKept checks that each comment is still there. Declarations that are
// new may have some of their own.
func (v *checker) commentsKept(name string, before, after *ast.File) {
	left := commentTexts(after, false)
	for _, text := range commentTexts(before, false) {
		i := slices.Index(left, text)
		if i < 0 {
			v.add(Comments, token.Position{Filename: name}, "the comment `%s` is lost", firstLine(text))
			continue
		}
		left = slices.Delete(left, i, i+1)
	}
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
