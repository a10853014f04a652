package detect

import "go/ast"

// makesForInsert reports whether s fills with an empty map or slice only to
// put into it what its function was given.
func (f *finder) makesForInsert(s *Site) bool {
	if s.Key != nil {
		return f.makesForInsertBelow(s)
	}
	if s.Flag {
		return false
	}
	for _, w := range s.Fills {
		if w.Value == nil || !f.isEmptyContainer(w.Value) {
			return false
		}
	}
	for _, a := range s.Var.Accesses {
		if a.Kind == Write && a.Phase == Initial {
			return true // made while the package is initialised; this is for the case that nothing was
		}
		if a.In == nil || a.In.Outermost() != s.Func.Outermost() || f.besideFill(a, s) {
			continue
		}
		if a.Kind == Element && f.storesElement(a) {
			if value := elementValue(a); value == nil || !f.isParamValue(a.In, lastAppended(f, value)) {
				continue // a state that it keeps, not what it was given
			}
		}
		if a.Kind == Element || a.Kind == Write && a.Value != nil && f.mentions(a.Value, a.Var, a.Path) {
			return f.sharedBy(s.Func, make(map[*Func]bool)) == nil
		}
	}
	return false
}

// makesForInsertBelow is makesForInsert for a registry of registries, whose
// inner map is made for what the function was given: m[kind][name] = plugin.
func (f *finder) makesForInsertBelow(s *Site) bool {
	for _, w := range s.Fills {
		if value := elementValue(w); value == nil || !f.isEmptyContainer(f.madeBefore(value)) {
			return false
		}
	}
	inserts := false
	for cur := range s.Func.Cur.Preorder((*ast.AssignStmt)(nil)) {
		as := cur.Node().(*ast.AssignStmt)
		if len(as.Lhs) != 1 || len(as.Rhs) != 1 {
			continue
		}
		if ix, ok := ast.Unparen(as.Lhs[0]).(*ast.IndexExpr); ok && f.isBelow(s, ix) {
			if !f.isParamValue(s.Func, lastAppended(f, as.Rhs[0])) {
				return false
			}
			inserts = true
		}
	}
	return inserts && f.sharedBy(s.Func, make(map[*Func]bool)) == nil
}

// madeBefore returns the sole value of the local variable that e names, or
// that it is the address of; else e.
func (f *finder) madeBefore(e ast.Expr) ast.Expr {
	if u, ok := ast.Unparen(e).(*ast.UnaryExpr); ok {
		e = u.X
	}
	if id, ok := ast.Unparen(e).(*ast.Ident); ok {
		if v := f.localVar(id); v != nil {
			if value := f.soleValue(v); value != nil {
				return value
			}
		}
	}
	return e
}

// isBelow reports whether ix is an element of an element of the registry of
// s: m[kind][name], or inner[name] with inner := m[kind].
func (f *finder) isBelow(s *Site, ix *ast.IndexExpr) bool {
	x := ast.Unparen(f.madeBefore(ast.Unparen(ix.X)))
	if star, ok := x.(*ast.StarExpr); ok {
		x = ast.Unparen(f.madeBefore(ast.Unparen(star.X)))
	}
	outer, ok := x.(*ast.IndexExpr)
	if !ok {
		return false
	}
	t, ok := f.readVar(outer)
	return ok && t.key != nil && t.access.Var == s.Var.Obj
}

// lastAppended returns the last operand of e, where e is a call of append; else e.
func lastAppended(f *finder, e ast.Expr) ast.Expr {
	if call, ok := e.(*ast.CallExpr); ok && f.isBuiltin(call, "append") && len(call.Args) > 1 {
		return call.Args[len(call.Args)-1]
	}
	return e
}

// isEmptyContainer reports whether e is make(T), or a map or slice literal without elements.
func (f *finder) isEmptyContainer(e ast.Expr) bool {
	switch x := ast.Unparen(e).(type) {
	case *ast.CallExpr:
		return f.isBuiltin(x, "make")
	case *ast.CompositeLit:
		return len(x.Elts) == 0
	}
	return false
}
