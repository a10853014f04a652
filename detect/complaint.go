package detect

import (
	"go/ast"

	"golang.org/x/tools/go/ast/inspector"
)

// objectsToSecond reports whether the function of s does nothing, once the
// variable is filled, but panic or return an error of its own: it sets
// something up and is not to be called again.
func (f *finder) objectsToSecond(s *Site) bool {
	stmt, ok := s.Stmt.(*ast.IfStmt)
	if !ok || s.Key != nil {
		return false
	}
	switch s.Form {
	case GuardEarly, GuardElse:
		return f.objects(s, stmt.Body.List)
	case GuardThen:
		block, ok := stmt.Else.(*ast.BlockStmt)
		return ok && f.objects(s, block.List)
	}
	return false
}

// objects reports whether the statements end in a panic or in an error made
// here, and say nothing of the variable of s to the caller.
func (f *finder) objects(s *Site, list []ast.Stmt) bool {
	if len(list) == 0 || len(list) > 2 {
		return false
	}
	switch last := list[len(list)-1].(type) {
	case *ast.ExprStmt:
		call, ok := last.X.(*ast.CallExpr)
		return ok && f.isBuiltin(call, "panic")
	case *ast.ReturnStmt:
		return returnsError(f.Facts, s.Func) && len(last.Results) > 0 && f.isNewError(s, last.Results[len(last.Results)-1]) && f.othersZero(last)
	}
	return false
}

// isNewError reports whether e makes an error, or names one that the package
// declares. What a method of the found value returns is no complaint about it.
func (f *finder) isNewError(s *Site, e ast.Expr) bool {
	switch x := ast.Unparen(e).(type) {
	case *ast.CallExpr:
		return f.resolve(x.Fun) == nil && !f.mentions(x.Fun, s.Read.Var, s.Read.Path)
	case *ast.Ident, *ast.SelectorExpr:
		t, ok := f.readVar(x)
		if ok {
			return f.declaredFilled(t.access) // ErrStarted, not the error of the first call
		}
		sel, isSel := x.(*ast.SelectorExpr)
		return isSel && f.importPath(sel.X) != ""
	case *ast.UnaryExpr:
		_, ok := x.X.(*ast.CompositeLit)
		return ok
	}
	return false
}

// othersZero reports whether ret returns no value beside its error.
func (f *finder) othersZero(ret *ast.ReturnStmt) bool {
	for _, r := range ret.Results[:len(ret.Results)-1] {
		if !f.isZero(r) {
			return false
		}
	}
	return true
}

// onlyComplains reports whether the local variable that id declares is used
// for nothing but a panic or an error: what registers a key twice.
func (f *finder) onlyComplains(s *Site, id *ast.Ident) bool {
	v := f.localVar(id)
	if v == nil {
		return false
	}
	uses := 0
	for cur := range s.Func.Outermost().Cur.Preorder((*ast.Ident)(nil)) {
		if f.Pkg.Info.Uses[cur.Node().(*ast.Ident)] != v {
			continue
		}
		uses++
		if !f.inComplaint(cur) {
			return false
		}
	}
	return uses > 0
}

func (f *finder) inComplaint(cur inspector.Cursor) bool {
	for c := range cur.Enclosing((*ast.CallExpr)(nil)) {
		call := c.Node().(*ast.CallExpr)
		if f.isBuiltin(call, "panic") {
			return true
		}
		if obj := f.callee(call); obj != nil && obj.Pkg() != nil && (obj.Pkg().Path() == "fmt" && obj.Name() == "Errorf" || obj.Pkg().Path() == "log") {
			return true
		}
	}
	return false
}
