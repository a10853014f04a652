package detect

import "go/ast"

// noLocks is what is held where code runs that is not known to hold anything.
var noLocks = Locks{}

// isPlain reports whether no lock is held anywhere in fl, entered so, as far
// as is known by now: it begins with none, and neither it nor what it calls
// has to do with any. Most functions are plain.
func (fx *Facts) isPlain(fl *flow, entry lockSet) bool {
	if len(entry) > 0 || len(fl.f.made) > 0 || len(fl.exit) > 0 || len(fl.released) > 0 || fx.semaphores {
		return false
	}
	for _, c := range fl.f.Calls {
		if op, _ := fx.lockCall(c.Expr); op != noLockOp {
			return false
		}
		if inner := fx.flows[c.Callee]; inner != nil && (len(inner.exit) > 0 || len(inner.released) > 0) {
			return false
		}
	}
	return true
}

// recordPlain is record for a plain function.
func (fx *Facts) recordPlain(fl *flow) {
	for _, b := range fl.graph.Blocks {
		if !b.Live {
			continue // dead code
		}
		for _, n := range b.Nodes {
			ast.Inspect(n, func(n ast.Node) bool {
				switch n := n.(type) {
				case *ast.FuncLit:
					fx.funcOf[n].made = nil
					return false // a function of its own
				case *ast.CallExpr:
					for _, c := range fx.calls[n] {
						c.Held = noLocks
					}
				case *ast.Ident:
					if a := fx.accesses[n]; a != nil {
						a.Held = noLocks
					}
				}
				return true
			})
		}
	}
}

// findSemaphores notes whether some channel of the package is one for a lock.
func (fx *Facts) findSemaphores() {
	for _, v := range fx.Vars {
		fx.semaphores = fx.semaphores || fx.isSemaphore(v)
	}
}
