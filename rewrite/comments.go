package rewrite

import (
	"fmt"
	"go/ast"
	"go/token"
	"slices"
	"strings"

	"github.com/dave/dst"
)

// settle gives the comments of r a place in code and in what has moved.
//
// What stood around the old code stands around the new. What stood inside
// goes in front of the statement that followed it, or behind the one that it
// followed, wherever these are now; a comment behind an opening brace goes
// behind the brace that the statement has by now, if there is one.
func (w *workspace) settle(r *remains, code []dst.Stmt) {
	var front []string
	ahead := make(map[dst.Stmt][]string)
	for _, c := range r.inner {
		next, prev := r.neighbours(c)
		switch {
		case next != nil && w.afterBrace(c, next.node) && toBrace(c, next.now[0], code):
		case next != nil && (w.sameBlock(c, next.node) || prev != nil):
			ahead[next.now[0]] = append(ahead[next.now[0]], ownLine(c.Text)...)
		case prev != nil:
			behind(prev.now[len(prev.now)-1], c.Text)
		default:
			front = append(front, ownLine(c.Text)...)
		}
	}
	for stmt, text := range ahead {
		prepend(stmt, text)
	}
	if len(code) == 0 {
		r.start = append(r.start, front...)
		return
	}
	prepend(code[0], front)
	code[0].Decorations().Start.Prepend(r.start...)
	code[len(code)-1].Decorations().End.Append(r.end...)
}

// neighbours returns the moved statements around a comment, or nil.
func (r *remains) neighbours(c *ast.Comment) (next, prev *anchor) {
	for i := range r.anchors {
		a := &r.anchors[i]
		if a.node.End() <= c.Pos() {
			prev = a
		}
		if next == nil && c.Pos() < a.node.Pos() {
			next = a
		}
	}
	return next, prev
}

// sameBlock reports whether a comment stands in the block of stmt, in front of it.
func (w *workspace) sameBlock(c *ast.Comment, stmt ast.Node) bool {
	switch p := w.parent[stmt].(type) {
	case *ast.BlockStmt:
		return p.Lbrace < c.Pos()
	case *ast.CaseClause:
		return p.Colon < c.Pos()
	case *ast.CommClause:
		return p.Colon < c.Pos()
	}
	return false
}

// afterBrace reports whether a comment stands behind the brace that opens the
// block of stmt, on its line, with stmt the first of the block.
func (w *workspace) afterBrace(c *ast.Comment, stmt ast.Node) bool {
	p, ok := w.parent[stmt].(*ast.BlockStmt)
	line := func(pos token.Pos) int { return w.fset.PositionFor(pos, false).Line }
	return ok && p.List[0] == stmt && p.Lbrace < c.Pos() && line(p.Lbrace) == line(c.Pos())
}

// toBrace puts a comment behind the brace of the block in code that begins with at.
func toBrace(c *ast.Comment, at dst.Stmt, code []dst.Stmt) bool {
	done := false
	for _, s := range code {
		dst.Inspect(s, func(n dst.Node) bool {
			b, ok := n.(*dst.BlockStmt)
			if ok && !done && len(b.List) > 0 && b.List[0] == at {
				b.Decs.Lbrace.Append(c.Text)
				done = true
			}
			return !done
		})
	}
	return done
}

// ownLine returns the decorations of a comment on a line of its own.
func ownLine(text string) []string {
	if strings.HasPrefix(text, "//") {
		return []string{text} // its line end is understood
	}
	return []string{text, "\n"}
}

// prepend puts comments on lines of their own in front of a statement and its comments.
func prepend(stmt dst.Stmt, text []string) {
	if len(text) == 0 {
		return
	}
	d := stmt.Decorations()
	d.Before = max(d.Before, dst.NewLine)
	d.Start.Prepend(text...)
}

// behind puts a comment behind a statement.
func behind(stmt dst.Stmt, text string) {
	d := stmt.Decorations()
	if n := len(d.End); n > 0 && !strings.HasPrefix(d.End[n-1], "//") && d.End[n-1] != "\n" {
		d.End.Append("\n")
	}
	d.End.Append(text)
	d.After = max(d.After, dst.NewLine)
}

// resettle finds a place for the comments of statements that went without
// replacement: list is what is left of their block, at the place where they stood.
func (w *workspace) resettle(s *step, r *remains, list []dst.Stmt, at int) {
	w.settle(r, nil)
	lost := slices.Concat(r.start, r.end)
	if len(comments(lost)) == 0 {
		return
	}
	switch {
	case at < len(list):
		prepend(list[at], ownLines(comments(lost)))
	case len(list) > 0:
		last := list[len(list)-1].Decorations()
		if r.before == dst.EmptyLine {
			last.End.Append("\n")
		}
		for _, c := range comments(lost) {
			if n := len(last.End); n == 0 || !strings.HasPrefix(last.End[n-1], "//") {
				last.End.Append("\n")
			}
			last.End.Append(c)
		}
	default:
		var decs *dst.Decorations
		switch p := w.dec.Dst.Nodes[w.parent[s.run[0]]].(type) {
		case *dst.BlockStmt:
			decs = &p.Decs.Lbrace
		case *dst.CaseClause:
			decs = &p.Decs.Colon
		case *dst.CommClause:
			decs = &p.Decs.Colon
		}
		decs.Append("\n")
		decs.Append(ownLines(comments(lost))...)
	}
}

// checkComments makes sure that no comment of the old code is lost. Which one
// is missing tells what the plan that lost it has to move or mention.
func checkComments(changes []Change) error {
	count := make(map[string]int)
	for _, c := range changes {
		for _, text := range commentTexts(c.After) {
			count[text]++
		}
	}
	for _, c := range changes {
		for _, text := range commentTexts(c.Before) {
			if count[text]--; count[text] < 0 {
				return fmt.Errorf("rewrite %s: the comment %q has no place in the new code", c.File.Name, text)
			}
		}
	}
	return nil
}

// commentTexts returns the comments of a file without the indentation of their lines.
func commentTexts(src []byte) []string {
	var out []string
	for _, u := range units(string(src)) {
		for _, t := range u.tokens {
			if strings.HasPrefix(t, "//") || strings.HasPrefix(t, "/*") {
				out = append(out, t)
			}
		}
	}
	return out
}
