package rewrite

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/singletonfix/singletonfix/detect"
)

// planOnceDoubleCheck plans a singleton that a Once fills. A Once that stays
// as it is keeps its work, and only the variable becomes atomic; one that is
// overwritten goes, and a mutex with a second test takes its place.
func planOnceDoubleCheck(d *draft) *Refusal {
	if r := d.goAtLeast("go1.19", "atomic.Pointer"); r != nil {
		return r
	}
	if !d.nilable() {
		return refuse(NoForm, d.v.Obj.Pos(), "%s is filled by a Once, and its zero value may be what it is filled with", d.v.Name())
	}
	d.kind = nilTest
	fills, r := d.onceFillsOf(d.once)
	if r != nil {
		return r
	}
	if r := d.errorLost(fills[0]); r != nil {
		return r
	}
	renewed := d.writesOf(d.once)
	if d.Manager != "" || len(renewed) > 0 || d.emptiedAtRunTime() || d.filledElsewhere(fills[0]) {
		return d.replaceOnce(fills, renewed)
	}
	return d.keepOnce(fills)
}

// filledElsewhere reports whether what fills the variable for the Once is
// also called to fill it without the Once.
func (d *draft) filledElsewhere(fill onceFill) bool {
	filler := d.fillerOf(fill)
	return filler != nil && filler != fill.lit && (filler.Escapes() || len(filler.Callers) > 1)
}

// errorLost proves that what the Once runs leaves no error in a variable of
// the call's own: later calls would return neither an error nor a value.
func (d *draft) errorLost(fill onceFill) *Refusal {
	if fill.lit.Lit == nil {
		return nil
	}
	if id := d.errorOfCall(fill.in, fill.lit.Body().List); id != nil {
		return refuse(NoForm, id.Pos(), "the error is lost to all calls but the first, which runs the Once")
	}
	return nil
}

// errorOfCall returns where block, which is part of f, assigns an error
// variable of f's own that is declared outside it; nil if nowhere.
func (d *draft) errorOfCall(f *detect.Func, block []ast.Stmt) *ast.Ident {
	var found *ast.Ident
	ast.Inspect(&ast.BlockStmt{List: block}, func(n ast.Node) bool {
		s, ok := n.(*ast.AssignStmt)
		if !ok || s.Tok != token.ASSIGN {
			return true
		}
		for _, lhs := range s.Lhs {
			id, ok := ast.Unparen(lhs).(*ast.Ident)
			if !ok {
				continue
			}
			obj, ok := d.pkg.Info.Uses[id].(*types.Var)
			if ok && found == nil && isError(obj.Type()) && contains(f.Cur.Node(), identAt(obj)) && !inStmts(block, identAt(obj)) {
				found = id
			}
		}
		return true
	})
	return found
}

// nilable reports whether the variable's type surely has nil. A type that
// is not known has it where the code says so: by how it is written, or by a
// comparison.
func (d *draft) nilable() bool {
	switch d.typeOf().Underlying().(type) {
	case *types.Pointer, *types.Interface, *types.Map, *types.Slice, *types.Signature, *types.Chan:
		return true
	}
	if d.typeOf() != types.Typ[types.Invalid] {
		return false
	}
	_, isPointer := d.v.Spec.Type.(*ast.StarExpr)
	return isPointer || len(d.Singleton.Sites) > 0 && d.kind == nilTest
}

// writesOf returns the assignments over once.
func (d *draft) writesOf(once *detect.Variable) []*detect.Access {
	var all []*detect.Access
	for _, a := range once.Accesses {
		if a.Kind == detect.Write {
			all = append(all, a)
		}
	}
	return all
}

// emptiedAtRunTime reports whether something outside tests empties the variable.
func (d *draft) emptiedAtRunTime() bool {
	return slices.ContainsFunc(d.v.Accesses, func(a *detect.Access) bool {
		return a.Kind == detect.Write && !a.File.Test && a.Value != nil && d.empties(d.v, a.Value)
	})
}

// A onceFill is one call of the Once's Do, with the literal that it runs.
type onceFill struct {
	call *ast.ExprStmt
	in   *detect.Func // makes the call
	lit  *detect.Func // a literal, or a declared function
}

// onceFillsOf returns the calls of the Once's Do. Every use of the Once must
// be one of them, or an assignment over it.
func (d *draft) onceFillsOf(once *detect.Variable) ([]onceFill, *Refusal) {
	if once.Field != "" {
		return nil, refuse(NoForm, once.Obj.Pos(), "the Once %s is a part of something else", once.Name())
	}
	return d.doCallsOf(once)
}

