package detect

import (
	"go/ast"
	"go/types"
	"strings"

	"golang.org/x/tools/go/ast/edge"
)

// An AtomicOp says by which atomic operation an access is made.
type AtomicOp int

const (
	NotAtomic AtomicOp = iota
	AtomicLoad
	AtomicStore
	AtomicSwap // Swap, CompareAndSwap, LoadOrStore: test and set in one
	AtomicOther
)

// atomicOp finds out whether a, a call of a method on an atomic or the
// address handed to a function of sync/atomic, is an atomic operation, and
// what it stores.
func (fx *Facts) atomicOp(a *Access) (AtomicOp, ast.Expr) {
	cur := a.Cur
	for cur.Node() != a.Expr {
		cur = cur.Parent()
	}
	switch cur.ParentEdgeKind() {
	case edge.UnaryExpr_X: // atomic.LoadInt32(&x)
		amp := cur.Parent()
		if amp.ParentEdgeKind() != edge.CallExpr_Args {
			return NotAtomic, nil
		}
		call := amp.Parent().Node().(*ast.CallExpr)
		obj := fx.callee(call)
		if obj == nil || obj.Pkg() == nil || obj.Pkg().Path() != "sync/atomic" {
			return NotAtomic, nil
		}
		return opNamed(obj.Name()), lastArg(call)
	case edge.SelectorExpr_X: // x.Load()
		sel := cur.Parent()
		if sel.ParentEdgeKind() != edge.CallExpr_Fun {
			return NotAtomic, nil
		}
		f, ok := fx.Pkg.Info.Uses[sel.Node().(*ast.SelectorExpr).Sel].(*types.Func)
		if !ok || f.Pkg() == nil || !atomicPackage(f.Pkg().Path()) {
			return NotAtomic, nil
		}
		return opNamed(f.Name()), lastArg(sel.Parent().Node().(*ast.CallExpr))
	}
	return NotAtomic, nil
}

func atomicPackage(path string) bool {
	return path == "sync/atomic" || path == "go.uber.org/atomic"
}

func opNamed(name string) AtomicOp {
	switch {
	case strings.HasPrefix(name, "Load") && name != "LoadOrStore":
		return AtomicLoad
	case strings.HasPrefix(name, "Store"):
		return AtomicStore
	case strings.HasPrefix(name, "Swap"), strings.HasPrefix(name, "CompareAndSwap"), strings.HasPrefix(name, "CAS"):
		return AtomicSwap
	}
	return AtomicOther
}

func lastArg(call *ast.CallExpr) ast.Expr {
	if len(call.Args) == 0 {
		return nil
	}
	return call.Args[len(call.Args)-1]
}
