package rewrite

import (
	"go/ast"
	"go/token"
)

// A lostRetry is a getter whose Once loses its error, on its way to a double
// check that tries again after a failure:
//
//	var err error
//	once.Do(func() {
//		x, err = call()
//	})
//	return x, err
type lostRetry struct {
	fill onceFill
	call ast.Expr
	err  string
	list []ast.Stmt // all of the getter
}

// planLostRetry plans a double check in the place of a Once that loses its
// error, where that is asked for: the Once and the first error go.
func planLostRetry(d *draft) *Refusal {
	if d.opts.Strategy != d.Strategy {
		return refuse(notThis, d.v.Obj.Pos(), "the Once is right, but for the error that it loses")
	}
	if r := d.goAtLeast("go1.19", "atomic.Pointer"); r != nil {
		return r
	}
	fills, r := d.onceFillsOf(d.once)
	if r != nil {
		return r
	}
	l := d.lostRetryIn(fills[0])
	if l == nil || len(d.values()) > 1 || len(d.writesOf(d.once)) > 0 {
		return refuse(NoForm, fills[0].call.Pos(), "more is done here than to return %s and the error of filling it: a double check would have to know what to do again", d.v.Name())
	}
	if c := d.commentIn(l.list); c != nil {
		return refuse(Comments, c.Pos(), "this comment has no place in the new code")
	}
	g := d.onceGuard(l.fill)
	if g == nil {
		return refuse(ControlFlow, l.fill.call.Pos(), "the call of %s.Do is only a part of what is done here", d.once.Name())
	}
	if r := d.notReentrant(g); r != nil {
		return r
	}
	d.kind = nilTest
	x, r := d.newAtomic([]*guard{g})
	if r != nil {
		return r
	}
	if !x.pointer && !x.managed {
		return refuse(NoForm, d.v.Obj.Pos(), "%s is no pointer", d.v.Name())
	}
	if x.managed && !x.nilable() {
		return refuse(NoForm, d.v.Obj.Pos(), "%s may be filled with its zero value, which the manager does not keep", d.v.Name())
	}
	for _, a := range x.in(nodes(l.list)...) {
		x.done[a] = true
	}
	x.after = g
	if r := x.others(); r != nil {
		return r
	}
	x.retry(l)
	x.dropOnce()
	x.declare()
	x.canEmpty()
	d.Review = true
	d.note("a failure is followed by another try, at the next call; before, the Once never ran again")
	if d.emptiedAtRunTime() {
		d.note("a value that was emptied is built anew by the next caller; before, the Once never ran again")
	}
	d.proved("built-before-stored")
	return nil
}

// lostRetryIn returns the parts of the getter that fill is in, or nil where
// it does anything else.
func (d *draft) lostRetryIn(fill onceFill) *lostRetry {
	list := fill.in.Body().List
	if len(list) != 3 || list[1] != ast.Stmt(fill.call) || fill.lit.Lit == nil || len(fill.lit.Body().List) != 1 {
		return nil
	}
	err := soleErrorIn(list[0])
	s, ok := fill.lit.Body().List[0].(*ast.AssignStmt)
	ret, isRet := list[2].(*ast.ReturnStmt)
	if err == nil || !ok || s.Tok != token.ASSIGN || len(s.Lhs) != 2 || len(s.Rhs) != 1 || !isRet || len(ret.Results) != 2 {
		return nil
	}
	obj := d.pkg.Info.Defs[err]
	for _, pair := range [][2]ast.Expr{{s.Lhs[0], s.Lhs[1]}, {ret.Results[0], ret.Results[1]}} {
		id, ok := pair[1].(*ast.Ident)
		uses := d.in(pair[0])
		if !ok || obj == nil || d.pkg.Info.Uses[id] != obj || len(uses) != 1 || uses[0].Expr != pair[0] {
			return nil
		}
	}
	return &lostRetry{fill: fill, call: s.Rhs[0], err: err.Name, list: list}
}

// soleErrorIn returns the name that s declares, if it is: var err error.
func soleErrorIn(s ast.Stmt) *ast.Ident {
	decl, ok := s.(*ast.DeclStmt)
	if !ok {
		return nil
	}
	gen, ok := decl.Decl.(*ast.GenDecl)
	if !ok || gen.Tok != token.VAR || len(gen.Specs) != 1 {
		return nil
	}
	spec := gen.Specs[0].(*ast.ValueSpec)
	typ, ok := spec.Type.(*ast.Ident)
	if !ok || typ.Name != "error" || len(spec.Names) != 1 || len(spec.Values) > 0 {
		return nil
	}
	return spec.Names[0]
}

// commentIn returns a comment from the first of stmts to the end of the last, or nil.
func (d *draft) commentIn(stmts []ast.Stmt) *ast.Comment {
	for _, group := range d.pkg.File(stmts[0].Pos()).Syntax.Comments {
		if group.Pos() > stmts[0].Pos() && group.Pos() < lastStmt(stmts).End() {
			return group.List[0]
		}
	}
	return nil
}

// retry emits the getter's new body.
func (x *atomicVar) retry(l *lostRetry) {
	if x.managed {
		build, holes := "func() ("+x.typ+", error) {\nreturn $call\n}", hole("call", l.call)
		if call, ok := ast.Unparen(l.call).(*ast.CallExpr); ok && x.returnsPair(call) && x.plainBuilder(call) != nil {
			build, holes = x.source(x.plainBuilder(call), nil), nil
		}
		x.edit(Edit{Op: ReplaceStmts, At: l.list[0], Last: lastStmt(l.list), Holes: holes,
			Code: "return " + x.v.Obj.Name() + ".GetErr(" + build + ")"})
		return
	}
	v := x.pick(l.fill.in)
	fast := "if " + v + " := " + x.load() + "; " + v + " != nil {\nreturn " + v + ", nil\n}\n"
	x.edit(Edit{Op: ReplaceStmts, At: l.list[0], Last: lastStmt(l.list), Holes: hole("call", l.call),
		Code: fast + x.lock() + fast + v + ", " + l.err + " := $call\nif " + l.err + " != nil {\nreturn " + v + ", " + l.err + "\n}\n" +
			x.store(v, maybe) + "\nreturn " + v + ", nil"})
}
