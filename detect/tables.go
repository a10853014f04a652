package detect

import (
	"go/ast"
	"slices"

	"golang.org/x/tools/go/ast/edge"
)

// looksUp reports whether the function of the registry site s uses the value
// that it finds under the key: it returns it, or goes on with it.
func (f *finder) looksUp(s *Site) bool {
	if s.Copy != nil {
		return true // v := m[k]; if v == nil
	}
	for _, a := range s.Var.Accesses {
		if a.Kind != Read || a.In == nil || a.In.Outermost() != s.Func.Outermost() {
			continue
		}
		cur := a.Cur
		for cur.Node() != a.Expr {
			cur = cur.Parent()
		}
		if cur.ParentEdgeKind() != edge.IndexExpr_X {
			continue
		}
		if f.valueUsed(s, cur.Parent().Node().(*ast.IndexExpr)) {
			return true
		}
	}
	return false
}

// isUpdated reports whether the function of the registry site s also stores an
// element under the key where it finds one there: a record that is inserted or
// brought up to date.
func (f *finder) isUpdated(s *Site) bool {
	stmt, ok := s.Stmt.(*ast.IfStmt)
	if !ok {
		return false
	}
	var found ast.Node = stmt.Body
	if s.Form == GuardThen {
		if stmt.Else == nil {
			return false
		}
		found = stmt.Else
	}
	return slices.ContainsFunc(s.Var.Accesses, func(w *Access) bool {
		return w.Kind == Element && w.In == s.Func && found.Pos() <= w.Pos() && w.Pos() < found.End() && elementValue(w) != nil && !slices.Contains(s.Fills, w)
	})
}

// registersIn reports whether the function of the registry site s goes on to
// append something to what is under a key, or to store in it what it was
// handed, or objects.
func (f *finder) registersIn(s *Site) bool {
	mayObject := returnsError(f.Facts, s.Func) // else it sets what was found out
	for cur := range s.Func.Cur.Preorder((*ast.AssignStmt)(nil)) {
		assign := cur.Node().(*ast.AssignStmt)
		if assign.Pos() < s.Test.Pos() || len(assign.Lhs) != len(assign.Rhs) {
			continue
		}
		for i, lhs := range assign.Lhs {
			ix, ok := ast.Unparen(lhs).(*ast.IndexExpr)
			if !ok {
				continue
			}
			if call, ok := assign.Rhs[i].(*ast.CallExpr); ok && f.isBuiltin(call, "append") && f.mentions(ix.X, s.Read.Var, s.Read.Path) && f.mentions(call.Args[0], s.Read.Var, s.Read.Path) {
				return true
			}
			if mayObject && f.isParamValue(s.Func, assign.Rhs[i]) && !slices.ContainsFunc(s.Fills, func(w *Access) bool { return w.Expr == ast.Unparen(ix.X) }) {
				return true
			}
		}
	}
	return false
}

// handsOut reports whether fn returns more than how it went.
func (f *finder) handsOut(fn *Func) bool {
	if fn.Type().Results == nil {
		return false
	}
	return slices.ContainsFunc(fn.Type().Results.List, func(r *ast.Field) bool {
		id, ok := r.Type.(*ast.Ident)
		return !ok || id.Name != "error" && id.Name != "bool"
	})
}

// valueUsed reports whether the element ix, read from a map, is used for
// more than the test of s.
func (f *finder) valueUsed(s *Site, ix *ast.IndexExpr) bool {
	cur, ok := f.Insp.Root().FindNode(ix)
	if !ok {
		return false
	}
	switch kind, _ := cur.ParentEdge(); kind {
	case edge.AssignStmt_Lhs:
		return false
	case edge.AssignStmt_Rhs:
		id, ok := cur.Parent().Node().(*ast.AssignStmt).Lhs[0].(*ast.Ident)
		return !ok || id.Name != "_" && !f.onlyComplains(s, id)
	case edge.BinaryExpr_X, edge.BinaryExpr_Y:
		return cur.Parent().Node() != s.Test
	}
	return true
}
