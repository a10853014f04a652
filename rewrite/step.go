package rewrite

import (
	"fmt"
	"go/ast"
)

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
	if e.inserts() {
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
