package rewrite

import (
	"fmt"
	"go/ast"
	"slices"
	"strings"

	"github.com/dave/dst"
)

// A topEdit is what happens to one declaration of a file. Its bytes run from
// its keyword to its end; the comments around it are not among them.
type topEdit struct {
	decl          dst.Decl
	base          string // printed before any edit
	changed       bool
	gone          bool
	before, after []piece
	above         []string // comments from elsewhere, to stand above it
	given         []string // comments of its own that stand elsewhere now
	homeless      ast.Node // where its own comments go if it is gone; nil: they stay
}

// A piece is new declarations beside an old one.
type piece struct {
	decls []dst.Decl
	tight bool // without a blank line in between
}

// top returns the edit of the declaration that holds n.
func (w *workspace) top(n ast.Node) (*topEdit, error) {
	f, decl := w.fileOf(n), w.topDecl(n)
	if t := f.decls[decl]; t != nil {
		return t, nil
	}
	t := &topEdit{decl: w.dec.Dst.Nodes[decl].(dst.Decl)}
	bare(t.decl)
	var err error
	t.base, err = printDecls(t.decl)
	f.decls[decl] = t
	return t, err
}

// isTop reports whether s is about a whole declaration of the file.
func (w *workspace) isTop(s *step) bool {
	n := s.at
	if _, ok := n.(ast.Spec); ok {
		gen := w.parent[n].(*ast.GenDecl)
		if gen.Lparen.IsValid() {
			return false
		}
		n = gen
	}
	_, isDecl := n.(ast.Decl)
	_, inFile := w.parent[n].(*ast.File)
	return isDecl && inFile
}

func (w *workspace) editTop(s *step) error {
	t, err := w.top(s.at)
	if err != nil {
		return err
	}
	if s.run != nil {
		t.gone = true
		if err := w.setCommentsTo(s, t); err != nil {
			return err
		}
	}
	if s.edit.Op == Delete {
		return nil
	}
	decls, err := w.declCode(s)
	if err != nil {
		return err
	}
	if len(decls) == 0 {
		return fmt.Errorf("new code %q is no declaration", s.edit.Code)
	}
	decls[0].Decorations().Before = dst.EmptyLine
	_, isSpec := s.at.(ast.Spec)
	p := piece{decls: decls, tight: isSpec && sameKind(decls[0], t.decl)}
	if s.edit.Op == InsertBefore {
		t.before = append(t.before, p)
		return nil
	}
	t.after = append(t.after, p)
	return nil
}

// sameKind reports whether a and b are both var, const or type declarations.
func sameKind(a, b dst.Decl) bool {
	x, ok := a.(*dst.GenDecl)
	y, ok2 := b.(*dst.GenDecl)
	return ok && ok2 && x.Tok == y.Tok
}

func (w *workspace) setCommentsTo(s *step, t *topEdit) error {
	if s.edit.CommentsTo == nil {
		return nil
	}
	n, err := w.node(s.edit.CommentsTo)
	if err != nil {
		return err
	}
	n = w.whole(n)
	t.homeless = n
	_, err = w.top(n)
	return err
}

// giveComments puts comments above n.
func (w *workspace) giveComments(n ast.Node, text []string) error {
	if len(text) == 0 {
		return nil
	}
	t, err := w.top(n)
	if err != nil {
		return err
	}
	if w.isTop(&step{at: n}) {
		t.above = append(t.above, text...)
		return nil
	}
	t.changed = true
	decs := ownLines(text)
	if _, ok := n.(ast.Stmt); ok {
		if self := w.standing(n).self; len(self) > 0 {
			prepend(self[0], decs)
			return nil
		}
		return fmt.Errorf("the comment %q is to go to a statement that is gone", text[0])
	}
	w.dec.Dst.Nodes[n].Decorations().Start.Append(decs...)
	return nil
}

// editSpec carries out an edit of one spec in parentheses.
func (w *workspace) editSpec(s *step, n ast.Spec) error {
	gen := w.dec.Dst.Nodes[w.parent[n]].(*dst.GenDecl)
	if s.edit.Op == Delete {
		return w.deleteSpec(s.edit.CommentsTo, n)
	}
	decls, err := w.declCode(s)
	if err != nil {
		return err
	}
	var code []dst.Spec
	for _, d := range decls {
		if !sameKind(d, gen) {
			return fmt.Errorf("new code %q has no place among the specs of one %s", s.edit.Code, gen.Tok)
		}
		for _, spec := range d.(*dst.GenDecl).Specs {
			if len(d.(*dst.GenDecl).Specs) == 1 {
				spec.Decorations().Start.Prepend(d.Decorations().Start...)
			}
			spec.Decorations().Before, spec.Decorations().After = dst.NewLine, dst.NewLine
			code = append(code, spec)
		}
	}
	if len(code) == 0 {
		return fmt.Errorf("new code %q is no declaration", s.edit.Code)
	}
	old := w.dec.Dst.Nodes[n].(dst.Spec)
	if s.edit.Op == ReplaceStmts {
		w.insertSpecs(gen, n, old, code)
		return w.deleteSpec(s.edit.CommentsTo, n)
	}
	if s.edit.Op == InsertBefore {
		code[0].Decorations().Before = old.Decorations().Before
		old.Decorations().Before = dst.NewLine
		gen.Specs = slices.Insert(gen.Specs, slices.Index(gen.Specs, old), code...)
		return nil
	}
	w.insertSpecs(gen, n, old, code)
	return nil
}

