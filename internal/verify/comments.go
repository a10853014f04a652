package verify

import (
	"go/ast"
	"go/token"
	"maps"
	"slices"
	"strings"

	"github.com/singletonfix/singletonfix/detect"
)

// comments checks that every comment of the changed files is still there, as
// often as it was. It may have moved, and new ones may have come.
func (v *checker) comments() {
	before, after := v.commentsOf(v.before), v.commentsOf(v.after)
	for _, text := range slices.Sorted(maps.Keys(before)) {
		was, now := before[text], after[text]
		switch {
		case len(now) < len(was):
			v.add(Comments, was[0], "the comment `%s` is lost", firstLine(text))
		case len(now) > len(was) && !v.isSaid(text):
			v.add(Comments, now[0], "the comment `%s` is there %d times, and was %d times", firstLine(text), len(now), len(was))
		}
	}
}

// commentsOf returns the places of each comment of the changed files.
func (v *checker) commentsOf(pkg *detect.Package) map[string][]token.Position {
	places := make(map[string][]token.Position)
	for _, f := range pkg.Files {
		if _, ok := v.change.Files[f.Name]; !ok || f.IsRaceTest() {
			continue // as it was, or written anew as a whole
		}
		for _, group := range f.Syntax.Comments {
			for _, c := range group.List {
				text := flat(c.Text)
				places[text] = append(places[text], pkg.Fset.PositionFor(c.Pos(), false))
			}
		}
	}
	return places
}

// isSaid reports whether the change adds a comment of that text, whatever
// else says the same: a line of one of its sentences, or the gap in front.
func (v *checker) isSaid(text string) bool {
	line := strings.TrimSpace(strings.TrimPrefix(text, "//"))
	return len(v.change.Says) > 0 && slices.ContainsFunc(v.change.Says, func(s string) bool { return strings.Contains(s, line) })
}

// flat returns a comment without the indentation of its lines, which may change.
func flat(text string) string {
	var lines []string
	for line := range strings.Lines(text) {
		lines = append(lines, strings.TrimSpace(line))
	}
	return strings.Join(lines, "\n")
}

func firstLine(s string) string {
	line, _, more := strings.Cut(s, "\n")
	if more {
		line += " ..."
	}
	return line
}

// directives checks that every directive of the changed files speaks of the
// declaration that it spoke of: they mean something to the compiler.
func (v *checker) directives() {
	after := v.directivesOf(v.after)
	was := v.directivesOf(v.before)
	for _, d := range slices.Sorted(maps.Keys(was)) {
		if _, ok := after[d]; !ok {
			v.add(Directives, was[d], "the directive no longer stands before what it did: %s", d)
		}
	}
}

// directivesOf returns the directives in the doc comments of changed files,
// each with the names that it speaks of.
func (v *checker) directivesOf(pkg *detect.Package) map[string]token.Position {
	found := make(map[string]token.Position)
	add := func(doc *ast.CommentGroup, subject string) {
		if doc == nil {
			return
		}
		for _, c := range doc.List {
			if strings.HasPrefix(c.Text, "//go:") || strings.HasPrefix(c.Text, "//export ") {
				found[c.Text+" before "+subject] = pkg.Fset.PositionFor(c.Pos(), false)
			}
		}
	}
	for _, f := range pkg.Files {
		if _, ok := v.change.Files[f.Name]; !ok {
			continue
		}
		for _, decl := range f.Syntax.Decls {
			switch decl := decl.(type) {
			case *ast.FuncDecl:
				add(decl.Doc, "func "+decl.Name.Name)
			case *ast.GenDecl:
				for _, spec := range decl.Specs {
					add(decl.Doc, specName(spec))
					add(specDoc(spec), specName(spec))
				}
			}
		}
	}
	return found
}

// specName returns the first name that a spec declares.
func specName(spec ast.Spec) string {
	switch spec := spec.(type) {
	case *ast.ValueSpec:
		return spec.Names[0].Name
	case *ast.TypeSpec:
		return spec.Name.Name
	case *ast.ImportSpec:
		return "import " + spec.Path.Value
	}
	return ""
}

func specDoc(spec ast.Spec) *ast.CommentGroup {
	switch spec := spec.(type) {
	case *ast.ValueSpec:
		return spec.Doc
	case *ast.TypeSpec:
		return spec.Doc
	}
	return nil
}
