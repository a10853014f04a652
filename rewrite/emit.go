package rewrite

import (
	"go/ast"
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
	if e.share(params, args, need, fails) {
		return nil
	}
	key := e.shareKey(params, need, fails)
	fn := e.funcName(need)
	e.success = ", " + e.finalErr()
	out, r := e.build(e.g, e.block, nil, need)
	if r != nil {
		return r
	}
	e.paramNote(e.g, e.moved())
	e.newFunc(fn, params, out, need, fails)
	call := fn + "(" + strings.Join(args, ", ") + ")"
	if e.passesError() && !e.whole {
		return refuse(ControlFlow, e.g.stmt.Pos(), "the error of the initialisation of %s is looked at behind it", e.v.Name())
	}
	e.call(call, out, need, fails)
	e.funcs = append(e.funcs, sharedFunc{fn, key, out})
	return nil
}

// call lets a call of the new function take the place of the guard, or of what
// it guards.
func (e *extraction) call(call string, out *built, need, fails bool) {
	for _, a := range e.reads {
		e.done[a] = true
	}
	if e.whole {
		e.callForGuard(call, out, need, fails)
	} else {
		e.callForBlock(call, need, fails)
	}
}

// funcName returns a free name for the new function.
func (e *extraction) funcName(need bool) string {
	name := upperFirst(e.Singleton.Vars[0].Obj.Name())
	prefixes := []string{"init", "ensure", "fill"}
	if need {
		prefixes = []string{"get", "load", "the"}
	}
	for _, p := range prefixes {
		if freeName(e.pkg, p+name) == p+name && !e.pending[p+name] {
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
	if e.managed {
		e.newManagedFunc(fn, params, doc, out, need)
		return
	}
	fast := "if " + e.isSet() + " {\n" + ret("", "nil") + "\n}"
	if need {
		local, value := out.local, out.local
		if !e.pointer {
			local, value = "p", "*p"
		}
		fast = "if " + local + " := " + name + ".Load(); " + local + " != nil {\n" + ret(value, "nil") + "\n}"
	}
	lines := []string{e.helperMark(), fast, e.mu + ".Lock()", "defer " + e.mu + ".Unlock()", fast, e.errDecl(), out.before, "$block", out.after, ret(out.local, e.finalErr())}
	if !need && !fails {
		lines = lines[:len(lines)-1]
	}
	lines, holes := e.failing(lines, ret)
	e.edit(Edit{Op: InsertAfter, At: e.g.anchor(), Holes: holes,
		Code: doc + "\nfunc " + fn + "(" + strings.Join(params, ", ") + ") " + resultList(results) + " {\n" + joinLines(lines) + "\n}"})
}

// failing returns lines, among which is $block, with what the block does where
// it fails; ret writes a return.
func (e *extraction) failing(lines []string, ret func(value, err string) string) ([]string, map[string][]ast.Node) {
	holes := map[string][]ast.Node{"block": nodes(e.block)}
	if e.failure == nil {
		for _, r := range e.returns {
			last := r.Results[len(r.Results)-1]
			e.edit(Edit{Op: ReplaceStmts, At: r, Code: ret(e.zeroValue(), "$err"), Holes: hole("err", last)})
		}
		return lines, holes
	}
	holes["block"] = nodes(e.block[:e.failureAt()])
	lines = slices.Insert(lines, slices.Index(lines, "$block")+1, "if "+e.err.Name()+" != nil {\n"+ret(e.zeroValue(), e.err.Name())+"\n}")
	if rest := e.block[e.failureAt()+1:]; len(rest) > 0 {
		lines = slices.Insert(lines, slices.Index(lines, "$block")+2, "$rest")
		holes["rest"] = nodes(rest)
	}
	return lines, holes
}

// helperMark returns: t.Helper(), where the enclosing function calls that and
// hands t on, so that failures are still reported where a test called it.
func (e *extraction) helperMark() string {
	for _, c := range e.g.Func.Calls {
		sel, ok := c.Expr.Fun.(*ast.SelectorExpr)
		if !ok || c.Mode != detect.Plain || sel.Sel.Name != "Helper" || len(c.Expr.Args) > 0 {
			continue
		}
		id, ok := sel.X.(*ast.Ident)
		if !ok || c.Obj == nil || c.Obj.Pkg() == nil || c.Obj.Pkg().Path() != "testing" {
			continue
		}
		for _, p := range e.params {
			if e.pkg.Info.Uses[id] == p {
				return e.source(c.Expr, nil)
			}
		}
	}
	return ""
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
