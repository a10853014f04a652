package rewrite

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/build"
	"go/format"
	"go/parser"
	"go/scanner"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/dave/dst"
	"github.com/dave/dst/decorator"
	"github.com/singletonfix/singletonfix/detect"
)

// standard lists folders of the standard library with all kinds of code and comments.
var standard = []string{"encoding/json", "go/printer", "sync", "text/template"}

// raceEnabled is set where the race detector runs, which makes everything
// several times slower.
var raceEnabled bool

// eachStandardFile calls f for every file of these folders; with -short, of a
// few, and so under -race: nothing in it is concurrent.
func eachStandardFile(t *testing.T, f func(t *testing.T, name string, src []byte)) {
	dirs := standard
	if testing.Short() || raceEnabled {
		dirs = []string{"sync", "text/template"}
	}
	eachFile(t, dirs, f)
}

func eachFile(t *testing.T, dirs []string, f func(t *testing.T, name string, src []byte)) {
	t.Helper()
	for _, dir := range dirs {
		files, err := filepath.Glob(filepath.Join(build.Default.GOROOT, "src", dir, "*.go"))
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
			if splices, ok := merge(old, got, got, "\t"); !ok || len(splices) > 0 {
				t.Errorf("%s: merge = %v, %v, want no splice", dec.Fset.Position(d.Pos()), splices, ok)
			}
		}
	})
}

// A form is an edit that can be made almost anywhere, with the splices of the
// source text that have the same effect on its tokens.
type form struct {
	name  string
	edits func(f *ast.File, at func(token.Pos) int) ([]Edit, []splice)
}

var forms = []form{
	{"once", guardEdits("x.Do(func() {\n$body\n})", "x.Do(func() {", "})")},
	{"dissolve", guardEdits("y()\n$body\nz()", "y();", ";z()")},
	{"load", operandEdits},
}

// guardEdits replaces every if without else by code, $body being its block.
func guardEdits(code, before, after string) func(*ast.File, func(token.Pos) int) ([]Edit, []splice) {
	return func(f *ast.File, at func(token.Pos) int) (edits []Edit, splices []splice) {
		for _, guard := range plainIfs(f) {
			var body []ast.Node
			for _, s := range guard.Body.List {
				body = append(body, s)
			}
			edits = append(edits, Edit{At: guard, Code: code, Holes: map[string][]ast.Node{"body": body}})
			header := splice{at(guard.Pos()), at(guard.Body.Lbrace) + 1, before}
			for _, c := range commentsBetween(f, guard.Pos(), guard.Body.Lbrace) {
				header.text = c + "\n" + header.text
			}
			splices = append(splices, header, splice{at(guard.Body.Rbrace), at(guard.Body.Rbrace) + 1, after})
		}
		return edits, splices
	}
}

// operandEdits replaces every name x that is compared, passed or returned by x.Load().
func operandEdits(f *ast.File, at func(token.Pos) int) (edits []Edit, splices []splice) {
	ast.Inspect(f, func(n ast.Node) bool {
		var list []ast.Expr
		switch n := n.(type) {
		case *ast.BinaryExpr:
			if n.Op != token.OR { // may stand in a constraint
				list = []ast.Expr{n.X, n.Y}
			}
		case *ast.CallExpr:
			list = n.Args
		case *ast.ReturnStmt:
			list = n.Results
		}
		for _, e := range list {
			if id, ok := e.(*ast.Ident); ok {
				edits = append(edits, Edit{Op: ReplaceExpr, At: id, Code: "$x.Load()", Holes: map[string][]ast.Node{"x": {id}}})
				splices = append(splices, splice{at(id.End()), at(id.End()), ".Load()"})
			}
		}
		return true
	})
	return edits, splices
}

// apply makes the edits of a form wherever they fit, and returns the file
// after them, and one with the same tokens; nil if there was nothing to do.
func (form form) apply(t *testing.T, name string, src []byte) (got, expected []byte) {
	t.Helper()
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, name, src, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	edits, splices := form.edits(f, func(p token.Pos) int { return fset.PositionFor(p, false).Offset })
	if len(edits) == 0 {
		return nil, nil
	}
	pkg := &detect.Package{Path: "p", Fset: fset, Files: []*detect.File{{Name: name, Syntax: f, Src: src}}}
	changes, err := Apply(pkg, []*Plan{{Strategy: form.name, Edits: edits}})
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return changes[0].After, spliced(src, splices)
}

