package rewrite

import (
	"go/ast"

	"github.com/singletonfix/singletonfix/detect"
)

// managedHelper plans a getter whose block has another function fill the
// variable: that one stores the value under the lock which Get holds.
//
//	return x.Get(func() T {
//		initX()
//		return x.Load()
//	})
func (x *atomicVar) managedHelper(g *guard) *Refusal {
	helper, r := x.helperOf(g)
	if r != nil {
		return r
	}
	t, ok := x.flatTail(g)
	if !ok || !x.handsOut(g, t) || x.split[helper] || g.Copy != nil {
		return refuse(NoForm, g.stmt.Pos(), "another function fills %s, and this one does more than to return it", x.v.Name())
	}
	method, results, success := "Get", x.typ, ""
	if len(t.ret.Results) > 1 {
		method, results, success = "GetErr", "("+x.typ+", error)", ", nil"
	}
	block := x.withoutReturn(g, t)
	for _, s := range block {
		if n := leaves(s); n != nil && !x.onlyFails(s) {
			return refuse(ControlFlow, n.Pos(), "what is returned here is not what %s is filled with", x.v.Name())
		}
	}
	for _, a := range x.in(&span{g.stmt.Pos(), lastOf(g, t.ret).End()}) {
		if a.Kind != detect.Read {
			return refuse(ControlFlow, a.Pos(), "%s is filled here, and by a function that is called here too", x.v.Name())
		}
		if inStmts(block, a.Expr) {
			return refuse(ControlFlow, a.Pos(), "%s is read here while it is being built", x.v.Name())
		}
		x.done[a] = true
	}
	x.locked = true
	defer func() { x.locked = false }()
	if r := x.buildHelper(g, helper, nil); r != nil {
		return r
	}
	name := x.self()
	x.edit(Edit{Op: ReplaceStmts, At: g.first(), Last: lastOf(g, t.ret), Holes: map[string][]ast.Node{"block": nodes(block)},
		Code: "return " + name + "." + method + "(func() " + results + " {\n$block\nreturn " + name + ".Load()" + success + "\n})"})
	return nil
}

// lastOf returns the last statement of the getter whose guard g is, and which
// returns the filled variable by ret.
func lastOf(g *guard, ret *ast.ReturnStmt) ast.Stmt {
	if g.Form == detect.GuardEarly {
		return lastStmt(g.list)
	}
	return ret
}

// onlyFails reports whether every return in s returns no value but an error.
func (x *atomicVar) onlyFails(s ast.Stmt) bool {
	return onlyReturns(s, func(ret *ast.ReturnStmt) bool {
		return len(ret.Results) == 2 && isZero(x.pkg.Info, ret.Results[0]) && !isZero(x.pkg.Info, ret.Results[1])
	})
}

// onlyReturns reports whether s is left by no way but returns that are allowed.
func onlyReturns(s ast.Stmt, allowed func(*ast.ReturnStmt) bool) bool {
	ok := true
	ast.Inspect(s, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.BranchStmt, *ast.LabeledStmt, *ast.DeferStmt:
			ok = false
		case *ast.ReturnStmt:
			ok = ok && allowed(n)
		}
		return ok
	})
	return ok
}
