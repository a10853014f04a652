package detect

import (
	"go/ast"
	"go/token"
	"go/types"
	"maps"
	"strings"

	"golang.org/x/tools/go/cfg"
)

// A flow is the forward data flow of locks through one function.
type flow struct {
	f     *Func
	graph *cfg.CFG
	in    []lockSet // by block index; nil: not reached yet
	// exit is what is held at every return and was not held at entry,
	// deferred unlocks done; released is what the function unlocks.
	exit     lockSet
	released map[lockID]bool
}

// findLocks computes what is held at every access and call. What a function
// inherits from its callers, and what it leaves locked for them, depend on
// each other: all functions are looked at again until nothing changes.
func (fx *Facts) findLocks() {
	fx.flows = make(map[*Func]*flow)
	for _, f := range fx.Funcs {
		if f.Body() != nil {
			fx.flows[f] = &flow{f: f, graph: cfg.New(f.Body(), fx.mayReturn), exit: lockSet{}, released: map[lockID]bool{}}
		}
	}
	entries := make(map[*Func]lockSet)
	for _, f := range fx.Funcs {
		if !fx.inherits(f) {
			entries[f] = lockSet{}
		}
	}
	const rounds = 12 // call chains that pass a lock on are shorter; what is left then is given up
	for i := 0; i < rounds; i++ {
		for _, f := range fx.Funcs {
			if fl := fx.flows[f]; fl != nil {
				fx.run(fl, entries[f])
			}
		}
		if !fx.inheritLocks(entries, i == rounds-2) {
			break
		}
	}
	for _, f := range fx.Funcs {
		f.Entry = entries[f].sorted()
	}
}

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
		for _, c := range f.Callers {
			if file := fx.Pkg.File(c.Expr.Pos()); file != nil && file.Test && !f.File.Test {
				continue // tests call helpers without the lock, from one goroutine
			}
			entry = meet(entry, fx.handedOn(c))
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

// run computes fl from what is held at entry, and records what is held at
// every access and call.
func (fx *Facts) run(fl *flow, entry lockSet) {
	if entry == nil {
		return // nobody is known to call it yet
	}
	for id, mode := range fl.f.made {
		if _, ok := entry[id]; !ok {
			entry = maps.Clone(entry)
			entry[id] = mode
		}
	}
	blocks := fl.graph.Blocks
	fl.in = make([]lockSet, len(blocks))
	fl.in[0] = maps.Clone(entry)
	work := []*cfg.Block{blocks[0]}
	for len(work) > 0 {
		b := work[0]
		work = work[1:]
		out := maps.Clone(fl.in[b.Index])
		for _, n := range b.Nodes {
			fx.step(fl, n, out, false)
		}
		for i, s := range b.Succs {
			next := fx.alongEdge(b, i, out)
			merged := meet(fl.in[s.Index], next)
			if fl.in[s.Index] == nil || !maps.Equal(fl.in[s.Index], merged) {
				fl.in[s.Index] = merged
				work = append(work, s)
			}
		}
	}
	fx.record(fl, entry)
}

// record walks the blocks once more, noting what is held, and sums up the
// effect of the whole function on its caller.
func (fx *Facts) record(fl *flow, entry lockSet) {
	var exit lockSet
	for _, b := range fl.graph.Blocks {
		if fl.in[b.Index] == nil {
			continue // dead code
		}
		out := maps.Clone(fl.in[b.Index])
		for _, n := range b.Nodes {
			fx.step(fl, n, out, true)
		}
		if len(b.Succs) == 0 {
			exit = meet(exit, out)
		}
	}
	fx.deferredUnlocks(fl, exit)
	fl.exit = lockSet{}
	for id, mode := range exit {
		if _, ok := entry[id]; !ok && mode != InOnce {
			fl.exit[id] = mode
		}
	}
}

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

// alongEdge returns what is held at the start of the i-th successor of b.
func (fx *Facts) alongEdge(b *cfg.Block, i int, out lockSet) lockSet {
	if len(b.Succs) != 2 || len(b.Nodes) == 0 {
		return out
	}
	cond, ok := b.Nodes[len(b.Nodes)-1].(ast.Expr)
	if !ok {
		return out
	}
	next := maps.Clone(out)
	for _, atom := range implied(cond, i == 0) {
		call, ok := atom.expr.(*ast.CallExpr)
		if !ok || !atom.truth {
			continue
		}
		switch op, id := fx.lockCall(call); op {
		case opTryLock:
			next[id] = Locked
		case opTryRLock:
			next[id] = ReadLocked
		}
	}
	return next
}

// onceOnly returns the Onces of held that are done: what happened before a
// literal is made happened before it runs, wherever and whenever that is.
func onceOnly(held lockSet) lockSet {
	out := make(lockSet)
	for id, mode := range held {
		if mode == AfterOnce || mode == InOnce {
			out[id] = AfterOnce
		}
	}
	return out
}

// step carries the effect of one node of the graph over to held. With
// record, it notes what is held at the accesses and calls that it passes.
func (fx *Facts) step(fl *flow, n ast.Node, held lockSet, record bool) {
	var visit func(n ast.Node) bool
	visit = func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			if record {
				fx.funcOf[n].made = onceOnly(held)
			}
			return false // a function of its own
		case *ast.AssignStmt:
			for _, e := range n.Rhs {
				ast.Inspect(e, visit)
			}
			for _, e := range n.Lhs {
				ast.Inspect(e, visit)
			}
			return false
		case *ast.DeferStmt:
			fx.operands(n.Call, visit)
			fx.stepCall(fl, n.Call, held, record, false)
			return false
		case *ast.GoStmt:
			fx.operands(n.Call, visit)
			fx.stepCall(fl, n.Call, held, record, false)
			return false
		case *ast.CallExpr:
			fx.operands(n, visit)
			fx.stepCall(fl, n, held, record, true)
			return false
		case *ast.SendStmt:
			ast.Inspect(n.Value, visit)
			ast.Inspect(n.Chan, visit)
			if id, ok := fx.semaphore(n.Chan); ok {
				held[id] = Locked
			}
			return false
		case *ast.UnaryExpr:
			if id, ok := fx.semaphore(n.X); ok && n.Op == token.ARROW {
				delete(held, id)
				fl.released[id] = true
			}
		case *ast.Ident:
			if a := fx.accesses[n]; a != nil && record {
				a.Held = held.sorted()
			}
		}
		return true
	}
	ast.Inspect(n, visit)
}

func (fx *Facts) operands(call *ast.CallExpr, visit func(ast.Node) bool) {
	ast.Inspect(call.Fun, visit)
	for _, arg := range call.Args {
		ast.Inspect(arg, visit)
	}
}

// stepCall notes what is held at call, and, if it runs here and now, what it does to locks.
func (fx *Facts) stepCall(fl *flow, call *ast.CallExpr, held lockSet, record, now bool) {
	if record {
		for _, c := range fx.calls[call] {
			c.Held = held.sorted()
		}
	}
	op, id := fx.lockCall(call)
	if !now {
		return
	}
	switch op {
	case opLock:
		held[id] = Locked
	case opRLock:
		held[id] = ReadLocked
	case opUnlock:
		delete(held, id)
		fl.released[id] = true
	case opOnce:
		held[id] = AfterOnce
	}
	for _, c := range fx.calls[call] {
		if c.Callee != nil && c.Mode == Plain {
			fx.applySummary(fl, c, held)
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
