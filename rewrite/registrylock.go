package rewrite

import (
	"go/ast"
	"slices"

	"github.com/singletonfix/singletonfix/detect"
)

// takesLock reports whether f itself takes the author's mutex.
func (g *registry) takesLock(f *detect.Func) bool { return len(g.lockOps(f)) > 0 }

// lockOps returns the calls by which f takes or gives up the mutex.
func (g *registry) lockOps(f *detect.Func) []*detect.Call {
	var ops []*detect.Call
	for _, c := range f.Calls {
		sel, ok := ast.Unparen(c.Expr.Fun).(*ast.SelectorExpr)
		if !ok || len(c.Expr.Args) > 0 || g.source(sel.X, nil) != g.mu {
			continue
		}
		ops = append(ops, c)
	}
	return ops
}

// moveLock takes the author's mutex, which f takes behind its look-up or only
// to read, in front of the look-up instead, and keeps it until f returns.
func (g *registry) moveLock(f *detect.Func, all []*detect.Access) *Refusal {
	if outer := g.outerLookUps(f, all); outer != nil {
		for _, s := range outer {
			g.edit(Edit{Op: Delete, At: s})
		}
		return nil
	}
	whole := all
	for _, v := range g.vars {
		for _, a := range v.Accesses {
			if a.In == f && !slices.Contains(all, a) {
				whole = append(whole[:len(whole):len(whole)], a)
			}
		}
	}
	r := g.regionOf(f, whole)
	if r == nil || !r.body {
		return refuse(ControlFlow, all[0].Pos(), "the lock cannot be taken in front of this")
	}
	var gone []ast.Stmt
	for _, c := range g.lockOps(f) {
		at := stmtAround(r.list, c.Expr)
		if at < 0 || !isCallStmt(r.list[at], c.Expr) {
			return refuse(ControlFlow, c.Expr.Pos(), "%s is taken or given up here on some ways only", g.mu)
		}
		r.first, r.last = min(r.first, at), max(r.last, at) // what else the lock guards stays guarded
		gone = append(gone, r.list[at])
	}
	if ref := g.soundMoved(r, gone); ref != nil {
		return ref
	}
	for _, s := range gone {
		g.edit(Edit{Op: Delete, At: s})
	}
	g.edit(Edit{Op: InsertBefore, At: r.list[r.first], Code: g.mu + ".Lock()\ndefer " + g.mu + ".Unlock()"})
	return nil
}

// outerLookUps returns the statements of all, where each is the first
// look-up of a double check and does no more than the second, under the lock.
func (g *registry) outerLookUps(f *detect.Func, all []*detect.Access) []ast.Stmt {
	var outer []ast.Stmt
	for _, s := range g.Singleton.Sites {
		if s.Func != f || s.Inner == nil || s.Inner.Func != f || !slices.Contains(all, s.Read) {
			continue
		}
		first, ok := s.Stmt.(*ast.IfStmt)
		second, ok2 := s.Inner.Stmt.(*ast.IfStmt)
		if !ok || !ok2 || s.Form != detect.GuardEarly || len(first.Body.List) != 1 || !isReturn(first.Body.List[0]) || !slices.Contains(s.Block, ast.Stmt(second)) {
			return nil
		}
		if !contains(first, s.Read.Expr) || !s.Inner.Held.Holds(g.lock, true) || !g.sameIf(first, second) {
			return nil
		}
		outer = append(outer, first)
	}
	if len(outer) != len(all) {
		return nil
	}
	return outer
}

// sameIf reports whether two ifs without else test the same and return the same.
func (g *registry) sameIf(a, b *ast.IfStmt) bool {
	if len(b.Body.List) != 1 || (a.Init == nil) != (b.Init == nil) || a.Else != nil || b.Else != nil {
		return false
	}
	if a.Init != nil && g.source(a.Init, nil) != g.source(b.Init, nil) {
		return false
	}
	return g.source(a.Cond, nil) == g.source(b.Cond, nil) && g.source(a.Body.List[0], nil) == g.source(b.Body.List[0], nil)
}

// readLocked returns the package's mutex that is held for reading at every
// look-up that decides whether a value is stored, or nil.
func (g *registry) readLocked() *detect.Variable {
	for _, v := range g.fx.Vars {
		if v.Owner != nil || !isLock(v.Obj.Type()) {
			continue
		}
		held := func(s *detect.Site) bool { return s.Read.Held.Holds(detect.Lock{Root: v.Obj}, false) }
		if !slices.ContainsFunc(g.Singleton.Sites, func(s *detect.Site) bool { return !held(s) }) {
			return v
		}
	}
	return nil
}

// soundMoved proves that the lock may be held from the look-up to the end of the function.
func (g *registry) soundMoved(r *region, gone []ast.Stmt) *Refusal {
	without := *r
	without.list = nil
	for i, s := range r.list {
		if i >= r.first && !slices.Contains(gone, s) {
			without.list = append(without.list, s)
		}
	}
	without.first, without.last = 0, len(without.list)-1
	if !g.toEnd(&without) {
		return refuse(ControlFlow, r.list[r.first].Pos(), "%s goes on after its use of %s, and would hold the lock meanwhile", r.f.Name(), g.v.Name())
	}
	for _, check := range []func(*region) *Refusal{g.sound, g.elementsStayIn, g.workInside} {
		if ref := check(&without); ref != nil {
			return ref
		}
	}
	return nil
}

// isCallStmt reports whether s is no more than call, or its defer.
func isCallStmt(s ast.Stmt, call *ast.CallExpr) bool {
	switch s := s.(type) {
	case *ast.ExprStmt:
		return s.X == ast.Expr(call)
	case *ast.DeferStmt:
		return s.Call == call
	}
	return false
}
