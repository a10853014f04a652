package rewrite

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"github.com/singletonfix/singletonfix/detect"
)

// teardown plans a function that reads the variable and writes it: what it
// does from the first use to the last, and what little may stand behind,
// happens under the lock.
func (x *atomicVar) teardown(f *detect.Func, all []*detect.Access) *Refusal {
	list := f.Body().List
	first, last := stmtAround(list, all[0].Expr), stmtAround(list, all[len(all)-1].Expr)
	for _, s := range list[last+1:] {
		if hasCall(s) {
			return refuse(Teardown, s.Pos(), "%s goes on after it has emptied %s, and would hold the lock meanwhile", f.Name(), x.v.Name())
		}
	}
	if r := x.mayWait(f, list[first:], nil); r != nil {
		return r
	}
	x.edit(Edit{Op: InsertBefore, At: list[first], Code: strings.TrimSuffix(x.lock(), "\n")}) // in front of any Load that goes there too
	for _, a := range all {
		if a.In != f {
			return refuse(Teardown, a.Pos(), "%s is used in a function literal of %s", x.v.Name(), f.Name())
		}
		if a.Kind != detect.Write {
			continue
		}
		code, holes, r := x.assign(f, a)
		if r != nil {
			return r
		}
		x.replaceStmt(a.Stmt, code, holes)
	}
	for _, run := range splitAtWrites(all) {
		x.reader(f, run)
	}
	x.proved("teardown-under-lock")
	return nil
}

// stmtAround returns the index of the statement of list that holds n.
func stmtAround(list []ast.Stmt, n ast.Node) int {
	return slices.IndexFunc(list, func(s ast.Stmt) bool { return contains(s, n) })
}

// waiting are methods that come back only when others are done, who may be
// waiting for the lock.
var waiting = []string{"Shutdown", "Stop", "Wait", "GracefulStop", "Drain", "Join"}

// waits reports whether fun, what is called, is one of them.
func (d *draft) waits(fun ast.Expr) bool {
	sel, ok := fun.(*ast.SelectorExpr)
	if !ok || !slices.Contains(waiting, sel.Sel.Name) {
		return false
	}
	id, ok := sel.X.(*ast.Ident)
	if !ok {
		return true
	}
	_, isPackage := d.pkg.Info.Uses[id].(*types.PkgName)
	return !isPackage || sel.Sel.Name != "Join" // strings.Join, errors.Join
}

// mayWait proves that the statements do not wait, under the lock, for
// someone who needs it. Accesses that but allows are no sign of that.
func (x *atomicVar) mayWait(f *detect.Func, stmts []ast.Stmt, but func(*detect.Access) bool) *Refusal {
	r := reachOf(x.fx, f, nodes(stmts)...)
	for _, a := range x.v.Accesses {
		if a.In != nil && a.In != f && r.funcs[a.In] && (but == nil || !but(a)) {
			return refuse(Teardown, a.Pos(), "%s may come here while it holds the lock, where %s is used", f.Name(), x.v.Name())
		}
	}
	bodies := nodes(stmts)
	for _, g := range x.fx.Funcs {
		if r.funcs[g] && g.Body() != nil {
			bodies = append(bodies, g.Body())
		}
	}
	var found *Refusal
	for _, n := range bodies {
		ast.Inspect(n, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.CallExpr:
				if found == nil && x.waits(n.Fun) {
					found = refuse(Teardown, n.Pos(), "%s may wait for someone who needs the lock", x.source(n.Fun, nil))
				}
			case *ast.UnaryExpr:
				if n.Op == token.ARROW && found == nil {
					found = refuse(Teardown, n.Pos(), "%s waits for a channel while it would hold the lock", f.Name())
				}
			case *ast.SendStmt:
				if found == nil {
					found = refuse(Teardown, n.Pos(), "%s may wait for a receiver while it would hold the lock", f.Name())
				}
			case *ast.SelectStmt:
				if found == nil {
					found = refuse(Teardown, n.Pos(), "%s waits for a channel while it would hold the lock", f.Name())
				}
			}
			return found == nil
		})
	}
	return found
}
