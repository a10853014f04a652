package rewrite

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/scanner"
	"go/token"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/dave/dst"
	"github.com/dave/dst/decorator"
	"github.com/singletonfix/singletonfix/detect"
)

// standard lists folders of the standard library with all kinds of code and comments.
var standard = []string{"cmd/go/internal/load", "database/sql", "encoding/json", "go/printer", "sync", "text/template", "time"}

// eachStandardFile calls f for every file of these folders; with -short, of a few.
func eachStandardFile(t *testing.T, f func(t *testing.T, name string, src []byte)) {
	dirs := standard
	if testing.Short() {
		dirs = []string{"encoding/json", "sync", "text/template"}
	}
	for _, dir := range dirs {
		files, err := filepath.Glob(filepath.Join(runtime.GOROOT(), "src", dir, "*.go"))
		if err != nil || len(files) == 0 {
			t.Fatalf("no files in %s: %v", dir, err)
		}
		for _, name := range files {
			src, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			f(t, dir+"/"+filepath.Base(name), src)
		}
	}
}

// Every declaration that is printed without having been edited reads as
// before, and is spliced to the same bytes. Printed alone it lacks what gofmt
// aligns with its neighbours.
func TestPrintUnedited(t *testing.T) {
	eachStandardFile(t, func(t *testing.T, name string, src []byte) {
		dec := decorator.NewDecorator(token.NewFileSet())
		f, err := parser.ParseFile(dec.Fset, name, src, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		tree, err := dec.DecorateFile(f)
		if err != nil {
			t.Fatal(err)
		}
		claimComments(tree)
		for _, d := range f.Decls {
			decl := dec.Dst.Nodes[d].(dst.Decl)
			bare(decl)
			got, err := printDecls(decl)
			if err != nil {
				t.Fatal(err)
			}
			at := func(p token.Pos) int { return dec.Fset.PositionFor(p, false).Offset }
			old := string(src[at(d.Pos()):at(d.End())])
			alone, err := format.Source([]byte(packageClause + old))
			if err != nil {
				t.Fatal(err)
			}
			if want := strings.TrimSpace(strings.TrimPrefix(string(alone), packageClause)); got != want {
				t.Errorf("%s: printDecls = %s\nwant %s", dec.Fset.Position(d.Pos()), got, want)
			}
			if splices, ok := merge(old, got, got); !ok || len(splices) > 0 {
				t.Errorf("%s: merge = %v, %v, want no splice", dec.Fset.Position(d.Pos()), splices, ok)
			}
		}
	})
}

// Every if without else in every file is rewritten at once, one within the
// other: no token and no comment gets lost, and the lines of nothing else change.
func TestApplyEverywhere(t *testing.T) {
	forms := []struct{ name, code, before, after string }{
		{"once", "x.Do(func() {\n$body\n})", "x.Do(func() {", "})"},
		{"dissolve", "y()\n$body\nz()", "y()", "z()"},
	}
	for _, form := range forms {
		t.Run(form.name, func(t *testing.T) {
			eachStandardFile(t, func(t *testing.T, name string, src []byte) {
				fset := token.NewFileSet()
				f, err := parser.ParseFile(fset, name, src, parser.ParseComments|parser.SkipObjectResolution)
				if err != nil {
					t.Fatal(err)
				}
				p := &Plan{Strategy: form.name}
				want := newSource(src)
				var splices []splice
				for _, guard := range plainIfs(f) {
					var body []ast.Node
					for _, s := range guard.Body.List {
						body = append(body, s)
					}
					p.Edits = append(p.Edits, Edit{At: guard, Code: form.code, Holes: map[string][]ast.Node{"body": body}})
					at := func(p token.Pos) int { return fset.PositionFor(p, false).Offset }
					header := splice{at(guard.Pos()), at(guard.Body.Lbrace) + 1, form.before}
					for _, c := range commentsBetween(f, guard.Pos(), guard.Body.Lbrace) {
						header.text = c + "\n" + header.text
					}
					splices = append(splices, header, splice{at(guard.Body.Rbrace), at(guard.Body.Rbrace) + 1, form.after})
				}
				pkg := &detect.Package{Path: "p", Fset: fset, Files: []*detect.File{{Name: name, Syntax: f, Src: src}}}
				changes, err := Apply(pkg, []*Plan{p})
				if err != nil {
					t.Fatalf("%s: %v", name, err)
				}
				if len(p.Edits) == 0 {
					return
				}
				got := changes[0].After
				if clean, err := format.Source(got); err != nil || !bytes.Equal(clean, got) {
					t.Errorf("%s: the result is not gofmt'd: %v", name, err)
				}
				expected := spliced(want.text, splices)
				gotTokens, _ := lex(code(t, got))
				wantTokens, _ := lex(code(t, expected))
				_, gotComments := lex(got)
				_, wantComments := lex(expected)
				if at := firstDiff(gotTokens, wantTokens); at != "" {
					t.Errorf("%s: code differs: %s", name, at)
				}
				slices.Sort(gotComments)
				slices.Sort(wantComments)
				if at := firstDiff(gotComments, wantComments); at != "" {
					t.Errorf("%s: comments differ: %s", name, at)
				}
			})
		})
	}
}

// plainIfs returns the if statements of f that stand in a block and have no
// else, without those in the condition of another.
func plainIfs(f *ast.File) []*ast.IfStmt {
	var out []*ast.IfStmt
	plain := make(map[ast.Node]bool)
	ast.Inspect(f, func(n ast.Node) bool {
		for _, s := range stmtsOf(n) {
			if s, ok := s.(*ast.IfStmt); ok && s.Else == nil && len(s.Body.List) > 0 {
				plain[s] = true
			}
		}
		if !plain[n] {
			return true
		}
		guard := n.(*ast.IfStmt)
		out = append(out, guard)
		out = append(out, plainIfs(&ast.File{Name: f.Name, Decls: []ast.Decl{&ast.FuncDecl{Name: f.Name, Type: new(ast.FuncType), Body: guard.Body}}})...)
		return false
	})
	return out
}

// code returns the part of src behind the imports: those that lose their last use go.
func code(t *testing.T, src []byte) []byte {
	t.Helper()
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, "", src, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range f.Decls {
		if gen, ok := d.(*ast.GenDecl); !ok || gen.Tok != token.IMPORT {
			return src[fset.PositionFor(d.Pos(), false).Offset:]
		}
	}
	return nil
}

// spliced returns text after splices that may be in any order but do not overlap.
func spliced(text []byte, splices []splice) []byte {
	slices.SortFunc(splices, func(a, b splice) int { return a.start - b.start })
	var out []byte
	pos := 0
	for _, s := range splices {
		out = append(append(out, text[pos:s.start]...), s.text...)
		pos = s.end
	}
	return append(out, text[pos:]...)
}

// commentsBetween returns the comments between two positions.
func commentsBetween(f *ast.File, from, to token.Pos) []string {
	var out []string
	for _, group := range f.Comments {
		for _, c := range group.List {
			if from <= c.Pos() && c.Pos() < to {
				out = append(out, c.Text)
			}
		}
	}
	return out
}

// lex returns the tokens of src, and its comments without their indentation.
func lex(src []byte) (tokens, comments []string) {
	var s scanner.Scanner
	s.Init(token.NewFileSet().AddFile("", -1, len(src)), src, nil, scanner.ScanComments)
	for {
		_, tok, lit := s.Scan()
		switch {
		case tok == token.EOF:
			return tokens, comments
		case tok == token.COMMENT:
			comments = append(comments, plain(tok, lit))
		case tok != token.SEMICOLON:
			tokens = append(tokens, cmpOr(lit, tok.String()))
		}
	}
}

func cmpOr(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// firstDiff describes the first difference of two lists, or is empty.
func firstDiff(got, want []string) string {
	for i := range max(len(got), len(want)) {
		if i >= len(got) || i >= len(want) || got[i] != want[i] {
			cut := func(l []string) []string { return l[min(max(i-3, 0), len(l)):min(i+4, len(l))] }
			return fmt.Sprintf("at %d: got %q, want %q", i, cut(got), cut(want))
		}
	}
	return ""
}
