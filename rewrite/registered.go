package rewrite

import (
	"go/ast"
	"go/types"
	"slices"

	"github.com/singletonfix/singletonfix/detect"
)

// callsRegistered returns a call, in what the statements may run, of a
// function that other packages have left in a variable of this one: a hook.
// It may come back to the getter, and it may panic; nil if there is none.
func (d *draft) callsRegistered(stmts []ast.Stmt) ast.Node {
	var found ast.Node
	for _, n := range codeRun(d.fx, stmts) {
		ast.Inspect(n, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if ok && found == nil && (&origin{draft: d}).registered(call.Fun) {
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
		if n := d.callsRegistered(g.Func.Body().List); n != nil {
			return refuse(Reentrant, n.Pos(), "this calls what other packages have registered, which may come back to %s", g.Func.Name())
		}
	}
	return nil
}

// An origin finds out where a function value comes from.
type origin struct {
	*draft
	seen []*types.Var // local variables, which may be made of each other
}

// registered reports whether the function value fun is, or is made of, what a
// package variable holds that other packages fill: f(), hooks[i](), opts.f(),
// (*f.Load())(), h() with h ranging over hooks, load()() of what answers with f.
func (o *origin) registered(fun ast.Expr) bool {
	switch x := ast.Unparen(fun).(type) {
	case *ast.IndexExpr:
		return o.registered(x.X)
	case *ast.StarExpr:
		return o.registered(x.X)
	case *ast.CallExpr:
		return o.holds(x)
	case *ast.Ident, *ast.SelectorExpr:
		return o.named(x)
	}
	return false
}

// holds reports whether e may hold a function that another package has left:
// it, or a function of the package that it calls, which answers with a
// function, names what holds such.
func (o *origin) holds(e ast.Expr) bool {
	code, reached := []ast.Node{e}, reachOf(o.fx, e).funcs
	for _, f := range o.fx.Funcs {
		if reached[f] && f.Body() != nil && answersWithFunc(o.pkg.Info, f.Type()) {
			code = append(code, f.Body())
		}
	}
	return slices.ContainsFunc(code, func(n ast.Node) bool {
		found := false
		ast.Inspect(n, func(n ast.Node) bool {
			e, ok := n.(ast.Expr)
			found = found || ok && o.named(e)
			return !found
		})
		return found
	})
}

// named reports whether e names a variable, or a field of one, that holds a
// function which another package has left.
func (o *origin) named(e ast.Expr) bool {
	id := identIn(e)
	if id == nil {
		return false
	}
	obj, ok := o.pkg.Info.Uses[id].(*types.Var)
	if !ok || !holdsFunc(obj.Type()) || slices.Contains(o.seen, obj) {
		return false
	}
	if obj.IsField() {
		root := rootVar(o.pkg.Info, e)
		return root != nil && o.fx.Variable(root) != nil && o.filledByOthers(o.fx.Variable(root))
	}
	if v := o.fx.Variable(obj); v != nil {
		return o.filledByOthers(v)
	}
	o.seen = append(o.seen, obj)
	if loop := o.loopOf(obj); loop != nil {
		return o.registered(loop.X)
	}
	return slices.ContainsFunc(o.assignedTo(obj), o.holds)
}

// rootVar returns x of x.f.g, or nil.
func rootVar(info *types.Info, e ast.Expr) *types.Var {
	for {
		switch x := ast.Unparen(e).(type) {
		case *ast.Ident:
			v, _ := info.Uses[x].(*types.Var)
			return v
		case *ast.SelectorExpr:
			e = x.X
		default:
			return nil
		}
	}
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
	add := func(n int, to func(int) ast.Expr, from []ast.Expr) {
		for i := range n {
			if id, ok := to(i).(*ast.Ident); ok && len(from) > 0 && d.pkg.Info.ObjectOf(id) == obj {
				values = append(values, from[min(i, len(from)-1)])
			}
		}
	}
	for cur := range d.fx.Insp.Root().Preorder((*ast.AssignStmt)(nil), (*ast.ValueSpec)(nil)) {
		switch n := cur.Node().(type) {
		case *ast.AssignStmt:
			add(len(n.Lhs), func(i int) ast.Expr { return n.Lhs[i] }, n.Rhs)
		case *ast.ValueSpec:
			add(len(n.Names), func(i int) ast.Expr { return n.Names[i] }, n.Values)
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
