package rewrite

import (
	"go/ast"
	"slices"

	"github.com/singletonfix/singletonfix/detect"
)

// replaceOnce plans: a mutex and a second test do the work of the Once, which
// goes together with the assignments over it.
func (d *draft) replaceOnce(fills []onceFill, renewed []*detect.Access) *Refusal {
	fill := fills[0]
	if len(d.values()) > 1 {
		return refuse(NoForm, d.values()[1].Obj.Pos(), "the Once fills %s together with %s", d.values()[1].Name(), d.v.Name())
	}
	g := d.onceGuard(fill)
	if g == nil {
		return refuse(ControlFlow, fill.call.Pos(), "the call of %s.Do is only a part of what is done here", d.once.Name())
	}
	for _, s := range g.Block {
		if n := leaves(s); n != nil {
			return refuse(ControlFlow, n.Pos(), "the Once remembers that it ran even where it ends here, without a value")
		}
	}
	if _, end := d.fill(d.v, nilTest, g.Block); !end.has() {
		return refuse(ControlFlow, g.stmt.Pos(), "the Once remembers that it ran even where it leaves %s empty", d.v.Name())
	}
	if r := d.notReentrant(g); r != nil {
		return r
	}
	x, r := d.newAtomic([]*guard{g})
	if r != nil {
		return r
	}
	if r := x.dropRenewals(renewed); r != nil {
		return r
	}
	if len(renewed) == 0 && d.emptiedAtRunTime() {
		d.Review = true
		d.note("a value that was emptied is built anew by the next caller; before, the Once never ran again")
	}
	if d.setAtRunTime(g) {
		d.Review = true
		d.note("a value that is set before the first call stays; before, what the Once runs replaced it")
	}
	x.dropOnce()
	return x.finish([]*guard{g})
}

// setAtRunTime reports whether something outside tests and outside g gives
// the variable a value.
func (d *draft) setAtRunTime(g *guard) bool {
	return slices.ContainsFunc(d.v.Accesses, func(a *detect.Access) bool {
		return a.Kind == detect.Write && !a.File.Test && a.Phase == detect.Shared && !slices.Contains(g.Fills, a) &&
			!inStmts(g.Block, a.Expr) && (a.Value == nil || !d.empties(d.v, a.Value))
	})
}

// onceGuard describes the call of Do, and the test around it if it has one,
// as a guard whose block is what the Once runs.
func (d *draft) onceGuard(fill onceFill) *guard {
	if fill.lit.Lit == nil {
		return nil
	}
	block := fill.lit.Body().List
	if len(block) == 0 {
		return nil
	}
	if len(d.Singleton.Sites) > 1 {
		return nil
	}
	if len(d.Singleton.Sites) == 1 {
		s := d.Singleton.Sites[0]
		g := newGuard(d.fx, s)
		if g == nil || s.Func != fill.in || !g.plain || g.Form != detect.GuardThen || len(g.Block) != 1 || g.Block[0] != ast.Stmt(fill.call) {
			return nil
		}
		inner := *s
		inner.Block, inner.Calls = block, d.callsThatFill(fill)
		g.Site, g.fn = &inner, fill.lit
		return g
	}
	site := &detect.Site{Var: d.v, Func: fill.in, Stmt: fill.call, Form: detect.GuardThen, Block: block, Calls: d.callsThatFill(fill), Fills: d.fillsOf(fill)}
	g := newGuard(d.fx, site)
	if g != nil {
		g.fn, g.plain = fill.lit, true
	}
	return g
}

// callsThatFill returns the calls by which the function that the Once runs
// has another one fill the variable; none where it does so itself.
func (d *draft) callsThatFill(fill onceFill) []*detect.Call {
	filler := d.fillerOf(fill)
	if filler == fill.lit {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(fill.lit.Calls), func(c *detect.Call) bool { return c.Callee != filler })
}

// fillsOf returns the assignments that fill the variable for the Once.
func (d *draft) fillsOf(fill onceFill) []*detect.Access {
	filler := d.fillerOf(fill)
	return slices.DeleteFunc(slices.Clone(d.v.Accesses), func(a *detect.Access) bool { return a.In != filler || a.Kind != detect.Write })
}

// dropRenewals deletes the assignments over the Once. One that is all that a
// function does about the singleton empties the variable instead.
func (x *atomicVar) dropRenewals(renewed []*detect.Access) *Refusal {
	for _, w := range renewed {
		s := plainAssign(w)
		if s == nil || len(s.Lhs) > 1 {
			return refuse(ControlFlow, w.Pos(), "the Once is assigned together with something else")
		}
		emptied := false
		for _, a := range x.v.Accesses {
			emptied = emptied || a.In == w.In && a.Kind == detect.Write
		}
		if emptied {
			x.edit(Edit{Op: Delete, At: s})
			continue
		}
		code := x.clear()
		switch {
		case x.alone(w.In):
		case x.endsWith(w.In, s):
			code = x.lock() + code
		default:
			code = x.mu + ".Lock()\n" + code + "\n" + x.mu + ".Unlock()"
		}
		x.emptied = true
		x.replaceStmt(s, code, nil)
	}
	return nil
}

// dropOnce deletes the declaration of the Once.
func (x *atomicVar) dropOnce() {
	once := x.once
	if len(once.Spec.Names) > 1 {
		x.edit(Edit{Op: Delete, At: once.Ident()})
		return
	}
	x.edit(Edit{Op: Delete, At: once.Spec})
}
