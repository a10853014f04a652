package rewrite

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/singletonfix/singletonfix/detect"
)

// mayWait proves that the statements do not wait, under the lock, for
// someone who needs it. Accesses that but allows are no sign of that.
func (x *atomicVar) mayWait(f *detect.Func, stmts []ast.Stmt, but func(*detect.Access) bool) *Refusal {
	r := reachOf(x.fx, nodes(stmts)...)
	for _, a := range x.v.Accesses {
		if a.In != nil && x.home(a.In) != f && r.funcs[a.In] && (but == nil || !but(a)) {
			return refuse(Teardown, a.Pos(), "%s may come here while it holds the lock, where %s is used", f.Name(), x.v.Name())
		}
	}
	w := &wait{atomicVar: x, f: f}
	for _, n := range runHere(x.fx, stmts) {
		inspectHere(n, w.visit)
	}
	return w.found
}

// A wait is the search for what waits for others.
type wait struct {
	*atomicVar
	f     *detect.Func // would hold the lock
	found *Refusal
}

func (w *wait) visit(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.CallExpr:
		if w.waits(n.Fun) {
			w.at(n, n.Fun.(*ast.SelectorExpr).X, w.source(n.Fun, nil)+" may wait for someone who needs the lock")
		}
	case *ast.UnaryExpr:
		if n.Op == token.ARROW {
			w.at(n, n.X, w.f.Name()+" waits for a channel while it would hold the lock")
		}
	case *ast.SendStmt:
		w.at(n, n.Chan, w.f.Name()+" may wait for a receiver while it would hold the lock")
	case *ast.SelectStmt:
		w.at(n, nil, w.f.Name()+" waits for a channel while it would hold the lock")
	}
	return w.found == nil
}

// at notes n, which waits for those who use what about names.
func (w *wait) at(n ast.Node, about ast.Expr, message string) {
	if w.found == nil && (about == nil || !w.endsWithoutLock(about)) {
		w.found = &Refusal{Reason: Teardown, Message: message, Pos: n.Pos()}
	}
}

// waiting are methods that come back only when others are done, who may be
// waiting for the lock.
var waiting = []string{"Shutdown", "Stop", "Wait", "GracefulStop", "Drain", "Join"}

// waits reports whether fun, what is called, is one of them. What a method of
// this package waits for is seen in its body.
func (d *draft) waits(fun ast.Expr) bool {
	sel, ok := fun.(*ast.SelectorExpr)
	if !ok || !slices.Contains(waiting, sel.Sel.Name) {
		return false
	}
	switch obj := d.pkg.Info.Uses[sel.Sel].(type) {
	case *types.Func:
		if d.fx.Declared(obj) != nil || isTimerStop(obj) {
			return false
		}
	}
	id, ok := sel.X.(*ast.Ident)
	if !ok {
		return true
	}
	_, isPackage := d.pkg.Info.Uses[id].(*types.PkgName)
	return !isPackage || sel.Sel.Name != "Join" // strings.Join, errors.Join
}

// isTimerStop reports whether f is the Stop of a time.Timer or time.Ticker.
func isTimerStop(f *types.Func) bool {
	return f.Pkg() != nil && f.Pkg().Path() == "time" && f.Name() == "Stop"
}
