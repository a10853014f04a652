package rewrite

import (
	"go/ast"
	"go/token"
	"slices"

	"github.com/singletonfix/singletonfix/detect"
)

// comesAfter reports whether a only happens after control came past the
// guard: it stands behind it, or behind a call of its function, in a list of
// statements that leads to both.
func (d *draft) comesAfter(a *detect.Access, g *guard) bool {
	if inStmts(g.list[g.at+1:], a.Expr) && g.Form != detect.GuardEarly || inStmts(g.Block, a.Expr) {
		return true
	}
	if g.Form == detect.GuardEarly && inStmts(g.early, a.Expr) {
		return true // where the variable was found filled
	}
	if !g.unconditional() {
		return false
	}
	for _, c := range g.Func.Callers {
		if c.Mode == detect.Plain && d.precedes(c.Expr, a.Expr) {
			return true
		}
	}
	return false
}

// precedes reports whether every way to n in its function leads past call.
func (d *draft) precedes(call *ast.CallExpr, n ast.Node) bool {
	cur, ok := d.fx.Insp.Root().FindNode(call)
	if !ok {
		return false
	}
	for c := cur; ; c = c.Parent() {
		stmt, ok := c.Node().(ast.Stmt)
		if !ok {
			if c.Node() == nil || conditional(c.Parent().Node(), c.Node()) {
				return false
			}
			continue
		}
		if !inHeader(stmt, call) {
			return false
		}
		if contains(stmt, n) {
			return n.Pos() > call.End() // in the body of the if whose condition calls it
		}
		return follows(c.Parent().Node(), stmt, n)
	}
}

// follows reports whether n stands in a statement after s in the list of parent.
func follows(parent ast.Node, s ast.Stmt, n ast.Node) bool {
	var list []ast.Stmt
	switch p := parent.(type) {
	case *ast.BlockStmt:
		list = p.List
	case *ast.CaseClause:
		list = p.Body
	case *ast.CommClause:
		list = p.Body
	case *ast.IfStmt: // the Init of an if, whose condition and branches follow
		return p.Init == s && contains(p, n) && n.Pos() > s.End()
	}
	for i, other := range list {
		if other == s {
			return inStmts(list[i+1:], n)
		}
	}
	return false
}

// inHeader reports whether the expression e of s is evaluated whenever s is.
func inHeader(s ast.Stmt, e ast.Expr) bool {
	switch s := s.(type) {
	case *ast.ExprStmt, *ast.AssignStmt, *ast.DeclStmt, *ast.ReturnStmt, *ast.IncDecStmt, *ast.SendStmt:
		return true
	case *ast.IfStmt:
		return contains(s.Cond, e)
	case *ast.SwitchStmt:
		return s.Tag != nil && contains(s.Tag, e)
	case *ast.RangeStmt:
		return contains(s.X, e)
	}
	return false
}

// conditional reports whether child is only sometimes evaluated, or later, when parent is.
func conditional(parent, child ast.Node) bool {
	switch p := parent.(type) {
	case *ast.BinaryExpr:
		return (p.Op == token.LAND || p.Op == token.LOR) && p.Y == child
	case *ast.FuncLit, *ast.FuncDecl, *ast.GenDecl:
		return true
	}
	return false
}

// lockOrder proves that neither a caller of a guard's function nor a writer of
// the variable holds a lock that the initialisation takes.
func (d *draft) lockOrder(guards []*guard) *Refusal {
	for _, g := range guards {
		taken := d.locksTaken(reachOf(d.fx, g.Func, nodes(g.Block)...), g)
		for _, held := range d.heldByCallers(g.Func) {
			for _, l := range taken {
				if l == held {
					return refuse(LockOrder, g.stmt.Pos(), "a caller of %s may hold %s, which the initialisation of %s takes", g.Func.Name(), held, d.v.Name())
				}
			}
		}
		if r := d.writersHold(g, taken); r != nil {
			return r
		}
	}
	d.proved("lock-order")
	return nil
}

// writersHold proves that no setter or reset, which will take the lock too,
// holds one of the locks that the initialisation takes under it.
func (d *draft) writersHold(g *guard, taken []string) *Refusal {
	for _, v := range d.Singleton.Vars {
		for _, a := range v.Accesses {
			if a.Kind == detect.Read || a.In == nil || a.In.Outermost() == g.Func.Outermost() || slices.Contains(g.Fills, a) {
				continue
			}
			held := d.heldByCallers(a.In)
			for _, l := range a.Held {
				held = append(held, l.Name())
			}
			for _, h := range held {
				if slices.Contains(taken, h) {
					return refuse(LockOrder, a.Pos(), "%s is held here, and the initialisation of %s takes it under the new lock", h, d.v.Name())
				}
			}
		}
	}
	return nil
}

// locksTaken returns the names of the locks that the reached code takes.
func (d *draft) locksTaken(r *reach, g *guard) []string {
	var names []string
	for _, f := range d.fx.Funcs {
		if !r.funcs[f] && f != g.Func {
			continue
		}
		for _, c := range f.Calls {
			if f == g.Func && !inStmts(g.Block, c.Expr) {
				continue
			}
			if op := lockName(d, c.Expr); op != "" {
				names = append(names, op)
			}
		}
	}
	return names
}

// lockName returns what call locks, as it is written, or "".
func lockName(d *draft, call *ast.CallExpr) string {
	sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
	if !ok || len(call.Args) > 0 || sel.Sel.Name != "Lock" && sel.Sel.Name != "RLock" {
		return ""
	}
	return d.source(sel.X, nil)
}

// heldByCallers returns the names of the locks that callers of f may hold.
func (d *draft) heldByCallers(f *detect.Func) []string {
	var names []string
	seen := map[*detect.Func]bool{}
	var visit func(f *detect.Func)
	visit = func(f *detect.Func) {
		if f == nil || seen[f] {
			return
		}
		seen[f] = true
		for _, c := range f.Callers {
			if c.Mode == detect.Started {
				continue // another goroutine, which holds nothing yet
			}
			for _, l := range c.Held {
				names = append(names, l.Name())
			}
			visit(c.Caller)
		}
	}
	visit(f)
	return names
}
