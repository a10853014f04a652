package detect

import (
	"go/ast"
	"go/token"
	"go/types"

	"golang.org/x/tools/go/ast/edge"
)

// What a function has just made is its own until it hands it out: nobody else
// can use it meanwhile.

// makesValue reports whether e makes a new value: T{}, &T{}, new(T), or make.
func (fx *Facts) makesValue(e ast.Expr) bool {
	if u, ok := ast.Unparen(e).(*ast.UnaryExpr); ok && u.Op == token.AND {
		e = u.X
	}
	switch x := ast.Unparen(e).(type) {
	case *ast.CompositeLit:
		return true
	case *ast.CallExpr:
		return fx.isBuiltin(x, "new") || fx.isBuiltin(x, "make")
	}
	return false
}

// isFresh reports whether obj is a local variable that only ever holds a
// value made in its own function, which nobody else has at first.
func (fx *Facts) isFresh(obj types.Object) bool {
	v, ok := obj.(*types.Var)
	return ok && v.Parent() != fx.Pkg.Types.Scope() && fx.makesValue(fx.soleValue(v))
}

// makesReceiver reports whether c calls a method of a value that its caller has
// just made, and that nobody else has by then: a constructor does without its
// locks. Nor does the method hand it out.
func (fx *Facts) makesReceiver(c *Call) bool {
	if c.Mode != Plain || c.Caller == nil || c.Callee.Decl == nil || c.Callee.Body() == nil {
		return false
	}
	sel, ok := ast.Unparen(c.Expr.Fun).(*ast.SelectorExpr)
	if !ok {
		return false
	}
	id, ok := ast.Unparen(sel.X).(*ast.Ident)
	if !ok {
		return false
	}
	v := fx.localVar(id)
	if v == nil || !fx.isFresh(v) && !fx.declaredStruct(c.Caller, v) || fx.inLoopBehind(c, v) {
		return false
	}
	recv := asVar(fx.recvObj(c.Callee))
	return fx.usesFieldsUntil(c.Caller, v, id.Pos()) && recv != nil && fx.usesFieldsUntil(c.Callee, recv, c.Callee.Body().End())
}

// declaredStruct reports whether v is a struct that f declares: var q T.
func (fx *Facts) declaredStruct(f *Func, v *types.Var) bool {
	_, ok := v.Type().Underlying().(*types.Struct)
	return ok && f.Body() != nil && f.Body().Pos() <= v.Pos() && v.Pos() < f.Body().End()
}

// inLoopBehind reports whether c is in a loop that v is declared in front of:
// what follows c there comes before it the next time.
func (fx *Facts) inLoopBehind(c *Call, v *types.Var) bool {
	call, ok := c.Caller.Cur.FindNode(c.Expr)
	if !ok {
		return true
	}
	for loop := range call.Enclosing((*ast.ForStmt)(nil), (*ast.RangeStmt)(nil)) {
		if loop.Node().Pos() > v.Pos() {
			return true
		}
	}
	return false
}

// usesFieldsUntil reports whether f, outside of literals, and up to end uses
// nothing but fields of v.
func (fx *Facts) usesFieldsUntil(f *Func, v *types.Var, end token.Pos) bool {
	for cur := range f.Cur.Preorder((*ast.Ident)(nil)) {
		id := cur.Node().(*ast.Ident)
		if fx.Pkg.Info.Uses[id] != v || id.Pos() >= end {
			continue
		}
		if cur.ParentEdgeKind() != edge.SelectorExpr_X || fx.Enclosing(cur) != f {
			return false
		}
		s := fx.Pkg.Info.Selections[cur.Parent().Node().(*ast.SelectorExpr)]
		if s == nil || s.Kind() != types.FieldVal {
			return false
		}
	}
	return true
}
