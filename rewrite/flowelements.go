package rewrite

import (
	"go/ast"
)

// elements notes what the simple statement s may put into a map, slice or
// struct that is empty so far: by assigning an element or a field of it, or
// by handing it to a function.
func (fl *filling) elements(s ast.Stmt) {
	if fl.kind != lenTest && fl.kind != zeroTest {
		return // nil stays nil
	}
	switch s := s.(type) {
	case *ast.AssignStmt:
		for _, lhs := range s.Lhs {
			fl.element(lhs)
		}
	case *ast.IncDecStmt:
		fl.element(s.X)
	case *ast.ExprStmt, *ast.DeclStmt:
	default:
		return
	}
	ast.Inspect(s, func(n ast.Node) bool {
		if call, ok := n.(*ast.CallExpr); ok && !isLen(fl.d.pkg.Info, call) {
			for _, arg := range call.Args {
				fl.mayFill(arg)
			}
		}
		return true
	})
}

// element notes that e, which may be an element or a field of a variable, is assigned.
func (fl *filling) element(e ast.Expr) {
	switch x := ast.Unparen(e).(type) {
	case *ast.IndexExpr:
		fl.mayFill(x.X)
	case *ast.SelectorExpr:
		if fl.object(x) == nil {
			fl.mayFill(x.X)
		}
	}
}

// mayFill notes that the variable that e names, if it was empty, may not be any more.
func (fl *filling) mayFill(e ast.Expr) {
	if obj := fl.object(e); obj != nil {
		if st, known := fl.state[obj]; known && st == empty {
			fl.state[obj] = maybe
		}
	}
}
