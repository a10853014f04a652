package rewrite

import (
	"fmt"
	"go/ast"
	"slices"
)

// findMoves marks the nodes that move into a hole: those that some edit of
// the same plan takes away. Any other node stays, and a copy fills the hole.
func (w *workspace) findMoves(steps []*step) {
	gone, holders := make(map[ast.Node]bool), make(map[ast.Node][]*step)
	for _, s := range steps {
		for _, n := range s.run {
			gone[n] = true
		}
		for _, nodes := range s.holes {
			for _, n := range nodes {
				if !slices.Contains(holders[n], s) {
					holders[n] = append(holders[n], s)
				}
			}
		}
	}
	for _, s := range steps {
		for _, n := range s.run {
			for _, t := range holders[n] {
				if s != t && !w.goesWithin(s, n, steps) {
					s.intact = append(s.intact, n)
				}
			}
		}
	}
	for n := range holders {
		for m := n; m != nil; m = w.parent[m] {
			if m != n && holders[m] != nil && !gone[m] {
				break // it stays where it is in what moves
			}
			if gone[m] {
				w.moving[n] = true
				break
			}
		}
	}
}

// checkLost makes sure that no edit changes what another one throws away.
func (w *workspace) checkLost() error {
	taking := map[ast.Node][]*step{} // statement -> the steps that take it away
	for _, s := range w.steps {
		for _, n := range s.run {
			taking[n] = append(taking[n], s)
		}
	}
	for _, t := range w.steps {
		for n := t.at; n != nil; n = w.parent[n] {
			for _, s := range taking[n] {
				if err := w.checkLostIn(s, t); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// checkLostIn returns an error if what t edits, which is in s's run, goes with it.
func (w *workspace) checkLostIn(s, t *step) error {
	if s == t || s.keepsBeside(t) || w.survives(s, t) {
		return nil
	}
	if t.edit.Op == Delete && t.plan == s.plan {
		t.done = true // it goes with what is around it
		return nil
	}
	return fmt.Errorf("rewrite %s: %s: the edit %q here is lost in the edit %q of %s at line %d", t.plan.name(),
		w.pkg.Fset.Position(t.edit.At.Pos()), t.edit.Code, s.edit.Code, s.plan.name(), w.pkg.Fset.Position(s.edit.At.Pos()).Line)
}

// keepsBeside reports whether t puts its code outside what s takes away.
func (s *step) keepsBeside(t *step) bool {
	switch t.edit.Op {
	case InsertBefore:
		return t.at == s.run[0]
	case InsertAfter:
		return t.at == s.run[len(s.run)-1]
	}
	return false
}

// survives reports whether what t edits moves on when s is carried out.
func (w *workspace) survives(s, t *step) bool {
	if w.inside(s, t) {
		return true
	}
	for n := t.at; n != nil; n = w.parent[n] {
		if w.moving[n] && (n != t.at || w.heldByOther(t, n)) {
			return true
		}
		if slices.Contains(s.run, n) {
			return false
		}
	}
	return false
}

// inside reports whether t is carried out on the way to s, which replaces the
// same statements or more. Of two edits of a plan that replace the very same,
// the first one is about the code that moves, the second about its old place.
func (w *workspace) inside(t, s *step) bool {
	if t.run == nil || !slices.Contains(s.run, t.at) {
		return false
	}
	if len(t.run) != len(s.run) {
		return len(t.run) < len(s.run)
	}
	return t.at == s.at && t.plan == s.plan && slices.Index(w.steps, t) < slices.Index(w.steps, s)
}

// heldByOther reports whether n fills a hole of another step than t.
func (w *workspace) heldByOther(t *step, n ast.Node) bool {
	return slices.ContainsFunc(w.steps, func(s *step) bool { return s != t && s.holds(n) })
}

// holds reports whether n fills a hole of s.
func (s *step) holds(n ast.Node) bool {
	for _, nodes := range s.holes {
		if slices.Contains(nodes, n) {
			return true
		}
	}
	return false
}

// goesWithin reports whether n, which s replaces, is part of what another step takes away.
func (w *workspace) goesWithin(s *step, n ast.Node, steps []*step) bool {
	return slices.ContainsFunc(steps, func(t *step) bool {
		return t != s && w.inRun(t, n) && (!slices.Contains(t.run, n) || w.inside(s, t))
	})
}
