package rewrite

import (
	"go/ast"
	"slices"

	"github.com/singletonfix/singletonfix/detect"
)

// site plans one double check.
func (rc *recheck) site(g *guard) *Refusal {
	rc.done[g.Read] = true
	rc.replace(g.Read.Expr, rc.load())
	if g.Inner == nil {
		return rc.missing(g)
	}
	inner := newGuard(rc.fx, g.Inner)
	if inner == nil || inner.Func != g.Func || inner.Read.In != g.Func || !inner.Read.Held.Holds(rc.lock, true) || len(inner.Block) == 0 {
		return refuse(ControlFlow, g.Inner.Stmt.Pos(), "the second test of %s cannot be followed", rc.v.Name())
	}
	rc.done[inner.Read] = true
	rc.replace(inner.Read.Expr, rc.load())
	return rc.fillUnder(inner, inner.Block)
}

// fillUnder lets block build the value and store it last.
func (rc *recheck) fillUnder(g *guard, block []ast.Stmt) *Refusal {
	if rc.storeOnly(block) {
		return nil
	}
	if g.Copy != nil {
		return refuse(ControlFlow, g.stmt.Pos(), "%s is filled together with a copy of it, which is tested", rc.v.Name())
	}
	out, r := rc.build(g, block, g.scope, false)
	if r != nil {
		return r
	}
	if out.before != "" {
		rc.edit(Edit{Op: InsertBefore, At: block[0], Code: out.before})
	}
	if out.after != "" {
		rc.edit(Edit{Op: InsertAfter, At: lastStmt(block), Code: out.after})
	}
	return nil
}

// storeOnly plans a block that uses the variable only to assign it, with
// nothing behind but a return: the Store takes the assignment's place. It
// reports whether block is one.
func (rc *recheck) storeOnly(block []ast.Stmt) bool {
	var write *detect.Access
	for _, a := range rc.in(nodes(block)...) {
		if a.Kind == detect.Write && write == nil {
			write = a
		} else if s := a.Stmt; a.Kind != detect.Read || write == nil || !isReturn(s) || hasCall(s) {
			return false
		}
	}
	if write == nil || write.Value == nil {
		return false
	}
	s := plainAssign(write)
	at := slices.Index(block, write.Stmt)
	if s == nil || len(s.Lhs) > 1 || at < 0 || len(block) > at+2 || len(block) == at+2 && (!isReturn(block[at+1]) || hasCall(block[at+1])) {
		return false
	}
	for _, a := range rc.in(nodes(block)...) {
		rc.done[a] = true
		if a != write {
			rc.replace(a.Expr, rc.load())
		}
	}
	rc.replaceStmt(s, rc.v.Obj.Name()+".Store($value)", hole("value", write.Value))
	return true
}

// missing adds the second test where there is none: the first one again,
// where it returns; else an if around what stands between lock and unlock.
func (rc *recheck) missing(g *guard) *Refusal {
	from, to := rc.critical(g.Block)
	if from < 0 {
		return refuse(ControlFlow, g.stmt.Pos(), "%s is not taken first of all where %s is found empty", rc.mu, rc.v.Name())
	}
	under := g.Block[from:to]
	if f, ok := g.stmt.(*ast.IfStmt); ok && g.Form == detect.GuardEarly && g.plain && len(f.Body.List) == 1 && isReturn(f.Body.List[0]) && g.first() == g.stmt {
		with := make(map[ast.Expr]string)
		for _, a := range rc.in(f) {
			if a.In != g.Func || hasCall(f.Body.List[0]) {
				return refuse(ControlFlow, f.Pos(), "the test of %s cannot be made twice", rc.v.Name())
			}
			with[a.Expr] = rc.load()
		}
		rc.edit(Edit{Op: InsertBefore, At: under[0], Code: rc.secondTest(f, with)})
		return rc.fillUnder(g, under)
	}
	if g.Form != detect.GuardThen || g.Copy != nil || !g.plain || leavesAny(under) {
		return refuse(ControlFlow, g.stmt.Pos(), "the test of %s cannot be made twice", rc.v.Name())
	}
	out := &built{}
	if !rc.storeOnly(under) {
		var r *Refusal
		if out, r = rc.build(g, under, g.scope, false); r != nil {
			return r
		}
	}
	rc.edit(Edit{Op: ReplaceStmts, At: under[0], Last: lastStmt(under), Holes: map[string][]ast.Node{"block": nodes(under)},
		Code: "if " + rc.v.Obj.Name() + ".Load() == nil {\n" + joinLines([]string{out.before, "$block", out.after}) + "\n}"})
	return nil
}

// secondTest returns the text of f, an if without else that only returns, without its comments.
func (d *draft) secondTest(f *ast.IfStmt, with map[ast.Expr]string) string {
	head := "if "
	if f.Init != nil {
		head += d.source(f.Init, with) + "; "
	}
	return head + d.source(f.Cond, with) + " {\n" + d.source(f.Body.List[0], with) + "\n}"
}

// critical returns the statements of block between lock and unlock; the lock
// has to come first of all. from is -1 if it does not.
func (rc *recheck) critical(block []ast.Stmt) (from, to int) {
	if len(block) < 2 || !rc.isLockOp(block[0], "Lock") {
		return -1, 0
	}
	if s, ok := block[1].(*ast.DeferStmt); ok {
		if !rc.isOp(s.Call, "Unlock") || len(block) < 3 {
			return -1, 0
		}
		return 2, len(block)
	}
	to = slices.IndexFunc(block, func(s ast.Stmt) bool { return rc.isLockOp(s, "Unlock") })
	if to < 2 {
		return -1, 0
	}
	return 1, to
}

func (rc *recheck) isLockOp(s ast.Stmt, op string) bool {
	e, ok := s.(*ast.ExprStmt)
	if !ok {
		return false
	}
	call, ok := e.X.(*ast.CallExpr)
	return ok && rc.isOp(call, op)
}

func (rc *recheck) isOp(call *ast.CallExpr, op string) bool {
	sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
	return ok && sel.Sel.Name == op && rc.source(sel.X, nil) == rc.mu
}
