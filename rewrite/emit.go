package rewrite

import (
	"go/ast"
	"go/types"
	"slices"
	"strings"
)

// emit writes the new function behind the old one, and its call in the
// place of the guard.
func (e *extraction) emit() *Refusal {
	params, args, r := e.signature()
	if r != nil {
		return r
	}
	fails := len(e.returns) > 0
	need := len(e.reads) > 0
	name := e.v.Obj.Name()
	prefix := "init"
	if need {
		prefix = "get"
	}
	fn := e.name(prefix + upperFirst(name))
	out, r := e.build(e.g.Func, e.block, nil, need)
	if r != nil {
		return r
	}
	e.paramNote(e.g, e.moved())
	e.newFunc(fn, params, out, need, fails)
	e.site(fn+"("+strings.Join(args, ", ")+")", out, need, fails)
	return nil
}

// newFunc emits the function that returns the value and fills it first where
// it is empty.
func (e *extraction) newFunc(fn string, params []string, out *built, need, fails bool) {
	name := e.v.Obj.Name()
	var results []string
	doc := "// " + fn + " fills " + name + " if it is empty."
	if need {
		results = append(results, e.typ)
		doc = "// " + fn + " returns " + name + ", filling it first if it is empty."
	}
	if fails {
		results = append(results, "error")
	}
	ret := func(value, err string) string {
		var list []string
		if need {
			list = append(list, value)
		}
		if fails {
			list = append(list, err)
		}
		return strings.TrimSpace("return " + strings.Join(list, ", "))
	}
	fast := "if " + name + ".Load() != nil {\n" + ret("", "nil") + "\n}"
	if need {
		local, value := out.local, out.local
		if !e.pointer {
			local, value = "p", "*p"
		}
		fast = "if " + local + " := " + name + ".Load(); " + local + " != nil {\n" + ret(value, "nil") + "\n}"
	}
	lines := []string{fast, e.mu + ".Lock()", "defer " + e.mu + ".Unlock()", fast, out.before, "$block", out.after, ret(out.local, "nil")}
	if !need && !fails {
		lines = lines[:len(lines)-1]
	}
	lines = slices.DeleteFunc(lines, func(s string) bool { return s == "" })
	holes := map[string][]ast.Node{"block": nodes(e.block)}
	if e.failure != nil {
		holes["block"] = nodes(e.block[:e.failureAt()])
		lines = slices.Insert(lines, slices.Index(lines, "$block")+1, "if "+e.err.Name()+" != nil {\n"+ret(e.zeroValue(), e.err.Name())+"\n}")
		if rest := e.block[e.failureAt()+1:]; len(rest) > 0 {
			lines = slices.Insert(lines, slices.Index(lines, "$block")+2, "$rest")
			holes["rest"] = nodes(rest)
		}
	} else {
		for _, r := range e.returns {
			last := r.Results[len(r.Results)-1]
			e.edit(Edit{Op: ReplaceStmts, At: r, Code: ret(e.zeroValue(), "$err"), Holes: hole("err", last)})
		}
	}
	e.edit(Edit{Op: InsertAfter, At: e.anchor(), Holes: holes,
		Code: doc + "\nfunc " + fn + "(" + strings.Join(params, ", ") + ") " + resultList(results) + " {\n" + strings.Join(lines, "\n") + "\n}"})
}

func (e *extraction) failureAt() int { return slices.Index(e.block, ast.Stmt(e.failure)) }

// zeroValue returns what the new function returns beside an error.
func (e *extraction) zeroValue() string {
	if z := e.zero(); z != "" {
		return z
	}
	return "nil"
}

func resultList(results []string) string {
	switch len(results) {
	case 0:
		return ""
	case 1:
		return results[0]
	}
	return "(" + strings.Join(results, ", ") + ")"
}

// anchor returns the declaration behind which the new function stands.
func (e *extraction) anchor() ast.Node {
	f := e.g.Func.Outermost()
	if f.Decl != nil {
		return f.Decl
	}
	for _, decl := range f.File.Syntax.Decls {
		if contains(decl, f.Lit) {
			return decl
		}
	}
	return f.Lit
}

// site emits the call in the place of the guard: v := getX(), with the
// failure's handling behind it.
func (e *extraction) site(call string, out *built, need, fails bool) {
	holes := map[string][]ast.Node{}
	code := call
	if need {
		e.local = e.localAtSite(out.local)
		code = e.local + " := " + call
	}
	if fails {
		err := e.errName()
		code = err + " := " + call
		if need {
			code = e.local + ", " + err + " := " + call
		}
		handle := "$handle"
		if e.failure == nil {
			handle = "return " + e.otherResults() + err
		} else {
			holes["handle"] = nodes(e.failure.Body.List)
			e.renameErr(err)
		}
		if need {
			code += "\nif " + err + " != nil {\n" + handle + "\n}"
		} else {
			code = "if " + code + "; " + err + " != nil {\n" + handle + "\n}"
		}
	}
	e.replaceStmt(e.g.Stmt, code, holes)
	for _, a := range e.reads {
		e.done[a] = true
		e.replace(a.Expr, e.local)
	}
}

// localAtSite returns a name for the value: the author's own, where nothing
// outside the guard has it.
func (e *extraction) localAtSite(want string) string {
	clash := e.pkg.Types.Scope().Lookup(want) != nil
	ast.Inspect(e.g.Func.Cur.Node(), func(n ast.Node) bool {
		id, ok := n.(*ast.Ident)
		clash = clash || ok && id.Name == want && !contains(e.g.Stmt, id)
		return !clash
	})
	if clash || want == "" {
		return e.pick(e.g.Func, nil)
	}
	return want
}

// otherResults returns what the block's returns have in front of the error.
func (e *extraction) otherResults() string {
	var b strings.Builder
	results := e.returns[0].Results
	for _, r := range results[:len(results)-1] {
		b.WriteString(e.source(r, nil) + ", ")
	}
	return b.String()
}

// errName returns a name for the error at the site: its own, where no other
// variable of that name could be meant.
func (e *extraction) errName() string {
	want := "err"
	if e.err != nil {
		want = e.err.Name()
	}
	if len(e.reads) == 0 {
		return want // in the scope of the if alone
	}
	if e.freeAtSite(want) {
		return want
	}
	return e.pickFree("initErr")
}

// freeAtSite reports whether name can be declared in the place of the guard:
// nothing local has it there, and nothing in the same list gets it later.
func (e *extraction) freeAtSite(name string) bool {
	scope := e.pkg.Types.Scope().Innermost(e.g.Stmt.Pos())
	if scope == nil || scope.Lookup(name) != nil {
		return false
	}
	_, obj := scope.LookupParent(name, e.g.Stmt.Pos())
	return obj == nil || obj.Parent() == e.pkg.Types.Scope() || obj.Parent() == types.Universe
}

func (e *extraction) pickFree(want string) string {
	taken := names(e.g.Func.Cur.Node())
	for taken[want] {
		want += "2"
	}
	return want
}

// renameErr lets the handling of the failure use the error's name at the site.
func (e *extraction) renameErr(name string) {
	if name == e.err.Name() {
		return
	}
	for _, s := range e.failure.Body.List {
		ast.Inspect(s, func(n ast.Node) bool {
			if id, ok := n.(*ast.Ident); ok && e.pkg.Info.Uses[id] == e.err {
				e.replace(id, name)
			}
			return true
		})
	}
}