// Every place of every file is edited at once, one within the other: no token
// and no comment gets lost, and the result is gofmt'd.
func TestApplyEverywhere(t *testing.T) {
	for _, form := range forms {
		t.Run(form.name, func(t *testing.T) {
			eachStandardFile(t, func(t *testing.T, name string, src []byte) {
				got, expected := form.apply(t, name, src)
				if got == nil {
					return
				}
				if clean, err := format.Source(got); err != nil || !bytes.Equal(clean, got) {
					t.Errorf("%s: the result is not gofmt'd: %v", name, err)
				}
				holdTokens(t, name, got, expected)
				holdComments(t, name, got, expected)
			})
		})
	}
}

// holdTokens compares the code behind the imports as gofmt writes it: on its
// way it drops needless commas and parentheses.
func holdTokens(t *testing.T, name string, got, expected []byte) {
	t.Helper()
	a, err := format.Source(got)
	if err != nil {
		t.Fatalf("%s: %v\n%s", name, err, got)
	}
	b, err := format.Source(expected)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	gotTokens, _ := lex(code(t, a))
	wantTokens, _ := lex(code(t, b))
	if at := firstDiff(gotTokens, wantTokens); at != "" {
		t.Errorf("%s: code differs: %s", name, at)
	}
}

// holdComments compares the comments, wherever they stand.
func holdComments(t *testing.T, name string, got, expected []byte) {
	t.Helper()
	_, gotComments := lex(got)
	_, wantComments := lex(expected)
	slices.Sort(gotComments)
	slices.Sort(wantComments)
	if at := firstDiff(gotComments, wantComments); at != "" {
		t.Errorf("%s: comments differ: %s", name, at)
	}
}

// A file with carriage returns, or indented by spaces, comes out as the same
// file without, but for these.
func TestApplyOtherwiseWritten(t *testing.T) {
	returns := func(src []byte) []byte { return bytes.ReplaceAll(src, []byte("\n"), []byte("\r\n")) }
	eachFile(t, []string{"text/template"}, func(t *testing.T, name string, src []byte) {
		for _, form := range forms {
			want, _ := form.apply(t, name, src)
			if want == nil {
				continue
			}
			if got, _ := form.apply(t, name, returns(src)); !bytes.Equal(got, returns(want)) {
				t.Errorf("%s: %s differs with carriage returns", name, form.name)
			}
			loose := indentBySpaces(src)
			if clean, err := format.Source(loose); err != nil || !bytes.Equal(clean, src) {
				continue // comments in columns
			}
			got, _ := form.apply(t, name, loose)
			clean, err := format.Source(got)
			if err != nil {
				t.Errorf("%s: %s of a file that is not gofmt'd: %v", name, form.name, err)
				continue
			}
			if at := firstDiff(plainLines(clean), plainLines(want)); at != "" {
				t.Errorf("%s: %s differs in a file that is not gofmt'd: %s", name, form.name, at)
			}
			if bytes.Contains(got, []byte("\n\t\t")) && !bytes.Contains(loose, []byte("\n\t\t")) {
				t.Errorf("%s: %s indents by tabs in a file that does not", name, form.name)
			}
		}
	})
}

// plainLines returns the lines of src. Those of comments are not indented:
// in front of a case, gofmt leaves them at the column where they were.
func plainLines(src []byte) []string {
	lines := strings.Split(string(src), "\n")
	for i, l := range lines {
		if text := strings.TrimSpace(l); strings.HasPrefix(text, "//") {
			lines[i] = text
		}
	}
	return lines
}

// indentBySpaces replaces the tabs in front of code by three spaces each.
func indentBySpaces(src []byte) []byte {
	var out strings.Builder
	for _, u := range units(string(src)) {
		blank, indent, rest := u.split()
		out.WriteString(blank + strings.ReplaceAll(indent, "\t", "   ") + rest)
	}
	return []byte(out.String())
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
