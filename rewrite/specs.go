package rewrite

import (
	"fmt"
	"go/ast"
	"slices"

	"github.com/dave/dst"
)

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
				spec.Decorations().End.Append(d.Decorations().End...)
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
