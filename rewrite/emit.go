package rewrite

import (
	"go/ast"
	"go/types"
	"slices"
	"strings"

	"github.com/singletonfix/singletonfix/detect"
)

// emit writes the new function behind the old one, and its call in the
// place of the guard or of what it guards.
func (e *extraction) emit() *Refusal {
	params, args, r := e.signature()
	if r != nil {
		return r
	}
	fails := len(e.returns) > 0 || e.newErr != nil
	need := len(e.reads) > 0 || e.g.Copy != nil
	fn := e.funcName(need)
	out, r := e.build(e.g, e.block, nil, need)
	if r != nil {
		return r
	}
	e.paramNote(e.g, e.moved())
	e.newFunc(fn, params, out, need, fails)
	call := fn + "(" + strings.Join(args, ", ") + ")"
	for _, a := range e.reads {
		e.done[a] = true
	}
	if e.passesError() && !e.whole {
		return refuse(ControlFlow, e.g.stmt.Pos(), "the error of the initialisation of %s is looked at behind it", e.v.Name())
	}
	if e.whole {
		e.callForGuard(call, out, need, fails)
	} else {
		e.callForBlock(call, need, fails)
	}
	return nil
}

// funcName returns a free name for the new function.
func (e *extraction) funcName(need bool) string {
	name := upperFirst(e.Singleton.Vars[0].Obj.Name())
	prefixes := []string{"init", "ensure", "fill"}
	if need {
		prefixes = []string{"get", "load", "the"}
	}
	for _, p := range prefixes {
		if freeName(e.pkg, p+name) == p+name {
			return e.name(p + name)
		}
	}
	return e.name(prefixes[0] + name)
}

// newFunc emits the function that returns the value and fills it first where
// it is empty.
func (e *extraction) newFunc(fn string, params []string, out *built, need, fails bool) {
	name := e.v.Obj.Name()
	var results []string
	doc := "// " + fn + " fills " + e.Singleton.Vars[0].Name() + " if it is empty."
	if e.flag {
		doc = "// " + fn + " does what " + name + " guards, unless that is done."
	}
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
	fast := "if " + e.isSet() + " {\n" + ret("", "nil") + "\n}"
	if need {
		local, value := out.local, out.local
		if !e.pointer {
			local, value = "p", "*p"
		}
		fast = "if " + local + " := " + name + ".Load(); " + local + " != nil {\n" + ret(value, "nil") + "\n}"
	}
	lines := []string{fast, e.mu + ".Lock()", "defer " + e.mu + ".Unlock()", fast, e.errDecl(), out.before, "$block", out.after, ret(out.local, e.finalErr())}
	if !need && !fails {
		lines = lines[:len(lines)-1]
	}
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
	e.edit(Edit{Op: InsertAfter, At: e.g.anchor(), Holes: holes,
		Code: doc + "\nfunc " + fn + "(" + strings.Join(params, ", ") + ") " + resultList(results) + " {\n" + joinLines(lines) + "\n}"})
}

