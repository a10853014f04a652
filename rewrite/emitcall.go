package rewrite

import (
	"go/ast"
	"go/types"
	"strings"

	"github.com/singletonfix/singletonfix/detect"
)

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
		if op == ":=" && err == e.outerErr() {
			e.dropErrDecl()
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

// dropErrDecl deletes the declaration of the error of the code around, where
// it stood there for the sake of the block and the call now declares it.
func (e *extraction) dropErrDecl() {
	around := &building{atomicVar: e.atomicVar, block: e.g.list}
	if decl := around.soleDecl(e.newErr, e.g.first()); decl != nil {
		e.edit(Edit{Op: Delete, At: decl})
	}
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
	if e.g.Copy != nil {
		return e.g.Copy.Name() // which the code behind the guard uses
	}
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
