package detect

import (
	"go/ast"
	"go/token"
	"maps"

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
	// What the last run began with: with the same again, a run finds the same.
	entry, made lockSet
	ran         bool
	changes     int // of exit and released, so far
	seen        int // the sum of its callees' changes at the last run
	unlocked    int // how many locks released held at the last run
}

// findLocks computes what is held at every access and call. What a function
// inherits from its callers, and what it leaves locked for them, depend on
// each other: all functions are looked at again until nothing changes.
func (fx *Facts) findLocks() {
	fx.flows = make(map[*Func]*flow)
	fx.lockCalls = make(map[*ast.CallExpr]lockCall)
	fx.findSemaphores()
	for _, f := range fx.Funcs {
		if f.Body() != nil {
			fx.flows[f] = &flow{f: f, graph: cfg.New(f.Body(), fx.mayReturn), exit: lockSet{}, released: map[lockID]bool{}}
		}
	}
	entries := make(map[*Func]lockSet)
	fx.making = make(map[*Call]bool)
	for _, f := range fx.Funcs {
		if !fx.inherits(f) {
			entries[f] = lockSet{}
			continue
		}
		for _, c := range f.Callers {
			if fx.makesReceiver(c) {
				fx.making[c] = true
			}
		}
	}
	const rounds = 12 // call chains that pass a lock on are shorter; what is left then is given up
	for i := 0; i < rounds; i++ {
		ran := fx.runStale(entries)
		if !fx.inheritLocks(entries, i == rounds-2) && !ran {
			break
		}
	}
	for _, f := range fx.Funcs {
		f.Entry = entries[f].sorted()
	}
}

// runStale runs all flows that may find something else than the last time. It
// reports whether there are any.
func (fx *Facts) runStale(entries map[*Func]lockSet) bool {
	ran := false
	for _, f := range fx.Funcs {
		if fl := fx.flows[f]; fl != nil && fx.stale(fl, entries[f]) {
			fx.run(fl, entries[f])
			ran = ran || fl.ran
		}
	}
	return ran
}

// stale reports whether a run of fl may find something else than the last one did.
func (fx *Facts) stale(fl *flow, entry lockSet) bool {
	changes := 0
	for _, c := range fl.f.Calls {
		if inner := fx.flows[c.Callee]; inner != nil {
			changes += inner.changes
		}
	}
	if fl.ran && fl.seen == changes && maps.Equal(fl.entry, entry) && maps.Equal(fl.made, fl.f.made) {
		return false
	}
	fl.ran, fl.seen, fl.entry, fl.made = entry != nil, changes, entry, fl.f.made
	return true
}

// run computes fl from what is held at entry, and records what is held at
// every access and call.
func (fx *Facts) run(fl *flow, entry lockSet) {
	if entry == nil {
		return // nobody is known to call it yet
	}
	if fx.isPlain(fl, entry) {
		fx.recordPlain(fl)
		return
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
	old := fl.exit
	fl.exit = lockSet{}
	for id, mode := range exit {
		if _, ok := entry[id]; !ok && mode != InOnce {
			fl.exit[id] = mode
		}
	}
	if !maps.Equal(old, fl.exit) || len(fl.released) != fl.unlocked {
		fl.changes++
	}
	fl.unlocked = len(fl.released)
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
