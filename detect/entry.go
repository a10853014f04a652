package detect

import (
	"go/ast"
	"go/types"
	"maps"
	"strings"
)

// inherits reports whether every call of f is known, so that it holds what
// all its callers hold.
func (fx *Facts) inherits(f *Func) bool {
	if f.Exported() || fx.valueOutsideTests(f) {
		return false
	}
	for _, c := range f.Callers {
		if file := fx.Pkg.File(c.Expr.Pos()); file != nil && !file.Test {
			return true
		}
	}
	return false
}

// inheritLocks recomputes entries from what callers hold; it reports whether
// anything changed. With giveUp, what still changes is set to nothing held.
func (fx *Facts) inheritLocks(entries map[*Func]lockSet, giveUp bool) bool {
	changed := false
	for _, f := range fx.Funcs {
		if !fx.inherits(f) {
			continue
		}
		var entry lockSet
		var making []*Call
		for _, c := range f.Callers {
			if file := fx.Pkg.File(c.Expr.Pos()); file != nil && file.Test && !f.File.Test {
				continue // tests call helpers without the lock, from one goroutine
			}
			if fx.making[c] {
				making = append(making, c)
				continue
			}
			entry = meet(entry, fx.handedOn(c))
		}
		for _, c := range making {
			entry = meet(entry, fx.withOwnLocks(c, entry))
		}
		if entry == nil {
			continue // only called from code that is not reached yet
		}
		if entries[f] == nil || !maps.Equal(entries[f], entry) {
			entries[f], changed = entry, true
			if giveUp {
				entries[f] = lockSet{}
			}
		}
	}
	return changed
}

// withOwnLocks returns what is handed on by c, which makes its receiver, and
// those locks of entry that are the receiver's.
func (fx *Facts) withOwnLocks(c *Call, entry lockSet) lockSet {
	out := fx.handedOn(c)
	recv := fx.recvObj(c.Callee)
	for id, mode := range entry {
		if recv != nil && id.root == recv {
			out[id] = mode
		}
	}
	return out
}

// handedOn returns what the callee of c may rely on: the locks held at the
// call that it can name, package variables and what hangs on its receiver.
func (fx *Facts) handedOn(c *Call) lockSet {
	out := make(lockSet)
	if c.Mode == Started {
		return out
	}
	if c.Mode == Passed && !(c.Obj != nil && synchronous(c.Obj)) {
		inner := fx.heldInside(c)
		if id, ok := fx.flightOf(c); ok {
			inner[id] = Locked // one at a time, for each key
		}
		return inner
	}
	if c.Caller == nil {
		return out
	}
	recv, recvPath, recvRoot := types.Object(nil), "", types.Object(nil)
	if c.Callee.Decl != nil {
		recv = fx.recvObj(c.Callee)
		if sel, ok := ast.Unparen(c.Expr.Fun).(*ast.SelectorExpr); ok && recv != nil && c.Mode == Plain {
			recvRoot, recvPath = fx.operand(sel.X)
		}
	}
	for _, l := range c.Held {
		if c.Mode == Deferred && !fx.unlocksByDefer(c.Caller, lockID{l.Root, l.Path}) {
			continue // unlocked by the time that the function ends
		}
		switch {
		case l.Global() || c.Callee.Lit != nil:
			out[lockID{l.Root, l.Path}] = l.Mode
		case recv != nil && l.Root == recvRoot && (l.Path == recvPath || strings.HasPrefix(l.Path, recvPath+".") || recvPath == ""):
			out[lockID{recv, strings.TrimPrefix(strings.TrimPrefix(l.Path, recvPath), ".")}] = l.Mode
		}
	}
	if c.Mode == ByOnce {
		if id, ok := fx.onceOf(c); ok {
			out[id] = InOnce
		}
	}
	return out
}

// unlocksByDefer reports whether f gives the lock up by a defer statement of
// its own, or not at all.
func (fx *Facts) unlocksByDefer(f *Func, id lockID) bool {
	for _, c := range f.Calls {
		if op, unlocked := fx.lockCall(c.Expr); op == opUnlock && unlocked == id {
			return c.Mode == Deferred
		}
	}
	return true
}

// flightOf returns the singleflight group whose Do or DoChan runs the function that c passes.
func (fx *Facts) flightOf(c *Call) (lockID, bool) {
	sel, ok := ast.Unparen(c.Expr.Fun).(*ast.SelectorExpr)
	if !ok || sel.Sel.Name != "Do" {
		return lockID{}, false
	}
	root, path := fx.lockOperand(sel)
	v := asVar(root)
	if v == nil {
		return lockID{}, false
	}
	return lockID{root, path}, isSingleflight(v.Type()) || fx.declaredSingleflight(v)
}

// declaredSingleflight reports whether v is declared as a singleflight.Group
// of a package that was not loaded.
func (fx *Facts) declaredSingleflight(v *types.Var) bool {
	pv := fx.byVar[v]
	return pv != nil && pv.Spec != nil && pv.Spec.Type != nil && strings.HasSuffix(fx.writtenType(pv.Spec.Type), "/singleflight.Group")
}

// heldInside returns what is held where the function that c calls, one of
// this package, calls the function that c passes to it: withLock(func() { ... }).
func (fx *Facts) heldInside(c *Call) lockSet {
	out := make(lockSet)
	obj, _ := c.Obj.(*types.Func)
	wrapper := fx.Declared(obj)
	if wrapper == nil {
		return out
	}
	var inner lockSet
	for _, pc := range wrapper.Calls {
		v, ok := pc.Obj.(*types.Var)
		if !ok || !isParam(fx, wrapper, v) || pc.Mode != Plain {
			continue
		}
		held := make(lockSet)
		for _, l := range pc.Held {
			if l.Global() {
				held[lockID{l.Root, l.Path}] = l.Mode
			}
		}
		inner = meet(inner, held)
	}
	if inner == nil {
		return out // stored, or started elsewhere
	}
	for _, l := range c.Held {
		inner[lockID{l.Root, l.Path}] = l.Mode
	}
	return inner
}

func isParam(fx *Facts, f *Func, v *types.Var) bool {
	for _, p := range fx.params(f) {
		if p == v {
			return true
		}
	}
	return false
}

// onceOf returns the Once that runs the function passed by c: the operand of
// Do, or the variable that sync.OnceFunc's result is given to.
func (fx *Facts) onceOf(c *Call) (lockID, bool) {
	if op, id := fx.lockCall(c.Expr); op == opOnce {
		return id, true
	}
	cur, ok := fx.Insp.Root().FindNode(c.Expr)
	if !ok {
		return lockID{}, false
	}
	switch n := cur.Parent().Node().(type) {
	case *ast.ValueSpec:
		if _, i := cur.ParentEdge(); i < len(n.Names) {
			if obj := fx.Pkg.Info.Defs[n.Names[i]]; obj != nil {
				return lockID{root: obj}, true
			}
		}
	case *ast.AssignStmt:
		if _, i := cur.ParentEdge(); i < len(n.Lhs) {
			if root, path := fx.operand(n.Lhs[i]); root != nil {
				return lockID{root, path}, true
			}
			if id, ok := n.Lhs[i].(*ast.Ident); ok && fx.Pkg.Info.Defs[id] != nil {
				return lockID{root: fx.Pkg.Info.Defs[id]}, true
			}
		}
	}
	return lockID{}, false
}