// insertSpecs puts code behind old and behind what has been put there before.
func (w *workspace) insertSpecs(gen *dst.GenDecl, n ast.Spec, old dst.Spec, code []dst.Spec) {
	after := old
	if tail := w.specTail[n]; tail != nil {
		after = tail
	}
	last := code[len(code)-1]
	last.Decorations().After = after.Decorations().After
	after.Decorations().After = dst.NewLine
	gen.Specs = slices.Insert(gen.Specs, slices.Index(gen.Specs, after)+1, code...)
	w.specTail[n] = last
}

// deleteSpec removes a spec in parentheses, and the declaration with its last one.
func (w *workspace) deleteSpec(commentsTo ast.Node, n ast.Spec) error {
	t, err := w.top(n)
	if err != nil {
		return err
	}
	gen, ok := t.decl.(*dst.GenDecl)
	old := w.dec.Dst.Nodes[n].(dst.Spec)
	if !ok || !slices.Contains(gen.Specs, old) {
		return fmt.Errorf("a spec can be deleted at package level only")
	}
	i := slices.Index(gen.Specs, old)
	gen.Specs = slices.Delete(gen.Specs, i, i+1)
	var text []string
	dst.Inspect(old, func(m dst.Node) bool {
		if m != nil {
			text = append(text, commentsOf(m)...)
		}
		return m != nil
	})
	if i < len(gen.Specs) {
		gen.Specs[i].Decorations().Before = old.Decorations().Before
	}
	var to ast.Node
	if commentsTo != nil {
		if to, err = w.node(commentsTo); err != nil {
			return err
		}
		to = w.whole(to)
	}
	switch {
	case len(gen.Specs) == 0:
		t.gone, t.homeless = true, to
		if to != nil {
			_, err = w.top(to)
		}
		return err
	case to != nil && len(text) > 0:
		t.given = append(t.given, text...)
		return w.giveComments(to, text)
	case i < len(gen.Specs) && w.specTail[n] != nil:
		next := gen.Specs[i].Decorations()
		next.Start.Prepend(old.Decorations().Start...)
		next.End.Append(old.Decorations().End...)
	case i < len(gen.Specs):
		gen.Specs[i].Decorations().Start.Prepend(ownLines(text)...)
	default:
		last := gen.Specs[i-1].Decorations()
		for _, c := range text {
			last.End.Append("\n", c)
		}
	}
	return nil
}

func ownLines(text []string) []string {
	var out []string
	for _, c := range text {
		out = append(out, ownLine(c)...)
	}
	return out
}

// deleteName removes one name of a spec, with its value, and the spec with its last one.
func (w *workspace) deleteName(s *step, spec *ast.ValueSpec, n *ast.Ident) error {
	t, err := w.top(n)
	if err != nil {
		return err
	}
	d, name := w.dec.Dst.Nodes[spec].(*dst.ValueSpec), w.dec.Dst.Nodes[n].(*dst.Ident)
	i := slices.Index(d.Names, name)
	if i < 0 {
		return fmt.Errorf("two edits remove the name %s", n.Name)
	}
	if len(d.Values) > 0 && len(d.Values) != len(d.Names) {
		return fmt.Errorf("the value of %s is one of several of a call", n.Name)
	}
	text := commentsOf(name)
	d.Names = slices.Delete(d.Names, i, i+1)
	if len(d.Values) > 0 {
		d.Values = slices.Delete(d.Values, i, i+1)
	}
	if len(d.Names) > 0 {
		d.Decs.Start.Append(ownLines(text)...)
		return nil
	}
	if !w.parent[spec].(*ast.GenDecl).Lparen.IsValid() {
		t.gone = true
		return w.setCommentsTo(s, t)
	}
	return w.deleteSpec(s.edit.CommentsTo, spec)
}

// text returns the pieces as they stand in the file, first or last at the old declaration.
func text(pieces []piece) (string, error) {
	var b strings.Builder
	for _, p := range pieces {
		s, err := printDecls(p.decls...)
		if err != nil {
			return "", err
		}
		b.WriteString(p.gap() + s)
	}
	return b.String(), nil
}

// gap returns what stands between a piece and its neighbour.
func (p piece) gap() string {
	if p.tight {
		return "\n"
	}
	return "\n\n"
}
