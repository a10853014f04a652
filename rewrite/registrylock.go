package rewrite

import (
	"go/ast"
	"slices"
	"strings"

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
		if at < 0 {
			return refuse(ControlFlow, c.Expr.Pos(), "%s is taken or given up here on some ways only", g.mu)
		}
		op := r.list[at]
		if g.isFirstTest(op) {
			body := op.(*ast.IfStmt).Body.List
			op = body[max(0, stmtAround(body, c.Expr))]
			if body[0] == op && strings.HasSuffix(c.Expr.Fun.(*ast.SelectorExpr).Sel.Name, "Unlock") {
				g.Review = true
				g.note(g.mu + " was given up while " + g.v.Name() + " is made, and is held now")
			}
		}
		if !isCallStmt(op, c.Expr) {
			return refuse(ControlFlow, c.Expr.Pos(), "%s is taken or given up here on some ways only", g.mu)
		}
		r.first, r.last = min(r.first, at), max(r.last, at) // what else the lock guards stays guarded
		gone = append(gone, op)
	}
	if ref := g.soundMoved(r, gone); ref != nil {
		return ref
	}
	if ref := g.dropFirstTests(r); ref != nil {
		return ref
	}
	for _, s := range gone {
		g.edit(Edit{Op: Delete, At: s})
	}
	g.edit(Edit{Op: InsertBefore, At: r.list[r.first], Code: g.mu + ".Lock()\ndefer " + g.mu + ".Unlock()"})
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
