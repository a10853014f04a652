package rewrite

import (
	"go/ast"
	"go/token"
	"slices"

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
