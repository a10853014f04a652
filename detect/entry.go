package detect

import (
	"go/ast"
	"go/token"
	"go/types"
	"maps"
	"slices"
	"strings"

	"golang.org/x/tools/go/ast/edge"
	"golang.org/x/tools/go/ast/inspector"
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
			if fx.makesReceiver(c) {
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

// makesReceiver reports whether c calls a method of a value that its caller has
// just made, and that nobody else has yet: a constructor does without its locks.
func (fx *Facts) makesReceiver(c *Call) bool {
	if c.Mode != Plain || c.Caller == nil || c.Callee.Decl == nil || slices.ContainsFunc(c.Callee.Calls, func(in *Call) bool { return in.Mode == Started }) {
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
	if v == nil || !c.Caller.isIn(v.Pos()) || !fx.isMade(v) {
		return false
	}
	if call, ok := c.Caller.Cur.FindNode(c.Expr); ok {
		for loop := range call.Enclosing((*ast.ForStmt)(nil), (*ast.RangeStmt)(nil)) {
			if loop.Node().Pos() > v.Pos() {
				return false // what follows here comes before it the next time
			}
		}
	}
	for cur := range c.Caller.Cur.Preorder((*ast.Ident)(nil)) {
		use := cur.Node().(*ast.Ident)
		if fx.Pkg.Info.Uses[use] == v && use.Pos() < id.Pos() && (!fx.usesField(cur) || fx.Enclosing(cur) != c.Caller) {
			return false // others may have it by now
		}
	}
	return true
}

// usesField reports whether the variable at cur stands there for one of its
// fields, and its address is not taken.
func (fx *Facts) usesField(cur inspector.Cursor) bool {
	if cur.ParentEdgeKind() != edge.SelectorExpr_X {
		return false
	}
	sel := cur.Parent()
	s := fx.Pkg.Info.Selections[sel.Node().(*ast.SelectorExpr)]
	return s != nil && s.Kind() == types.FieldVal && sel.ParentEdgeKind() != edge.UnaryExpr_X
}

// isIn reports whether pos is in the body of f.
func (f *Func) isIn(pos token.Pos) bool {
	return f.Body() != nil && f.Body().Pos() <= pos && pos < f.Body().End()
}

// isMade reports whether the local variable v is a struct, or points to one
// that is made for it: q := &T{}.
func (fx *Facts) isMade(v *types.Var) bool {
	if _, ok := v.Type().Underlying().(*types.Struct); ok {
		return true // var q T
	}
	amp, ok := fx.soleValue(v).(*ast.UnaryExpr)
	if !ok || amp.Op != token.AND {
		return false
	}
	_, ok = ast.Unparen(amp.X).(*ast.CompositeLit)
	return ok
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