// errDecl returns the declaration of the error that the block assigns and
// its function declared; "" where a definition declares it.
func (e *extraction) errDecl() string {
	if e.newErr == nil {
		return ""
	}
	for _, edit := range e.Edits {
		if s, ok := edit.At.(*ast.AssignStmt); ok && inStmts(e.block, s) && strings.Contains(edit.Code, ":=") && uses(e.pkg.Info, s, e.newErr) {
			return ""
		}
	}
	return "var " + e.newErr.Name() + " error"
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

// callForGuard emits: v := getX(), with the failure's handling behind it.
func (e *extraction) callForGuard(call string, out *built, need, fails bool) {
	if need {
		e.local = e.localAtSite(out.local)
	}
	holes := map[string][]ast.Node{}
	code := e.assigning(call, "", ":=")
	if fails {
		err, op := e.errName(), ":="
		if err == e.outerErr() && (!need || !e.errIsHere()) {
			op = "=" // the error belongs to the code around
		}
		code = e.assigning(call, err, op)
		if op == "=" && need {
			code = "var " + e.local + " " + e.typ + "\n" + code
		}
		if e.passesError() {
			e.finishCall(code, holes)
			return
		}
		handle := e.handling(err, holes)
		if need {
			code += "\nif " + err + " != nil {\n" + handle + "\n}"
		} else {
			code = "if " + code + "; " + err + " != nil {\n" + handle + "\n}"
		}
	}
	e.finishCall(code, holes)
}

// passesError reports whether the block leaves its error to the code behind it.
func (e *extraction) passesError() bool { return e.newErr != nil && len(e.returns) == 0 }

// finalErr returns the error that the new function returns in the end.
func (e *extraction) finalErr() string {
	if e.passesError() {
		return e.newErr.Name()
	}
	return "nil"
}

func (e *extraction) finishCall(code string, holes map[string][]ast.Node) {
	e.edit(Edit{Op: ReplaceStmts, At: e.g.first(), Last: e.g.stmt, Code: code, Holes: holes})
	for _, a := range e.reads {
		e.replace(a.Expr, e.local)
	}
}

// callForBlock emits: v := x.Load() in front of the guard, and v = getX() in
// the place of what it guards.
func (e *extraction) callForBlock(call string, need, fails bool) {
	holes := map[string][]ast.Node{}
	switch {
	case e.g.Copy != nil:
		e.local = e.g.Copy.Name()
		e.replace(e.g.Read.Expr, e.load())
	case need:
		e.local = e.pick(e.g.Func)
		e.edit(Edit{Op: InsertBefore, At: e.g.first(), Code: e.local + " := " + e.load()})
		e.replace(e.g.Read.Expr, e.local)
	default:
		e.replace(e.g.Read.Expr, e.load())
	}
	code := e.assigning(call, "", "=")
	if fails {
		err := "err"
		if e.err != nil {
			err = e.err.Name()
		}
		handle := e.handling(err, holes)
		if need {
			code = "var " + err + " error\nif " + e.assigning(call, err, "=")
		} else {
			code = "if " + e.assigning(call, err, ":=")
		}
		code += "; " + err + " != nil {\n" + handle + "\n}"
	}
	e.replaceIf(code, holes)
	for _, a := range e.reads {
		e.replace(a.Expr, e.local)
	}
}

// replaceIf emits the guard's if with code in the place of its block.
func (e *extraction) replaceIf(code string, holes map[string][]ast.Node) {
	s := e.g.stmt.(*ast.IfStmt)
	head := "if "
	if s.Init != nil {
		head += "$init; "
		holes["init"] = []ast.Node{s.Init}
	}
	holes["cond"] = []ast.Node{s.Cond}
	if e.g.Form == detect.GuardElse {
		holes["then"] = nodes(s.Body.List)
		code = "$then\n} else {\n" + code
	} else if s.Else != nil {
		holes["else"] = nodes(s.Else.(*ast.BlockStmt).List)
		code += "\n} else {\n$else"
	}
	e.replaceStmt(s, head+"$cond {\n"+code+"\n}", holes)
}

// assigning returns call with what its results are given to: v, err := call.
func (e *extraction) assigning(call, err, op string) string {
	var lhs []string
	for _, name := range []string{e.local, err} {
		if name != "" {
			lhs = append(lhs, name)
		}
	}
	if len(lhs) == 0 {
		return call
	}
	return strings.Join(lhs, ", ") + " " + op + " " + call
}

// handling returns what is done where the initialisation failed, with err
// for the name of its error.
func (e *extraction) handling(err string, holes map[string][]ast.Node) string {
	if e.failure == nil {
		return "return " + e.otherResults() + err
	}
	holes["handle"] = nodes(e.failure.Body.List)
	e.renameErr(err)
	return "$handle"
}

// localAtSite returns a name for the value: the author's own, where nothing
// outside the guard has it.
func (e *extraction) localAtSite(want string) string {
	clash := e.pkg.Types.Scope().Lookup(want) != nil
	ast.Inspect(e.g.Func.Cur.Node(), func(n ast.Node) bool {
		id, ok := n.(*ast.Ident)
		clash = clash || ok && id.Name == want && !contains(e.g.stmt, id)
		return !clash
	})
	if clash || want == "" {
		return e.pick(e.g.Func)
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
	if e.outerErr() != "" {
		return e.outerErr()
	}
	if len(e.reads) == 0 && e.g.Copy == nil || e.freeAtSite(want) {
		return want // in the scope of the if alone, or nobody else's
	}
	return e.pickFree("initErr")
}

// outerErr returns the name of the error that the block assigns and the code
// around it declared, or "".
func (e *extraction) outerErr() string {
	if e.newErr == nil {
		return ""
	}
	return e.newErr.Name()
}

// errIsHere reports whether a definition in the place of the guard assigns
// the error of the code around it rather than declaring another.
func (e *extraction) errIsHere() bool {
	return e.newErr.Parent() == e.g.scope
}

// freeAtSite reports whether name can be declared in the place of the guard:
// nothing local has it there, and nothing in the same list gets it later.
func (e *extraction) freeAtSite(name string) bool {
	if e.g.scope == nil || e.g.scope.Lookup(name) != nil {
		return false
	}
	_, obj := e.g.scope.LookupParent(name, e.g.stmt.Pos())
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
