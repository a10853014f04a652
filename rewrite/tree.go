package rewrite

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"reflect"
	"slices"
	"strings"

	"github.com/dave/dst"
	"github.com/dave/dst/decorator"
	"github.com/singletonfix/singletonfix/detect"
)

// A workspace is a copy of the syntax of those files of a package that edits
// touch, and what is known of its nodes. The package's own syntax stays as it is.
type workspace struct {
	pkg   *detect.Package
	fset  *token.FileSet
	dec   *decorator.Decorator
	files map[*detect.File]*workFile

	// Of the copy's nodes:
	copies map[ast.Node]ast.Node // from the package's node
	orig   map[ast.Node]ast.Node // and back
	parent map[ast.Node]ast.Node
	rank   map[ast.Node]int // order in a walk of the tree, parents first

	steps  []*step
	moving map[ast.Node]bool       // they leave their place and fill a hole
	moved  map[ast.Node]bool       // those of them that have done so
	kept   map[ast.Node][]dst.Node // what moves of a node while an edit replaces it in its old place
	stmts  map[ast.Node]*standing  // what stands at the place of a statement by now
	exprs  map[ast.Node]dst.Expr   // what stands at the place of an expression by now

	specTail map[ast.Spec]dst.Spec // the last spec that was put behind one
}

// A workFile is one file that edits touch.
type workFile struct {
	file   *detect.File
	src    *source
	syntax *ast.File
	base   int                   // position of the first byte in the workspace's file set
	known  map[int]bool          // by index: the declarations whose nodes are known
	decls  map[ast.Decl]*topEdit // what happens to the declarations
	needs  []*need               // imports of new code
}

func newWorkspace(pkg *detect.Package) *workspace {
	w := &workspace{
		pkg:    pkg,
		fset:   token.NewFileSet(),
		files:  make(map[*detect.File]*workFile),
		copies: make(map[ast.Node]ast.Node),
		orig:   make(map[ast.Node]ast.Node),
		parent: make(map[ast.Node]ast.Node),
		rank:   make(map[ast.Node]int),
		moving: make(map[ast.Node]bool),
		moved:  make(map[ast.Node]bool),
		kept:   make(map[ast.Node][]dst.Node),
		stmts:  make(map[ast.Node]*standing),
		exprs:  make(map[ast.Node]dst.Expr),

		specTail: make(map[ast.Spec]dst.Spec),
	}
	// No resolver: identifiers of the two syntaxes correspond one to one.
	w.dec = decorator.NewDecorator(w.fset)
	return w
}

// open parses a file of the package once more, from the text without carriage
// returns, which the decorator would take for part of the comments.
func (w *workspace) open(file *detect.File) (*workFile, error) {
	if f := w.files[file]; f != nil {
		return f, nil
	}
	src := newSource(file.Src)
	syntax, err := parser.ParseFile(w.fset, file.Name, src.text, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return nil, fmt.Errorf("parse %s: %w", file.Name, err)
	}
	for _, group := range syntax.Comments {
		for _, c := range group.List {
			if strings.HasPrefix(c.Text, "//line ") || strings.HasPrefix(c.Text, "/*line ") {
				return nil, fmt.Errorf("%s has a line directive: change the file that it was generated from", w.fset.PositionFor(c.Slash, false))
			}
		}
	}
	if len(syntax.Decls) != len(file.Syntax.Decls) {
		return nil, notTheText(file)
	}
	w.copies[file.Syntax], w.orig[syntax] = syntax, file.Syntax
	f := &workFile{file: file, src: src, syntax: syntax, base: w.fset.File(syntax.FileStart).Base(), known: make(map[int]bool), decls: make(map[ast.Decl]*topEdit)}
	for i, decl := range syntax.Decls {
		if gen, ok := decl.(*ast.GenDecl); !ok || gen.Tok != token.IMPORT {
			break // imports come first
		}
		if err := w.pair(f, i); err != nil {
			return nil, err
		}
	}
	w.files[file] = f
	return f, nil
}

func notTheText(file *detect.File) error {
	return fmt.Errorf("%s: the syntax is not that of the source text", file.Name)
}

// learn makes the nodes of a declaration known, and decorates it. Most of a
// file no edit has to do with.
func (w *workspace) learn(f *workFile, i int) error {
	if f.known[i] {
		return nil
	}
	f.known[i] = true
	if err := w.pair(f, i); err != nil {
		return err
	}
	tree, err := w.decorate(f, f.syntax.Decls[i])
	if err != nil {
		return fmt.Errorf("decorate %s: %w", f.file.Name, err)
	}
	claimComments(tree)
	return nil
}

