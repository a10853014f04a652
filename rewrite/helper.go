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
	if t, ok := x.flatTail(g); ok && !x.slow[helper] {
		if x.split[helper] {
			r = x.splitHelper(g, helper)
		} else {
			r = x.buildHelper(g, helper, nil)
		}
		if r != nil {
			return r
		}
		return x.flat(g, t, "")
	}
	switch {
	case x.split[helper]:
		return refuse(ControlFlow, helper.Pos(), "%s fills %s and is also called elsewhere, without a test", helper.Name(), x.v.Name())
	case x.emptied || g.Copy != nil:
		return refuse(ControlFlow, g.stmt.Pos(), "%s may be emptied between %s and the uses of it behind", x.v.Name(), helper.Name())
	}
	top, r := x.slowPath(helper)
	if r != nil {
		return r
	}
	x.replace(g.Read.Expr, x.loadForTest(g))
	return x.buildHelper(g, helper, top)
}

// findSlow finds the helpers that are the slow path of some site and
// therefore take the lock themselves, whichever site calls them.
func (x *atomicVar) findSlow(guards []*guard) {
	x.slow = make(map[*detect.Func]bool)
	for _, g := range guards {
		if helper := soleFiller(g); helper != nil {
			if _, flat := x.flatTail(g); !flat {
				x.slow[helper] = true
			}
		}
	}
}

// loadForTest returns what takes the place of the variable in g's test.
func (x *atomicVar) loadForTest(g *guard) string {
	test, ok := ast.Unparen(g.Test).(*ast.BinaryExpr)
	if ok && x.kind == nilTest && (ast.Unparen(test.X) == g.Read.Expr || ast.Unparen(test.Y) == g.Read.Expr) {
		return x.v.Obj.Name() + ".Load()" // only what is not nil is stored
	}
	return x.load()
}

// helperOf returns the one function of the package that fills the variable for g.
func (x *atomicVar) helperOf(g *guard) (*detect.Func, *Refusal) {
	helper := soleFiller(g)
	if helper == nil {
		return nil, refuse(ControlFlow, g.stmt.Pos(), "it is unclear what fills %s", x.v.Name())
	}
	for _, c := range helper.Callers {
		if c.Caller != g.Func && x.inner[c.Caller] {
			return nil, refuse(ControlFlow, c.Expr.Pos(), "%s is filled by a function that another one calls", x.v.Name())
		}
	}
	return helper, nil
}

// soleFiller returns the declared function that makes all fills of g and
// that its block calls, or nil.
func soleFiller(g *guard) *detect.Func {
	var helper *detect.Func
	for _, a := range g.Fills {
		if helper != nil && a.In != helper {
			return nil
		}
		helper = a.In
	}
	if helper == nil || helper.Decl == nil || helper == g.Func {
		return nil
	}
	for _, c := range g.Calls {
		if c.Callee == helper && c.Mode == detect.Plain {
			return helper
		}
	}
	return nil
}

// splitHelpers returns the functions that fill the variable for a guard and
// are called elsewhere too: to fill it anew, whatever it holds.
func (d *draft) splitHelpers(guards []*guard) map[*detect.Func]bool {
	split := make(map[*detect.Func]bool)
	inner := d.inner(guards)
	for _, g := range guards {
		if f := soleFiller(g); f != nil && len(g.Calls) > 0 && !inner[f] && len(f.Values) == 0 {
			split[f] = true
		}
	}
	return split
}

// splitHelper plans a helper that is also called elsewhere: it takes the
// lock, and what it did moves to a function that is called under the lock.
func (x *atomicVar) splitHelper(g *guard, helper *detect.Func) *Refusal {
	name := x.splitName[helper]
	if name == "" {
		var r *Refusal
		if name, r = x.moveHelper(g, helper); r != nil {
			return r
		}
		x.splitName[helper] = name
	}
	for _, c := range g.Calls {
		if c.Callee != helper {
			continue
		}
		switch fun := c.Expr.Fun.(type) {
		case *ast.Ident:
			x.replace(fun, name)
		case *ast.SelectorExpr:
			x.replace(fun, x.source(fun.X, nil)+"."+name)
		}
	}
	return nil
}

// moveHelper emits the function that the helper's body moves to, and the
// helper's new body: the lock, and the call of that function.
func (x *atomicVar) moveHelper(g *guard, helper *detect.Func) (string, *Refusal) {
	decl := helper.Decl
	args, ok := arguments(decl.Type)
	if !ok || decl.Type.TypeParams != nil || isGenericRecv(decl) {
		return "", refuse(ControlFlow, helper.Pos(), "%s has parameters that cannot be passed on", helper.Name())
	}
	recv, call := "", "%s"
	if decl.Recv != nil {
		if len(decl.Recv.List[0].Names) == 0 {
			return "", refuse(ControlFlow, helper.Pos(), "the receiver of %s has no name", helper.Name())
		}
		recv, call = x.source(decl.Recv, nil)+" ", decl.Recv.List[0].Names[0].Name+".%s"
	}
	name := x.name(lowerFirst(decl.Name.Name) + "Locked")
	call = strings.Replace(call, "%s", name, 1) + "(" + args + ")"
	signature := x.source(decl.Type.Params, nil)
	if decl.Type.Results != nil {
		call = "return " + call
		signature += " " + x.source(decl.Type.Results, nil)
	}
	body := helper.Body().List
	out := &built{}
	if !x.plain {
		var r *Refusal
		if out, r = x.build(&guard{Site: g.Site, fn: helper}, body, x.pkg.Info.Scopes[decl.Type], false); r != nil {
			return "", r
		}
	}
	x.edit(Edit{Op: ReplaceStmts, At: body[0], Last: lastStmt(body), Code: x.lock() + call})
	x.edit(Edit{Op: InsertAfter, At: decl, Holes: map[string][]ast.Node{"body": nodes(body)},
		Code: "// " + name + " is " + decl.Name.Name + " for callers that hold " + x.mu + ".\nfunc " + recv + name + signature + " {\n" +
			joinLines([]string{out.before, "$body", out.after}) + "\n}"})
	return name, nil
}

// arguments returns what passes the parameters of t on, and whether they all have names.
func arguments(t *ast.FuncType) (string, bool) {
	var args []string
	for _, field := range t.Params.List {
		if len(field.Names) == 0 {
			return "", false
		}
		for _, name := range field.Names {
			if name.Name == "_" {
				return "", false
			}
			arg := name.Name
			if _, variadic := field.Type.(*ast.Ellipsis); variadic {
				arg += "..."
			}
			args = append(args, arg)
		}
	}
	return strings.Join(args, ", "), true
}

func lowerFirst(s string) string { return strings.ToLower(s[:1]) + s[1:] }

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
