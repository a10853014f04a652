package rewrite

import (
	"fmt"
	"go/ast"
	"go/token"
	"slices"
	"strings"

	"github.com/dave/dst"
)

// remains are the comments and blank lines of code that an edit takes away,
// without what moves on with the nodes that fill holes.
type remains struct {
	before, after dst.SpaceType
	start, end    []string       // in front of the first node, behind the last
	inner         []*ast.Comment // in between, in source order
	anchors       []anchor       // the statements that move on, in source order
}

// An anchor is a statement that moves, and what stands there by now.
type anchor struct {
	node ast.Node
	now  []dst.Stmt
}

// remainsOf collects what stays behind when the nodes of s.run go.
//
// Precondition: no hole of s has been filled yet.
func (w *workspace) remainsOf(s *step) *remains {
	firstNode, lastNode := s.run[0], s.run[len(s.run)-1]
	first, last := w.dec.Dst.Nodes[firstNode].Decorations(), w.dec.Dst.Nodes[lastNode].Decorations()
	r := &remains{before: first.Before, after: last.After}
	gone := make(map[string]int) // how often each comment stays behind
	if !s.holds(firstNode) && !slices.Contains(s.intact, firstNode) {
		r.start = slices.Clone(first.Start)
	}
	if !s.holds(lastNode) && !slices.Contains(s.intact, lastNode) {
		r.end = slices.Clone(last.End)
	}
	for n := range w.moving {
		if _, ok := n.(ast.Stmt); !ok || !w.inRun(s, n) || w.inMoving(s, n) || w.goesElsewhere(s, n) {
			continue
		}
		if now := w.standing(n).self; len(now) > 0 {
			r.anchors = append(r.anchors, anchor{n, now})
		}
	}
	slices.SortFunc(r.anchors, func(a, b anchor) int { return w.rank[a.node] - w.rank[b.node] })
	moves := w.movingNow(s)
	for _, n := range s.run {
		for _, now := range w.now(s, n) {
			countComments(now, moves, gone)
		}
	}
	for _, c := range slices.Concat(comments(r.start), comments(r.end)) {
		gone[c]--
	}
	r.inner = w.locate(s, gone)
	return r
}

// inRun reports whether n is in one of the nodes that s takes away.
func (w *workspace) inRun(s *step, n ast.Node) bool {
	return slices.ContainsFunc(s.run, func(m ast.Node) bool { return w.within(n, m) })
}

// inMoving reports whether n is below a node of s.run that moves as a whole.
func (w *workspace) inMoving(s *step, n ast.Node) bool {
	for m := n; !slices.Contains(s.run, m); {
		m = w.parent[m]
		if w.moving[m] && !w.goesElsewhere(s, m) {
			return true
		}
	}
	return false
}

// goesElsewhere reports whether n is one of the nodes that s replaces, and
// moves only in that what s puts there moves.
func (w *workspace) goesElsewhere(s *step, n ast.Node) bool {
	return slices.Contains(s.run, n) && !s.holds(n) && !slices.Contains(s.intact, n)
}

// movingNow returns the nodes that move when s is carried out, in the form
// that they have by now.
func (w *workspace) movingNow(s *step) map[dst.Node]bool {
	out := make(map[dst.Node]bool)
	for n := range w.moving {
		if w.goesElsewhere(s, n) {
			continue
		}
		for _, m := range w.now(&step{}, n) {
			out[m] = true
		}
	}
	return out
}

// countComments counts the comments below root, without those of what moves.
func countComments(root dst.Node, moves map[dst.Node]bool, count map[string]int) {
	dst.Inspect(root, func(n dst.Node) bool {
		if n == nil || moves[n] {
			return false
		}
		for _, c := range commentsOf(n) {
			count[c]++
		}
		return true
	})
}

// commentsOf returns the comments of n itself.
func commentsOf(n dst.Node) []string {
	var out []string
	eachDecorations(n, func(d *dst.Decorations) { out = append(out, comments(*d)...) })
	return out
}

// comments returns decorations without the line ends between them.
func comments(decs []string) []string {
	return slices.DeleteFunc(slices.Clone(decs), func(s string) bool { return s == "\n" })
}

// locate finds the counted comments in the source. Of two that read the same,
// the one outside what moves is more likely to be meant.
func (w *workspace) locate(s *step, count map[string]int) []*ast.Comment {
	first, last := s.run[0], s.run[len(s.run)-1]
	var out []*ast.Comment
	for _, movesToo := range []bool{false, true} {
		for _, group := range s.file.syntax.Comments {
			for _, c := range group.List {
				if c.Pos() < first.Pos() || w.topDecl(last).End() < c.Pos() || slices.Contains(out, c) {
					continue
				}
				if count[c.Text] > 0 && w.movesWith(s, c.Pos()) == movesToo {
					count[c.Text]--
					out = append(out, c)
				}
			}
		}
	}
	slices.SortFunc(out, func(a, b *ast.Comment) int { return int(a.Pos() - b.Pos()) })
	return out
}

// movesWith reports whether pos is in a node that moves when s is carried out.
func (w *workspace) movesWith(s *step, pos token.Pos) bool {
	for n := range w.moving {
		if n.Pos() <= pos && pos < n.End() && w.inRun(s, n) && !w.goesElsewhere(s, n) {
			return true
		}
	}
	return false
}

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
