package rewrite

import (
	"bytes"
	"cmp"
	"fmt"
	"go/ast"
	"slices"

	"github.com/singletonfix/singletonfix/detect"
)

// Apply carries out plans, all of them of singletons of pkg, and returns the
// files that changed, in the order of pkg.Files. It writes nothing, and pkg's
// syntax stays as it is.
//
// Precondition: no two plans edit the same code; see [Conflicts].
func Apply(pkg *detect.Package, plans []*Plan) ([]Change, error) {
	w := newWorkspace(pkg)
	for _, p := range plans {
		if err := w.addPlan(p); err != nil {
			return nil, fmt.Errorf("rewrite %s: %w", p.name(), err)
		}
	}
	w.shareLocks()
	if err := w.checkLost(); err != nil {
		return nil, err
	}
	w.nameImports()
	for _, s := range w.steps {
		if _, err := w.top(s.at); err != nil {
			return nil, err
		}
	}
	w.steps = w.inOrder()
	for _, s := range w.steps {
		if err := w.do(s); err != nil {
			return nil, fmt.Errorf("rewrite %s: %s: %w", s.plan.name(), pkg.Fset.Position(s.edit.At.Pos()), err)
		}
	}
	if err := w.rehome(); err != nil {
		return nil, err
	}
	changes, err := w.changes()
	if err != nil {
		return nil, err
	}
	return withBuilds(append(changes, outsideChanges(plans)...), plans)
}

// name returns the name of the plan's variable, for messages.
func (p *Plan) name() string {
	if p.Singleton == nil || len(p.Singleton.Vars) == 0 {
		return p.Strategy
	}
	return p.Singleton.Vars[0].Name()
}

// inOrder returns the steps in the order in which they are carried out: inner
// nodes before outer ones, at the same node insertions before replacements,
// and what goes beside whole declarations last.
func (w *workspace) inOrder() []*step {
	class := func(s *step) int {
		switch {
		case w.isTop(s):
			return 2
		case s.run != nil:
			return 1
		}
		return 0
	}
	return slices.SortedStableFunc(slices.Values(w.steps), func(a, b *step) int {
		if ca, cb := class(a), class(b); ca == 2 || cb == 2 {
			return cmp.Compare(ca, cb)
		}
		return cmp.Or(cmp.Compare(w.rank[b.at], w.rank[a.at]), cmp.Compare(class(a), class(b)), cmp.Compare(len(a.run), len(b.run)))
	})
}

// do carries out one step, after those whose result fills its holes.
func (w *workspace) do(s *step) error {
	if s.done {
		return nil
	}
	s.done = true
	for _, inner := range w.steps {
		if !inner.done && w.feeds(inner, s) {
			if err := w.do(inner); err != nil {
				return err
			}
		}
	}
	if w.isTop(s) {
		return w.editTop(s)
	}
	t, err := w.top(s.at)
	if err != nil {
		return err
	}
	t.changed = true
	switch n := s.at.(type) {
	case ast.Spec:
		return w.editSpec(s, n)
	case ast.Stmt:
		return w.editStmt(s, n)
	case *ast.Field:
		return w.editField(s, n)
	case *ast.Ident:
		if spec, ok := w.parent[n].(*ast.ValueSpec); ok && s.edit.Op == Delete {
			return w.deleteName(s, spec, n)
		}
	}
	if e, ok := s.at.(ast.Expr); ok && s.edit.Op == ReplaceExpr {
		return w.replaceExpr(s, e)
	}
	return fmt.Errorf("no edit of this kind for a %T", s.at)
}

// feeds reports whether inner edits what fills a hole of s.
func (w *workspace) feeds(inner, s *step) bool {
	for _, nodes := range s.holes {
		for _, n := range nodes {
			if inner != s && w.within(inner.at, n) && (inner.at != s.at || w.inside(inner, s)) {
				return true
			}
		}
	}
	return false
}

// changes renders the files that edits touched.
func (w *workspace) changes() ([]Change, error) {
	var out []Change
	for _, file := range w.pkg.Files {
		f := w.files[file]
		if f == nil {
			continue
		}
		after, err := w.render(f)
		if err != nil {
			return nil, fmt.Errorf("rewrite %s: %w", file.Name, err)
		}
		if bytes.Equal(after, file.Src) {
			continue // only looked at, for a node that was copied
		}
		out = append(out, Change{File: file, Before: file.Src, After: after})
	}
	return out, checkComments(out)
}
