package detect

import (
	"go/ast"
	"go/token"
	"go/types"

	"golang.org/x/tools/go/cfg"
)

// addHelperFills adds to s the fills made by functions that the region calls.
func (fx *Facts) addHelperFills(s *Site, fl *flow, region map[*cfg.Block]bool, t test) {
	for _, c := range fl.f.Calls {
		if c.Callee == nil || c.Callee == fl.f || c.Mode != Plain && c.Mode != ByOnce || !fx.runsIn(fl, region, fl.f, c.Expr.Pos()) {
			continue
		}
		fills := fx.fillsOf(c.Callee, s.Var, t, make(map[*Func]bool), 3)
		if a := fx.fillsReceiver(c, s.Var); a != nil {
			fills = append(fills, a)
		}
		if len(fills) > 0 {
			s.Calls = append(s.Calls, c)
			s.Fills = append(s.Fills, fills...)
		}
	}
}

// fillsReceiver returns the access by which c calls a method on the struct
// variable that v is a field of, if the method assigns that field; else nil.
func (fx *Facts) fillsReceiver(c *Call, v *Variable) *Access {
	sel, ok := ast.Unparen(c.Expr.Fun).(*ast.SelectorExpr)
	recv := fx.recvObj(c.Callee)
	if !ok || recv == nil || v.Field == "" {
		return nil
	}
	a := fx.rootAccess(sel.X)
	if a == nil || a.Var != v.Obj || fx.locksAnything(c.Callee) {
		return nil
	}
	for cur := range c.Callee.Cur.Preorder((*ast.AssignStmt)(nil)) {
		for _, lhs := range cur.Node().(*ast.AssignStmt).Lhs {
			if root, path := fx.operand(lhs); root == recv && joinPath(a.Path, path) == v.Field {
				return a
			}
		}
	}
	return nil
}

// locksAnything reports whether f takes a lock.
func (fx *Facts) locksAnything(f *Func) bool {
	for _, c := range f.Calls {
		if op, _ := fx.lockCall(c.Expr); op != noLockOp && op != opUnlock {
			return true
		}
	}
	return false
}

// fillsOf returns the fills of v in f and, up to depth calls deep, in what f calls.
func (fx *Facts) fillsOf(f *Func, v *Variable, t test, seen map[*Func]bool, depth int) []*Access {
	if seen[f] || depth < 0 {
		return nil
	}
	seen[f] = true
	var fills []*Access
	for _, w := range v.Accesses {
		if w.In != nil && fx.isFill(w, t) && (w.In == f || fx.runsWithin(w.In, f)) {
			fills = append(fills, w)
		}
	}
	for _, c := range f.Calls {
		if c.Callee != nil && c.Callee.Lit == nil && (c.Mode == Plain || c.Mode == ByOnce) {
			fills = append(fills, fx.fillsOf(c.Callee, v, t, seen, depth-1)...)
		}
	}
	return fills
}

// isFill reports whether the access w gives the variable tested by t a value
// that t would not call empty, built here.
func (fx *Facts) isFill(w *Access, t test) bool {
	if w.File.Test || w.Stmt == nil {
		return false
	}
	if t.key != nil {
		return w.Kind == Element && fx.storesElement(w)
	}
	if w.Kind == Address {
		return w.Atomic == NotAtomic && overlaps(w.Path, t.access.Path) && fx.filledByAddress(w)
	}
	if w.Kind != Write || w.Path != t.access.Path && w.Path != "" {
		return false
	}
	if s, ok := w.Stmt.(*ast.AssignStmt); ok && s.Tok != token.ASSIGN {
		return false // a counter or accumulator
	}
	if _, ok := w.Stmt.(*ast.IncDecStmt); ok {
		return t.flag && w.Atomic == NotAtomic
	}
	if w.Value == nil {
		return true // one of several results
	}
	if t.flag && fx.declaredTrue(w) {
		return fx.isZero(w.Value) // needInit = false
	}
	if call, ok := ast.Unparen(w.Value).(*ast.CallExpr); ok && fx.isBuiltin(call, "append") {
		return true // builds it up, or adds to it: see isAccumulator
	}
	return !fx.empties(w) && !fx.mentions(w.Value, w.Var, w.Path)
}

// storesElement reports whether the access w is m[k] = v.
func (fx *Facts) storesElement(w *Access) bool {
	s, ok := w.Stmt.(*ast.AssignStmt)
	if !ok || s.Tok != token.ASSIGN {
		return false
	}
	for _, lhs := range s.Lhs {
		if ix, ok := ast.Unparen(lhs).(*ast.IndexExpr); ok && ast.Unparen(ix.X) == w.Expr {
			return true
		}
	}
	return false
}

// mentions reports whether e reads the package variable v, or what its fields
// at path hold: x = append(x, y).
func (fx *Facts) mentions(e ast.Expr, v *types.Var, path string) bool {
	found := false
	ast.Inspect(e, func(n ast.Node) bool {
		if _, ok := n.(*ast.FuncLit); ok {
			return false // runs later
		}
		if id, ok := n.(*ast.Ident); ok && fx.accesses[id] != nil {
			a := fx.accesses[id]
			found = found || a.Var == v && overlaps(a.Path, path)
		}
		return !found
	})
	return found
}
