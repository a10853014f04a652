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
	return w.changes()
}

// name returns the name of the plan's variable, for messages.
func (p *Plan) name() string {
	if p.Singleton == nil || len(p.Singleton.Vars) == 0 {
		return p.Strategy
	}
	return p.Singleton.Vars[0].Name()
}

// A step is an Edit with its nodes found in the workspace.
type step struct {
	plan  *Plan
	edit  *Edit
	file  *workFile
	at    ast.Node
	run   []ast.Node // what the edit takes away; nil for an insertion
	holes map[string][]ast.Node
	needs []*need // imports of the new code
	done  bool
	// intact are those nodes of run that move as they are to another step's
	// hole, with what has become of them so far.
	intact []ast.Node
}

// addPlan turns the edits of p into steps.
func (w *workspace) addPlan(p *Plan) error {
	first := len(w.steps)
	for i := range p.Edits {
		s, err := w.newStep(p, &p.Edits[i])
		if err != nil {
			return err
		}
		w.steps = append(w.steps, s)
	}
	w.findMoves(w.steps[first:])
	return nil
}

func (w *workspace) newStep(p *Plan, e *Edit) (*step, error) {
	s := &step{plan: p, edit: e, holes: make(map[string][]ast.Node)}
	var err error
	if s.at, err = w.node(e.At); err != nil {
		return nil, err
	}
	s.at = w.whole(s.at)
	s.file = w.fileOf(s.at)
	for name, nodes := range e.Holes {
		s.holes[name] = nil // filled with nothing, but there
		for _, n := range nodes {
			c, err := w.node(n)
			if err != nil {
				return nil, fmt.Errorf("hole $%s: %w", name, err)
			}
			if list, ok := c.(*ast.FieldList); ok {
				for _, field := range list.List {
					s.holes[name] = append(s.holes[name], field)
				}
				continue
			}
			s.holes[name] = append(s.holes[name], c)
		}
	}
	if e.Op == InsertBefore || e.Op == InsertAfter {
		return s, nil
	}
	if e.Last == nil || e.Last == e.At {
		s.run = []ast.Node{s.at}
		return s, nil
	}
	last, err := w.node(e.Last)
	if err != nil {
		return nil, err
	}
	s.run = w.siblings(s.at, last)
	if s.run == nil {
		return nil, fmt.Errorf("%s: the statements to replace are not of one block", w.pkg.Fset.Position(e.At.Pos()))
	}
	return s, nil
}

// whole returns the statement in place of a declaration in a function that is
// all of it.
func (w *workspace) whole(n ast.Node) ast.Node {
	gen, ok := n.(*ast.GenDecl)
	if spec, isSpec := n.(ast.Spec); isSpec {
		gen, ok = w.parent[spec].(*ast.GenDecl)
		ok = ok && !gen.Lparen.IsValid()
	}
	if !ok {
		return n
	}
	if stmt, ok := w.parent[gen].(*ast.DeclStmt); ok {
		return stmt
	}
	return n
}

// siblings returns the statements first..last of one block, or nil.
func (w *workspace) siblings(first, last ast.Node) []ast.Node {
	var run []ast.Node
	for _, stmt := range stmtsOf(w.parent[first]) {
		if stmt == first || run != nil {
			run = append(run, stmt)
		}
		if stmt == last {
			return run
		}
	}
	return nil
}

// stmtsOf returns the list of statements that n holds itself.
func stmtsOf(n ast.Node) []ast.Stmt {
	switch n := n.(type) {
	case *ast.BlockStmt:
		return n.List
	case *ast.CaseClause:
		return n.Body
	case *ast.CommClause:
		return n.Body
	}
	return nil
}

// findMoves marks the nodes that move into a hole: those that some edit of
// the same plan takes away. Any other node stays, and a copy fills the hole.
func (w *workspace) findMoves(steps []*step) {
	gone, inHole := make(map[ast.Node]bool), make(map[ast.Node]bool)
	for _, s := range steps {
		for _, n := range s.run {
			gone[n] = true
		}
		for _, nodes := range s.holes {
			for _, n := range nodes {
				inHole[n] = true
			}
		}
	}
	for _, s := range steps {
		for _, n := range s.run {
			for _, t := range steps {
				if s != t && t.holds(n) && !w.goesWithin(s, n, steps) {
					s.intact = append(s.intact, n)
				}
			}
		}
	}
	for n := range inHole {
		for m := n; m != nil; m = w.parent[m] {
			if m != n && inHole[m] && !gone[m] {
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
	for _, s := range w.steps {
		for _, t := range w.steps {
			if s == t || len(s.run) == 0 || !w.inRun(s, t.at) || s.keepsBeside(t) || w.survives(s, t) {
				continue
			}
			if t.edit.Op == Delete && t.plan == s.plan {
				t.done = true // it goes with what is around it
				continue
			}
			return fmt.Errorf("rewrite %s: %s: the edit %q here is lost in the edit %q of %s at line %d", t.plan.name(),
				w.pkg.Fset.Position(t.edit.At.Pos()), t.edit.Code, s.edit.Code, s.plan.name(), w.pkg.Fset.Position(s.edit.At.Pos()).Line)
		}
	}
	return nil
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