// decorate decorates a declaration alone. The decorator looks at every byte of
// a file; it is given one, at the same positions, that has nothing else in it.
func (w *workspace) decorate(f *workFile, decl ast.Decl) (*dst.File, error) {
	const lead = len(packageClause) - 1 // which the least of files has in front of a declaration
	start := docStart(decl)
	from, to := f.offset(start), f.lineTail(f.offset(decl.End()))
	alone := token.NewFileSet()
	lines := []int{0, lead - 1, lead}
	for i, b := range f.src.text[from:to] {
		if b == '\n' {
			lines = append(lines, lead+i+1)
		}
	}
	alone.AddFile(f.file.Name, int(start)-lead, lead+to-from+1).SetLines(lines)
	file := &ast.File{Package: start - token.Pos(lead), Name: &ast.Ident{NamePos: start - 2, Name: "p"}, Decls: []ast.Decl{decl}}
	for _, group := range f.syntax.Comments {
		if at := f.offset(group.Pos()); from <= at && at < to {
			file.Comments = append(file.Comments, group)
		}
	}
	w.dec.Fset = alone
	return w.dec.DecorateFile(file)
}

// claimComments gives the last statement of each case the comment behind it,
// which the decorator takes for one of the whole case.
func claimComments(tree *dst.File) {
	dst.Inspect(tree, func(n dst.Node) bool {
		switch n := n.(type) {
		case *dst.CaseClause:
			claimComment(n.Body, &n.Decs.End)
		case *dst.CommClause:
			claimComment(n.Body, &n.Decs.End)
		}
		return true
	})
}

func claimComment(body []dst.Stmt, end *dst.Decorations) {
	for len(body) > 0 && len(*end) > 0 && (*end)[0] != "\n" {
		c := (*end)[0]
		body[len(body)-1].Decorations().End.Append(c)
		*end = slices.Clone((*end)[1:])
		if strings.HasPrefix(c, "//") {
			return // the next one is on the next line
		}
	}
}

// pair records which node of the copy of a declaration stands for which of
// the package's syntax.
func (w *workspace) pair(f *workFile, i int) error {
	theirs, ours := walk(f.file.Syntax.Decls[i]), walk(f.syntax.Decls[i])
	if len(theirs) != len(ours) {
		return notTheText(f.file)
	}
	first := ranks * int(f.syntax.Decls[i].Pos())
	for i, n := range ours {
		if reflect.TypeOf(n.node) != reflect.TypeOf(theirs[i].node) {
			return notTheText(f.file)
		}
		w.copies[theirs[i].node], w.orig[n.node] = n.node, theirs[i].node
		w.parent[n.node] = n.parent
		w.rank[n.node] = first + i
	}
	w.parent[f.syntax.Decls[i]] = f.syntax
	return nil
}

// ranks is more than the number of nodes to a byte of source.
const ranks = 8

type visit struct{ node, parent ast.Node }

// walk lists the nodes of a declaration, parents first, without the comments.
func walk(root ast.Decl) []visit {
	var out []visit
	var stack []ast.Node
	ast.Inspect(root, func(n ast.Node) bool {
		if n == nil {
			stack = stack[:len(stack)-1]
			return true
		}
		switch n.(type) {
		case *ast.Comment, *ast.CommentGroup:
			return false
		}
		var parent ast.Node
		if len(stack) > 0 {
			parent = stack[len(stack)-1]
		}
		out = append(out, visit{n, parent})
		stack = append(stack, n)
		return true
	})
	return out
}

// node returns the copy of a node of the package's syntax.
func (w *workspace) node(n ast.Node) (ast.Node, error) {
	if n == nil {
		return nil, errors.New("a node of an edit is not there; the code may not type-check")
	}
	file := w.pkg.File(n.Pos())
	if file == nil {
		return nil, fmt.Errorf("a node of an edit, %T, is in no file of %s", n, w.pkg.Path)
	}
	f, err := w.open(file)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(file.Syntax.Decls, func(d ast.Decl) bool { return d.Pos() <= n.Pos() && n.Pos() < d.End() })
	if i >= 0 {
		if err := w.learn(f, i); err != nil {
			return nil, err
		}
	}
	c := w.copies[n]
	if c == nil {
		return nil, fmt.Errorf("%s: a node of an edit, %T, is not of the file's syntax", w.pkg.Fset.Position(n.Pos()), n)
	}
	return c, nil
}

// fileOf returns the file that holds a node of the copy.
func (w *workspace) fileOf(n ast.Node) *workFile {
	for ; ; n = w.parent[n] {
		if f, ok := n.(*ast.File); ok {
			return w.files[w.pkg.File(w.orig[f].(*ast.File).Package)]
		}
	}
}

// topDecl returns the declaration of the file that holds n.
func (w *workspace) topDecl(n ast.Node) ast.Decl {
	for {
		p := w.parent[n]
		if _, ok := p.(*ast.File); ok {
			return n.(ast.Decl)
		}
		n = p
	}
}

// within reports whether n is outer or below it.
func (w *workspace) within(n, outer ast.Node) bool {
	for ; n != nil; n = w.parent[n] {
		if n == outer {
			return true
		}
	}
	return false
}
