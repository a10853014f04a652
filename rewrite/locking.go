package rewrite

import (
	"go/ast"
	"go/types"
	"slices"

	"golang.org/x/tools/go/ast/edge"

	"github.com/singletonfix/singletonfix/detect"
)

// free proves that whoever calls f does not hold the lock, nor one that is
// taken under it.
func (l *locking) free(f *detect.Func, region []ast.Stmt, all []*detect.Access) *Refusal {
	callers := l.heldByCallers(f)
	if _, ok := l.firstOf(callers, []*types.Var{l.author}); ok || f.Entry.Holds(l.lock, false) {
		return refuse(LockOrder, all[0].Pos(), "a caller of %s may hold %s already", f.Name(), l.mu)
	}
	if held, ok := l.firstOf(callers, l.locksTaken(f, region)); ok {
		return refuse(LockOrder, all[0].Pos(), "a caller of %s may hold %s, which is taken here under the lock", f.Name(), held.Name())
	}
	return nil
}

// comesBack proves that what f runs under the lock neither takes the lock
// again nor waits for someone who does.
func (l *locking) comesBack(f *detect.Func, region []ast.Stmt, all []*detect.Access) *Refusal {
	r := reachOf(l.fx, nodes(region)...)
	for _, g := range l.fx.Funcs {
		if !r.funcs[g] || l.fill != nil && g == l.fill.lit {
			continue
		}
		if len(l.byFunc[g]) > 0 || g == f {
			return refuse(Reentrant, all[0].Pos(), "%s may come to %s while it holds the lock, and wait for itself", f.Name(), g.Name())
		}
		for _, c := range g.Calls {
			if l.takes(c.Expr) && !l.raised[g] {
				return refuse(Reentrant, c.Expr.Pos(), "%s calls %s, which takes %s again", f.Name(), g.Name(), l.mu)
			}
		}
	}
	x := &atomicVar{draft: l.draft}
	return x.mayWait(f, region, func(a *detect.Access) bool {
		return l.inner[a.In] || l.split[a.In] || l.fill != nil && a.In == l.fill.lit
	})
}

// oneOrder proves that what is held where the lock will be taken is nowhere
// taken by someone who holds the lock.
func (l *locking) oneOrder(f *detect.Func, region []ast.Stmt, all []*detect.Access) *Refusal {
	if l.lock.Root == nil {
		return nil // a new lock: see newOrder
	}
	for _, g := range l.fx.Funcs {
		for _, c := range g.Calls {
			taken := l.lockedBy(c.Expr)
			if taken == nil || !c.Held.Holds(l.lock, false) {
				continue
			}
			for _, a := range all {
				if held, ok := l.firstOf(a.Held, []*types.Var{taken}); ok {
					return refuse(LockOrder, c.Expr.Pos(), "%s is taken here under %s; the fix would take them the other way round", held.Name(), l.mu)
				}
			}
		}
	}
	return nil
}

// newOrder proves of a new lock that no function that will take it takes,
// anywhere, a lock that another one holds where it uses the variables: the
// two would wait for each other.
func (l *locking) newOrder() *Refusal {
	if l.lock.Root != nil {
		return nil // the author's: see oneOrder
	}
	for _, f := range l.fx.Funcs {
		if len(l.byFunc[f]) == 0 {
			continue
		}
		takes := l.locksTaken(f, f.Body().List)
		for _, g := range l.fx.Funcs {
			if g == f {
				continue
			}
			for _, a := range l.byFunc[g] {
				if held, ok := l.firstOf(l.heldAt(a), takes); ok {
					return refuse(LockOrder, a.Pos(), "%s is held here, and %s takes it under the new lock", held.Name(), f.Name())
				}
			}
		}
	}
	return nil
}

// splitAll moves the bodies of the helpers that are called both with and
// without the lock to functions for those who hold it.
func (l *locking) splitAll() *Refusal {
	for _, f := range l.fx.Funcs {
		if !l.split[f] {
			continue
		}
		body := f.Body().List
		for _, check := range []func(*detect.Func, []ast.Stmt, []*detect.Access) *Refusal{l.free, l.comesBack} {
			if r := check(f, body, l.in(f.Body())); r != nil {
				return r
			}
		}
		x := &atomicVar{draft: l.draft, mu: l.mu, splitName: make(map[*detect.Func]string), plain: true}
		for _, g := range l.anyGuards() {
			if soleFiller(g) != f {
				continue
			}
			if r := x.splitHelper(g, f); r != nil {
				return r
			}
		}
	}
	return nil
}

