package detect

import (
	"go/ast"

	"golang.org/x/tools/go/ast/edge"
)

// filledByAddress reports whether w passes the variable's address to a call
// that stores something there: json.Unmarshal(data, &x), but not serve(&opts)
// where serve, a function of this package, only reads its options.
func (fx *Facts) filledByAddress(w *Access) bool {
	cur := w.Cur
	for cur.Node() != w.Expr {
		cur = cur.Parent()
	}
	if cur.ParentEdgeKind() != edge.UnaryExpr_X || cur.Parent().ParentEdgeKind() != edge.CallExpr_Args {
		return false
	}
	_, arg := cur.Parent().ParentEdge()
	f := fx.resolve(cur.Parent().Parent().Node().(*ast.CallExpr).Fun)
	return f == nil || f.Body() == nil || fx.storesThrough(f, arg)
}

// storesThrough reports whether f assigns to what its i-th parameter points
// to, or hands the pointer on.
func (fx *Facts) storesThrough(f *Func, i int) bool {
	params := fx.params(f)
	if i >= f.Type().Params.NumFields() || i >= len(params) {
		return true // one of the last, variadic ones
	}
	v := params[i]
	for cur := range f.Cur.Preorder((*ast.AssignStmt)(nil), (*ast.CallExpr)(nil)) {
		switch n := cur.Node().(type) {
		case *ast.AssignStmt:
			for _, lhs := range n.Lhs {
				if root, _ := fx.operand(lhs); root == v {
					return true
				}
			}
		case *ast.CallExpr:
			for _, arg := range n.Args {
				if id, ok := ast.Unparen(arg).(*ast.Ident); ok && fx.Pkg.Info.Uses[id] == v && fx.resolve(n.Fun) == nil {
					return true
				}
			}
		}
	}
	return false
}
