package rewrite

import (
	"fmt"
	"go/ast"
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
	doc           string   // a sentence for its doc comment
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
	if s.edit.Op == Document {
		if t.doc == "" {
			t.doc = s.edit.Code // one sentence is enough
		}
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

func ownLines(text []string) []string {
	var out []string
	for _, c := range text {
		out = append(out, ownLine(c)...)
	}
	return out
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
