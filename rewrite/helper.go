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
	if t, ok := x.flatTail(g); ok {
		if r := x.buildHelper(g, helper, nil); r != nil {
			return r
		}
		return x.flat(g, t, "")
	}
	if x.emptied || g.Copy != nil {
		return refuse(ControlFlow, g.stmt.Pos(), "%s may be emptied between %s and the uses of it behind", x.v.Name(), helper.Name())
	}
	top, r := x.slowPath(helper)
	if r != nil {
		return r
	}
	x.replace(g.Read.Expr, x.load())
	return x.buildHelper(g, helper, top)
}

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
		return nil, refuse(ControlFlow, g.stmt.Pos(), "it is unclear what fills %s", x.v.Name())
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
	return []string{x.mu + ".Lock()", "defer " + x.mu + ".Unlock()", "if " + x.isSet() + " {\n" + ret + "\n}"}, nil
}

// buildHelper plans the helper's body, once, with top in front of it.
func (x *atomicVar) buildHelper(g *guard, helper *detect.Func, top []string) *Refusal {
	for _, a := range x.v.Accesses {
		if a.In == helper && x.done[a] {
			return nil // planned for another site
		}
	}
	body := helper.Body().List
	inside := &guard{Site: g.Site, fn: helper}
	out, r := x.build(inside, body, x.pkg.Info.Scopes[helper.Type()], false)
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
