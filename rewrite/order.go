package rewrite

import (
	"go/ast"
	"go/token"

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
