package rewrite

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"golang.org/x/tools/go/ast/edge"
	"golang.org/x/tools/go/ast/inspector"

	"github.com/singletonfix/singletonfix/detect"
)

// endsWithoutLock proves that a wait on what e names, a channel or a
// WaitGroup, ends without the lock: whoever can end it is a goroutine that
// this package starts, and that neither uses the variable nor takes a lock
// that the lock may be waited for under.
func (w *wait) endsWithoutLock(e ast.Expr) bool {
	obj := w.unexported(e)
	if obj == nil {
		return false
	}
	held := append(w.mutexesOf(w.heldByCallers(w.f)), w.author)
	for cur := range w.fx.Insp.Root().Preorder((*ast.Ident)(nil)) {
		use, ok := w.pkg.Info.Uses[cur.Node().(*ast.Ident)].(*types.Var)
		if !ok || use.Origin() != obj || cur.Node().Pos() == identIn(e).Pos() {
			continue
		}
		known, ends := w.endOf(cur)
		if !known {
			return false
		}
		if ends && !w.onOwnGoroutine(w.fx.Enclosing(cur), held, make(map[*detect.Func]bool)) {
			return false
		}
	}
	return true
}

// unexported returns the variable or field that e names, if no other package
// can name it; else nil.
func (d *draft) unexported(e ast.Expr) *types.Var {
	id := identIn(e)
	if id == nil {
		return nil
	}
	obj, ok := d.pkg.Info.Uses[id].(*types.Var)
	if !ok || obj.Exported() || obj.Pkg() != d.pkg.Types {
		return nil
	}
	return obj.Origin()
}

// identIn returns the identifier that names e: x, s.x; nil for anything else.
func identIn(e ast.Expr) *ast.Ident {
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		return e
	case *ast.SelectorExpr:
		return e.Sel
	}
	return nil
}

// endOf says of a use of a channel or WaitGroup whether it is plain to see
// what it does, and whether that can end someone's wait.
func (w *wait) endOf(cur inspector.Cursor) (known, ends bool) {
	if cur.ParentEdgeKind() == edge.SelectorExpr_Sel {
		cur = cur.Parent()
	}
	switch kind, _ := cur.ParentEdge(); kind {
	case edge.SendStmt_Chan, edge.RangeStmt_X:
		return true, true
	case edge.UnaryExpr_X:
		return cur.Parent().Node().(*ast.UnaryExpr).Op == token.ARROW, true
	case edge.CallExpr_Args:
		_, isBuiltin := calleeIn(w.pkg.Info, cur.Parent().Node().(*ast.CallExpr)).(*types.Builtin)
		return isBuiltin, true // close, len, cap
	case edge.SelectorExpr_X:
		switch cur.Parent().Node().(*ast.SelectorExpr).Sel.Name {
		case "Add", "Wait":
			return true, false
		case "Done":
			return true, true
		}
	case edge.KeyValueExpr_Key:
		return isMake(w.pkg.Info, cur.Parent().Node().(*ast.KeyValueExpr).Value), false
	case edge.AssignStmt_Lhs:
		s := cur.Parent().Node().(*ast.AssignStmt)
		return len(s.Lhs) == len(s.Rhs) && !slices.ContainsFunc(s.Rhs, func(e ast.Expr) bool { return !isMake(w.pkg.Info, e) }), false
	}
	return false, false
}

func isMake(info *types.Info, e ast.Expr) bool {
	call, ok := ast.Unparen(e).(*ast.CallExpr)
	if !ok {
		return false
	}
	b, ok := calleeIn(info, call).(*types.Builtin)
	return ok && b.Name() == "make"
}

// onOwnGoroutine reports whether f runs only on goroutines that this package
// starts, and that can always go on: they use none of the variables, and take
// none of the locks.
func (w *wait) onOwnGoroutine(f *detect.Func, held []*types.Var, seen map[*detect.Func]bool) bool {
	if seen[f] {
		return true
	}
	if f == nil || f.Body() == nil || f.Escapes() || len(f.Callers) == 0 {
		return false // whoever calls it may need the lock first
	}
	seen[f] = true
	r := reachOf(w.fx, f.Body())
	r.funcs[f] = true
	for _, v := range w.values() {
		if slices.ContainsFunc(v.Accesses, func(a *detect.Access) bool { return r.funcs[a.In] }) {
			return false
		}
	}
	if slices.ContainsFunc(w.locksTaken(f, f.Body().List), func(mu *types.Var) bool { return slices.Contains(held, mu) }) {
		return false
	}
	for _, c := range f.Callers {
		if c.Mode != detect.Started && !w.onOwnGoroutine(c.Caller, held, seen) {
			return false
		}
	}
	return true
}
