package rewrite

import (
	"go/ast"
	"go/types"
	"slices"

	"github.com/singletonfix/singletonfix/detect"
)

// callsRegistered returns a call, in what the statements of f may run, of a
// function that other packages have left in a variable of this one: a hook.
// It may come back to the getter, and it may panic; nil if there is none.
func (d *draft) callsRegistered(f *detect.Func, stmts []ast.Stmt) ast.Node {
	var found ast.Node
	for _, n := range codeRun(d.fx, stmts) {
		ast.Inspect(n, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if ok && found == nil && d.isRegistered(call.Fun) {
				found = call
			}
			return found == nil
		})
	}
	return found
}

// callsNothingRegistered proves that the functions of the guards, which run
// under the lock as a whole, call no hook meanwhile.
func (d *draft) callsNothingRegistered(guards []*guard) *Refusal {
	for _, g := range guards {
		if n := d.callsRegistered(g.Func, g.Func.Body().List); n != nil {
			return refuse(Reentrant, n.Pos(), "this calls what other packages have registered, which may come back to %s", g.Func.Name())
		}
	}
	return nil
}

// isRegistered reports whether the function value fun is, or is an element
// of, a package variable that other packages fill: f(), hooks[i](), and h()
// with h ranging over hooks.
func (d *draft) isRegistered(fun ast.Expr) bool {
	switch x := ast.Unparen(fun).(type) {
	case *ast.IndexExpr:
		return d.isRegistered(x.X)
	case *ast.Ident:
		obj, ok := d.pkg.Info.Uses[x].(*types.Var)
		if !ok {
			return false
		}
		if v := d.fx.Variable(obj); v != nil {
			return d.filledByOthers(v)
		}
		if loop := d.loopOf(obj); loop != nil {
			return d.isRegistered(loop.X)
		}
	}
	return false
}

// filledByOthers reports whether the package variable v can hold what
// another package passed to a function of this one, or assigned.
func (d *draft) filledByOthers(v *detect.Variable) bool {
	if v.Obj.Exported() {
		return true
	}
	return slices.ContainsFunc(v.Accesses, func(a *detect.Access) bool {
		if a.Kind == detect.Read || a.File.Test || a.Phase == detect.Initial || a.In == nil {
			return false
		}
		assign, ok := a.Stmt.(*ast.AssignStmt)
		if !ok {
			return a.Kind != detect.Element // its address is out of sight
		}
		return slices.ContainsFunc(assign.Rhs, func(e ast.Expr) bool { return d.mentionsParam(a.In, e) })
	})
}

// mentionsParam reports whether e uses a parameter of f, or of a function around it.
func (d *draft) mentionsParam(f *detect.Func, e ast.Expr) bool {
	found := false
	ast.Inspect(e, func(n ast.Node) bool {
		id, ok := n.(*ast.Ident)
		if !ok || found {
			return !found
		}
		obj := d.pkg.Info.Uses[id]
		for outer := f; outer != nil && obj != nil; outer = outer.Parent {
			params := outer.Type().Params
			found = found || params.Pos() <= obj.Pos() && obj.Pos() < params.End()
		}
		return !found
	})
	return found
}

// loopOf returns the range statement that declares the local variable obj, or nil.
func (d *draft) loopOf(obj *types.Var) *ast.RangeStmt {
	for cur := range d.fx.Insp.Root().Preorder((*ast.RangeStmt)(nil)) {
		loop := cur.Node().(*ast.RangeStmt)
		for _, e := range []ast.Expr{loop.Key, loop.Value} {
			if id, ok := e.(*ast.Ident); ok && d.pkg.Info.Defs[id] == obj {
				return loop
			}
		}
	}
	return nil
}
