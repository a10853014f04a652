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
// with h ranging over hooks, or made of what holds f.
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
		return slices.ContainsFunc(d.assignedTo(obj), d.holdsRegistered)
	}
	return false
}

// holdsRegistered reports whether e may hold a function that another package
// has left: it, or a function of the package that it calls, which answers with
// a function, names a variable that holds such.
func (d *draft) holdsRegistered(e ast.Expr) bool {
	code, reached := []ast.Node{e}, reachOf(d.fx, e).funcs
	for _, f := range d.fx.Funcs {
		if reached[f] && f.Body() != nil && answersWithFunc(d.pkg.Info, f.Type()) {
			code = append(code, f.Body())
		}
	}
	return slices.ContainsFunc(code, func(n ast.Node) bool {
		found := false
		ast.Inspect(n, func(n ast.Node) bool {
			if id, ok := n.(*ast.Ident); ok && !found {
				obj, ok := d.pkg.Info.Uses[id].(*types.Var)
				found = ok && holdsFunc(obj.Type()) && d.fx.Variable(obj) != nil && d.filledByOthers(d.fx.Variable(obj))
			}
			return !found
		})
		return found
	})
}

func answersWithFunc(info *types.Info, t *ast.FuncType) bool {
	return t.Results != nil && slices.ContainsFunc(t.Results.List, func(f *ast.Field) bool { return holdsFunc(info.TypeOf(f.Type)) })
}

// holdsFunc reports whether t is a function, or a pointer, plain or atomic,
// or a list that leads to one.
func holdsFunc(t types.Type) bool {
	for range 4 { // a type may hold itself
		if named, ok := types.Unalias(t).(*types.Named); ok && named.TypeArgs().Len() == 1 {
			t = named.TypeArgs().At(0) // atomic.Pointer
		}
		switch u := t.Underlying().(type) {
		case *types.Signature:
			return true
		case interface{ Elem() types.Type }:
			t = u.Elem()
		default:
			return false
		}
	}
	return false
}

// assignedTo returns what is assigned to the local variable obj.
func (d *draft) assignedTo(obj *types.Var) []ast.Expr {
	var values []ast.Expr
	for cur := range d.fx.Insp.Root().Preorder((*ast.AssignStmt)(nil)) {
		assign := cur.Node().(*ast.AssignStmt)
		for i, lhs := range assign.Lhs {
			id, ok := lhs.(*ast.Ident)
			if !ok || d.pkg.Info.ObjectOf(id) != obj {
				continue
			}
			values = append(values, assign.Rhs[min(i, len(assign.Rhs)-1)])
		}
	}
	return values
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
		if a.Atomic != detect.NotAtomic {
			return a.Value != nil && d.mentionsParam(a.In, a.Value)
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