// variableOf returns the singleton's variable that a is an access to.
func (l *locking) variableOf(a *detect.Access) *detect.Variable {
	for _, v := range l.Singleton.Vars {
		if slices.Contains(v.Accesses, a) {
			return v
		}
	}
	return l.v
}

// takeOnce finds the one call of the Once that goes.
func (l *locking) takeOnce() *Refusal {
	once := l.once
	if len(l.values()) == 0 {
		return refuse(NoForm, once.Obj.Pos(), "%s fills nothing that is seen", once.Name())
	}
	fills, r := l.onceFillsOf(once)
	if r != nil {
		return r
	}
	l.fill = &fills[0]
	for _, s := range l.fill.lit.Body().List {
		if n := leaves(s); n != nil && l.fill.lit.Lit != nil {
			return refuse(ControlFlow, n.Pos(), "what the Once runs ends here, and the code around it would end with it")
		}
	}
	for _, w := range l.writesOf(once) {
		if s := plainAssign(w); s == nil || len(s.Lhs) > 1 {
			return refuse(ControlFlow, w.Pos(), "the Once is assigned together with something else")
		}
	}
	if l.fill.lit.Lit == nil {
		if len(l.fill.lit.Callers) > 1 || l.fill.lit.Escapes() {
			return refuse(ControlFlow, l.fill.lit.Pos(), "%s is also called without the Once", l.fill.lit.Name())
		}
		l.inner[l.fill.lit] = true
	}
	v := l.v
	l.v = l.values()[0]
	l.flag = l.companion("Done")
	l.v = v
	l.note("where the initialisation panics, the next caller tries again; the Once would not have")
	return nil
}

// replaceUses lets the flag do the Once's work in f.
func (l *locking) replaceUses(f *detect.Func) {
	if l.fill.in == f {
		code, holes := "if !"+l.flag+" {\n$block\n"+l.flag+" = true\n}", map[string][]ast.Node{"block": nodes(l.fill.lit.Body().List)}
		if l.fill.lit.Lit == nil {
			call := l.fill.call.X.(*ast.CallExpr)
			code, holes = "if !"+l.flag+" {\n"+l.source(call.Args[0], nil)+"()\n"+l.flag+" = true\n}", nil
		}
		l.replaceStmt(l.fill.call, code, holes)
	}
}

// dropOnce lets the flag take the place of the Once's declaration and of
// every assignment over it.
func (l *locking) dropOnce() {
	once := l.once
	for _, w := range l.writesOf(once) {
		l.replaceStmt(w.Stmt, l.flag+" = false", nil)
	}
	l.edit(Edit{Op: InsertAfter, At: once.Spec, Code: "var " + l.flag + " bool"})
	if len(once.Spec.Names) > 1 {
		l.edit(Edit{Op: Delete, At: once.Ident()})
		return
	}
	l.edit(Edit{Op: Delete, At: once.Spec})
}

func isMapOrSlice(t types.Type) bool {
	switch t.Underlying().(type) {
	case *types.Map, *types.Slice:
		return true
	}
	return false
}

// staysInside reports whether the read a does not hand its map or slice on:
// it is indexed, measured, ranged over or compared with nil.
func staysInside(info *types.Info, a *detect.Access) bool {
	cur := a.Cur
	for cur.Node() != ast.Node(a.Expr) {
		cur = cur.Parent()
	}
	switch cur.ParentEdgeKind() {
	case edge.IndexExpr_X, edge.RangeStmt_X:
		return true
	case edge.BinaryExpr_X, edge.BinaryExpr_Y:
		return true // of maps and slices, only a comparison with nil
	case edge.CallExpr_Args:
		b, ok := calleeIn(info, cur.Parent().Node().(*ast.CallExpr)).(*types.Builtin)
		return ok && (b.Name() == "len" || b.Name() == "cap")
	}
	return false
}
