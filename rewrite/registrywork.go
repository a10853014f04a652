package rewrite

import (
	"go/ast"
	"go/token"
	"go/types"
)

// hasWork reports whether stmts call, wait or may panic.
func (g *registry) hasWork(stmts []ast.Stmt) bool {
	found := false
	for _, s := range stmts {
		ast.Inspect(s, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncLit, *ast.SendStmt, *ast.SelectStmt, *ast.GoStmt:
				found = true
			case *ast.DeferStmt:
				found = found || !g.isLockOp(n.Call)
			case ast.Expr:
				found = found || g.isWork(n)
			}
			return !found
		})
	}
	return found
}

// isLockOp reports whether call takes or gives up the author's mutex. The
// function that makes it has its lock moved.
func (g *registry) isLockOp(call *ast.CallExpr) bool {
	sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
	return ok && g.own && len(call.Args) == 0 && g.source(sel.X, nil) == g.mu
}

func (g *registry) isWork(e ast.Expr) bool {
	call, ok := e.(*ast.CallExpr)
	return isWork(g.pkg.Info, e) && !(ok && g.isLockOp(call))
}

// isWork reports whether e calls something that is not known to be quick, waits or may panic.
func isWork(info *types.Info, e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.CallExpr:
		return !isQuick(info, e)
	case *ast.UnaryExpr:
		return e.Op == token.ARROW
	case *ast.TypeAssertExpr:
		_, ok := info.TypeOf(e).(*types.Tuple)
		return e.Type != nil && !ok
	}
	return false
}

// isQuick reports whether call is a conversion, a builtin that does not
// panic, or a function of the standard library that only looks at its arguments.
func isQuick(info *types.Info, call *ast.CallExpr) bool {
	if info.Types[call.Fun].IsType() {
		return true
	}
	switch f := calleeIn(info, call).(type) {
	case *types.Builtin:
		return f.Name() != "panic" && f.Name() != "close"
	case *types.Func:
		if f.Pkg() == nil || f.Signature().Recv() != nil {
			return false
		}
		switch f.Pkg().Path() {
		case "errors", "strconv", "math":
			return true
		case "os":
			return f.Name() == "IsNotExist" || f.Name() == "IsExist" || f.Name() == "IsPermission"
		case "strings":
			return f.Name() != "Map" && f.Name() != "Repeat"
		case "fmt":
			return plainArgs(info, call) && (f.Name() == "Errorf" || f.Name() == "Sprintf" || f.Name() == "Sprint")
		}
	}
	return false
}

// plainArgs reports whether formatting call's arguments runs no method but an error's.
func plainArgs(info *types.Info, call *ast.CallExpr) bool {
	for _, arg := range call.Args {
		t := info.TypeOf(arg)
		if t == nil {
			return false
		}
		if _, basic := t.(*types.Basic); !basic && !isError(t) {
			return false
		}
	}
	return true
}
