package detect

import (
	"go/ast"
	"strings"
)

// deferredUnlocks takes from exit what f's defer statements unlock.
func (fx *Facts) deferredUnlocks(fl *flow, exit lockSet) {
	for _, c := range fl.f.Calls {
		if c.Mode != Deferred {
			continue
		}
		if op, id := fx.lockCall(c.Expr); op == opUnlock {
			delete(exit, id)
		}
		if c.Callee == nil {
			continue
		}
		if inner := fx.flows[c.Callee]; inner != nil {
			for id := range inner.released {
				delete(exit, fx.atCall(c, id))
			}
		}
	}
}

// applySummary carries over what a function of this package does to the locks of its caller.
func (fx *Facts) applySummary(fl *flow, c *Call, held lockSet) {
	inner := fx.flows[c.Callee]
	if inner == nil {
		return
	}
	for id := range inner.released {
		if id := fx.atCall(c, id); id.root != nil {
			if _, kept := inner.exit[id]; !kept && !fx.balanced(inner, id) {
				delete(held, id)
			}
		}
	}
	for id, mode := range inner.exit {
		if id := fx.atCall(c, id); id.root != nil {
			held[id] = mode
		}
	}
}

// balanced reports whether fl only unlocks what it has locked itself.
func (fx *Facts) balanced(fl *flow, id lockID) bool {
	for _, c := range fl.f.Calls {
		if op, locked := fx.lockCall(c.Expr); (op == opLock || op == opRLock) && locked == id {
			return true
		}
	}
	return false
}

// atCall returns the lock id of the callee of c as its caller names it; the
// zero lockID if it cannot.
func (fx *Facts) atCall(c *Call, id lockID) lockID {
	if (Lock{Root: id.root}).Global() || c.Callee.Lit != nil {
		return id
	}
	if id.root != fx.recvObj(c.Callee) || id.root == nil {
		return lockID{}
	}
	sel, ok := ast.Unparen(c.Expr.Fun).(*ast.SelectorExpr)
	if !ok {
		return lockID{}
	}
	root, path := fx.operand(sel.X)
	return lockID{root, joinPath(path, id.path)}
}

// mayReturn reports whether call may come back, as far as its name tells.
func (fx *Facts) mayReturn(call *ast.CallExpr) bool {
	if fx.isBuiltin(call, "panic") {
		return false
	}
	obj := fx.callee(call)
	if obj == nil || obj.Pkg() == nil {
		return true
	}
	switch obj.Pkg().Path() {
	case "os":
		return obj.Name() != "Exit"
	case "runtime":
		return obj.Name() != "Goexit"
	case "log":
		return !strings.HasPrefix(obj.Name(), "Fatal") && !strings.HasPrefix(obj.Name(), "Panic")
	}
	return true
}