// doCallsOf is onceFillsOf for a Once that stays where it is: it may be a
// field of a variable.
func (d *draft) doCallsOf(once *detect.Variable) ([]onceFill, *Refusal) {
	if once.Obj.Exported() {
		return nil, refuse(NoForm, once.Obj.Pos(), "the Once %s is exported, and others may ask it", once.Name())
	}
	var fills []onceFill
	for _, f := range d.fx.Funcs {
		for _, c := range f.Calls {
			if c.Mode != detect.ByOnce || c.Callee == nil || len(within(once.Accesses, c.Expr.Fun)) == 0 {
				continue
			}
			stmt := statementOf(d.fx, c.Expr)
			if stmt == nil || c.Callee.Body() == nil {
				return nil, refuse(ControlFlow, c.Expr.Pos(), "%s.Do is not called in a statement of its own", once.Name())
			}
			fills = append(fills, onceFill{stmt, f, c.Callee})
		}
	}
	for _, a := range once.Accesses {
		isDo := slices.ContainsFunc(fills, func(f onceFill) bool { return contains(f.call.X.(*ast.CallExpr).Fun, a.Expr) })
		if !isDo && a.Kind != detect.Write {
			return nil, refuse(ControlFlow, a.Pos(), "the Once %s is used here in a way that is not understood", once.Name())
		}
	}
	if len(fills) != 1 {
		return nil, refuse(NoForm, once.Obj.Pos(), "the Once %s is asked in %d places", once.Name(), len(fills))
	}
	return fills, nil
}

// statementOf returns the statement that call is all of, or nil.
func statementOf(fx *detect.Facts, call *ast.CallExpr) *ast.ExprStmt {
	cur, ok := fx.Insp.Root().FindNode(call)
	if !ok {
		return nil
	}
	s, _ := cur.Parent().Node().(*ast.ExprStmt)
	return s
}

// keepOnce plans: the variable becomes atomic, and the function that the Once
// runs stores it last.
func (d *draft) keepOnce(fills []onceFill) *Refusal {
	fill := fills[0]
	for _, s := range d.Singleton.Sites {
		for _, a := range s.Fills {
			if a.In != d.fillerOf(fill) {
				return refuse(NoForm, a.Pos(), "%s is filled here beside the Once", d.v.Name())
			}
		}
	}
	if r := d.companionsAfter(); r != nil {
		return r
	}
	x, r := d.newAtomic(nil)
	if r != nil {
		return r
	}
	x.holder = ""
	g := &guard{Site: &detect.Site{Var: d.v, Func: fill.in, Form: detect.GuardThen}, fn: fill.lit, stmt: fill.call}
	x.after = g
	filler := d.fillerOf(fill)
	if filler == nil {
		return refuse(ControlFlow, fill.call.Pos(), "it is unclear what fills %s for the Once", d.v.Name())
	}
	g.fn = filler
	if r := d.notReentrantOnce(g, fill); r != nil {
		return r
	}
	body := filler.Body().List
	if d.setBeside(filler) {
		if r := d.assignedAnyway(filler, body); r != nil {
			return r
		}
		x.replaces = true
	}
	out, r := x.build(g, body, d.pkg.Info.Scopes[filler.Type()], false)
	if r != nil {
		return r
	}
	if out.before != "" {
		x.edit(Edit{Op: InsertBefore, At: body[0], Code: out.before})
	}
	if out.after != "" {
		x.edit(Edit{Op: InsertAfter, At: lastStmt(body), Code: out.after})
	}
	if r := x.others(); r != nil {
		return r
	}
	x.declare()
	d.proved("built-before-stored")
	return nil
}

// fillerOf returns the function that assigns the variable for the Once: the
// one that it runs, or the one that that calls; nil if there are several.
func (d *draft) fillerOf(fill onceFill) *detect.Func {
	if len(d.in(fill.lit.Body())) > 0 {
		return fill.lit
	}
	var filler *detect.Func
	for _, c := range fill.lit.Calls {
		if c.Callee == nil || c.Mode != detect.Plain || c.Callee.Body() == nil || len(d.in(c.Callee.Body())) == 0 {
			continue
		}
		if filler != nil {
			return nil
		}
		filler = c.Callee
	}
	return filler
}

// notReentrantOnce proves that what the Once runs does not come back to it.
func (d *draft) notReentrantOnce(g *guard, fill onceFill) *Refusal {
	r := reachOf(d.fx, fill.lit.Body())
	if r.funcs[fill.in] {
		return refuse(Reentrant, fill.call.Pos(), "the initialisation of %s may come back to %s, which would wait for itself", d.v.Name(), fill.in.Name())
	}
	for _, a := range d.v.Accesses {
		if a.In != nil && a.In != fill.lit && a.In != g.fn && r.funcs[a.In] {
			return refuse(Reentrant, a.Pos(), "the initialisation of %s may come here, where %s is used", d.v.Name(), d.v.Name())
		}
	}
	d.proved("not-reentrant")
	return nil
}

// companionsAfter proves of the other variables that the Once fills that they
// are only used after it ran.
func (d *draft) companionsAfter() *Refusal {
	for _, v := range d.values() {
		if v.Obj == d.v.Obj {
			continue
		}
		for _, a := range v.Accesses {
			if !d.ordered(a) {
				return refuse(NoForm, a.Pos(), "%s, which the same Once fills, is used here without it", v.Name())
			}
		}
	}
	return nil
}

// values returns the singleton's variables that hold something: its Once left out.
func (d *draft) values() []*detect.Variable {
	return slices.DeleteFunc(slices.Clone(d.Singleton.Vars), func(v *detect.Variable) bool {
		return d.once != nil && v.Obj == d.once.Obj
	})
}
