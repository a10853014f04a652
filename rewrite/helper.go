package rewrite

import (
	"go/ast"
	"strings"

	"github.com/singletonfix/singletonfix/detect"
)

// helperSite plans a guard whose block calls a function that fills the
// variable. Where the site is a getter as a whole, it takes the lock and the
// helper runs under it; else the helper is the slow path, and takes it.
func (x *atomicVar) helperSite(g *guard) *Refusal {
	helper, r := x.helperOf(g)
	if r != nil {
		return r
	}
	tail, flat := x.flatTail(g)
	if flat && leavesNoReturn(g) {
		if r := x.buildHelper(helper, nil); r != nil {
			return r
		}
		return x.flat(g, tail, helper)
	}
	if x.emptied || !g.plain {
		return refuse(ControlFlow, g.Stmt.Pos(), "%s may be emptied between %s and the uses of it behind", x.v.Name(), helper.Name())
	}
	top, r := x.slowPath(helper)
	if r != nil {
		return r
	}
	for _, a := range x.in(g.Test) {
		x.replace(a.Expr, x.v.Obj.Name()+".Load()")
	}
	return x.buildHelper(helper, top)
}

// leavesNoReturn is for symmetry with extraction: returns in a getter's block may stay.
func leavesNoReturn(g *guard) bool { return true }

// helperOf returns the one function of the package that fills the variable
// for g, if it does so only where the variable was seen empty.
func (x *atomicVar) helperOf(g *guard) (*detect.Func, *Refusal) {
	var helper *detect.Func
	for _, a := range g.Fills {
		if helper != nil && a.In != helper {
			return nil, refuse(ControlFlow, a.Pos(), "several functions fill %s", x.v.Name())
		}
		helper = a.In
	}
	if helper == nil || helper.Decl == nil {
		return nil, refuse(ControlFlow, g.Stmt.Pos(), "it is unclear what fills %s", x.v.Name())
	}
	if !x.inner[helper] {
		return nil, refuse(ControlFlow, helper.Pos(), "%s fills %s and is also called elsewhere, without a test", helper.Name(), x.v.Name())
	}
	for _, c := range helper.Callers {
		if c.Caller != g.Func && x.inner[c.Caller] {
			return nil, refuse(ControlFlow, c.Expr.Pos(), "%s is filled by a function that another one calls", x.v.Name())
		}
	}
	return helper, nil
}

// slowPath returns the lock and the second test at the top of the helper.
func (x *atomicVar) slowPath(helper *detect.Func) (top []string, r *Refusal) {
	ret := "return"
	if results := helper.Decl.Type.Results; results != nil {
		if results.NumFields() != 1 || !isError(x.pkg.Info.TypeOf(results.List[0].Type)) {
			return nil, refuse(ControlFlow, helper.Pos(), "what %s returns is not known where %s is filled already", helper.Name(), x.v.Name())
		}
		ret = "return nil"
	}
	return []string{x.mu + ".Lock()", "defer " + x.mu + ".Unlock()", "if " + x.v.Obj.Name() + ".Load() != nil {\n" + ret + "\n}"}, nil
}

// buildHelper plans the helper's body, once, with top in front of it.
func (x *atomicVar) buildHelper(helper *detect.Func, top []string) *Refusal {
	for _, a := range x.v.Accesses {
		if a.In == helper && x.done[a] {
			return nil // planned for another site
		}
	}
	body := helper.Body().List
	out, r := x.build(helper, body, x.pkg.Info.Scopes[helper.Type()], false)
	if r != nil {
		return r
	}
	if out.before != "" {
		top = append(top, out.before)
	}
	if len(top) > 0 {
		x.edit(Edit{Op: InsertBefore, At: body[0], Code: strings.Join(top, "\n")})
	}
	if out.after != "" {
		x.edit(Edit{Op: InsertAfter, At: lastStmt(body), Code: out.after})
	}
	return nil
}

func lastStmt(body []ast.Stmt) ast.Stmt { return body[len(body)-1] }
