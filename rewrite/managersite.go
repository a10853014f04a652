package rewrite

import (
	"go/ast"
	"go/types"
	"slices"
	"strings"

	"github.com/singletonfix/singletonfix/detect"
)

// managedSite plans one site of a managed value: a getter becomes one
// statement, and what stands in the middle of a longer function a call.
func (x *atomicVar) managedSite(g *guard) *Refusal {
	if len(g.Calls) > 0 {
		return x.managedHelper(g)
	}
	x.returns, x.success = true, ""
	defer func() { x.returns, x.success = false, "" }()
	if t, ok := x.flatTail(g); ok && x.handsOut(g, t) {
		return x.managedGetter(g, t)
	}
	if !leavesAny(g.Block) {
		return x.managedInline(g)
	}
	x.extracted = true
	defer func() { x.extracted = false }()
	return x.extract(g)
}

// handsOut reports whether g's function returns the value, or the value and
// an error, and nothing else.
func (x *atomicVar) handsOut(g *guard, t tail) bool {
	results := g.Func.Type().Results
	if t.ret == nil || results == nil || len(results.List) != len(t.ret.Results) || len(t.reads) != 1 || ast.Unparen(t.ret.Results[0]) != t.reads[0] {
		return false
	}
	for _, field := range results.List {
		if len(field.Names) > 1 || len(field.Names) == 1 && g.first() != g.Func.Body().List[0] {
			return false // assigned, perhaps, before the test
		}
	}
	if !types.Identical(x.pkg.Info.TypeOf(results.List[0].Type), x.typeOf()) {
		return false
	}
	switch len(results.List) {
	case 1:
		return true
	case 2:
		return isError(x.pkg.Info.TypeOf(results.List[1].Type)) && isZero(x.pkg.Info, t.ret.Results[1])
	}
	return false
}

// managedGetter emits: return x.Get(func() T { BLOCK }).
func (x *atomicVar) managedGetter(g *guard, t tail) *Refusal {
	method, results := "Get", x.typ
	if len(t.ret.Results) > 1 {
		method, results, x.success = "GetErr", "("+x.typ+", error)", ", nil"
	}
	block := x.withoutReturn(g, t)
	last := lastOf(g, t.ret)
	for _, a := range x.in(g.stmt, &span{g.stmt.Pos(), last.End()}) {
		if !inStmts(block, a.Expr) {
			x.done[a] = true
		}
	}
	x.paramNote(g, g.Block)
	if x.soleCallOf(g, block) == nil {
		results = x.namedResults(g, block, results)
	}
	build, holes, r := x.managedBuilder(g, block, results)
	if r != nil {
		return r
	}
	x.edit(Edit{Op: ReplaceStmts, At: g.first(), Last: last, Code: "return " + x.self() + "." + method + "(" + build + ")", Holes: holes})
	return nil
}

// namedResults returns the results of the function that block becomes: those
// of g's function by name where the block uses a name, else results.
func (x *atomicVar) namedResults(g *guard, block []ast.Stmt, results string) string {
	var named []string
	used := false
	for _, field := range g.Func.Type().Results.List {
		for _, name := range field.Names {
			used = used || slices.ContainsFunc(block, func(s ast.Stmt) bool { return uses(x.pkg.Info, s, x.pkg.Info.Defs[name]) })
			named = append(named, name.Name+" "+x.source(field.Type, nil))
		}
	}
	if !used {
		return results
	}
	return "(" + strings.Join(named, ", ") + ")"
}

// withoutReturn returns g's block without a return at its end that does what
// the getter does with a filled variable.
func (x *atomicVar) withoutReturn(g *guard, t tail) []ast.Stmt {
	last := g.Block[len(g.Block)-1]
	if ret, ok := last.(*ast.ReturnStmt); ok && len(g.Block) > 1 && x.source(ret, nil) == x.source(t.ret, nil) && len(x.valuesIn(g, ret)) == 1 {
		for _, a := range x.in(ret) {
			x.done[a] = true
		}
		return g.Block[:len(g.Block)-1]
	}
	return g.Block
}

// managedInline emits: v := x.Get(func() T { BLOCK }), or the call alone where
// the code behind does not need the value.
func (x *atomicVar) managedInline(g *guard) *Refusal {
	e := &extraction{atomicVar: x, g: g, block: g.Block, whole: g.plain}
	early := g.plain && g.Form == detect.GuardEarly && g.body && g.Func.Type().Results == nil && len(g.early) == 1 && g.Copy == nil
	if !early {
		if r := e.movable(); r != nil {
			return r
		}
		if r := e.readsBehind(); r != nil {
			return r
		}
	}
	x.paramNote(g, g.Block)
	build, holes, r := x.managedBuilder(g, g.Block, x.typ)
	if r != nil {
		return r
	}
	call := x.self() + ".Get(" + build + ")"
	switch {
	case early:
		x.edit(Edit{Op: ReplaceStmts, At: g.stmt, Last: lastStmt(g.list), Code: call, Holes: holes})
		return nil
	case !e.whole:
		return e.managedPart(call, holes)
	case g.Copy != nil:
		e.local = g.Copy.Name()
	case len(e.reads) > 0:
		e.local = x.pick(g.Func)
	}
	for _, a := range e.reads {
		e.done[a] = true
	}
	e.finishCall(e.assigning(call, "", ":="), holes)
	return nil
}

// managedPart emits the call in the place of the block of a guard that tests more.
func (e *extraction) managedPart(call string, holes map[string][]ast.Node) *Refusal {
	if e.g.Copy != nil || e.g.Form != detect.GuardThen {
		return refuse(ControlFlow, e.g.stmt.Pos(), "the test of %s decides about more than its initialisation", e.v.Name())
	}
	now := e.load()
	if len(e.reads) > 0 {
		// One value for the test and for what is done with it: a reset may come in between.
		e.local = e.pick(e.g.Func)
		e.edit(Edit{Op: InsertBefore, At: e.g.first(), Code: e.local + " := " + now})
		now, call = e.local, e.local+" = "+call
	}
	for _, a := range e.reads {
		e.done[a] = true
		e.replace(a.Expr, e.local)
	}
	e.replace(e.g.Read.Expr, now)
	e.edit(Edit{Op: ReplaceStmts, At: e.g.Block[0], Last: lastStmt(e.g.Block), Code: call, Holes: holes})
	return nil
}

// managedBuilder returns the function that builds the value, as the argument
// of Get: f for a block that is x = f(), else a literal around the block.
func (x *atomicVar) managedBuilder(g *guard, block []ast.Stmt, results string) (string, map[string][]ast.Node, *Refusal) {
	if call := x.soleCallOf(g, block); call != nil {
		for _, a := range x.in(nodes(block)...) {
			x.done[a] = true
		}
		if f := x.plainBuilder(call); f != nil {
			return x.source(f, nil), nil, nil
		}
		return "func() " + results + " {\nreturn $call\n}", hole("call", call), nil
	}
	out, r := x.build(g, block, nil, false)
	if r != nil {
		return "", nil, r
	}
	return "func() " + results + " {\n" + joinLines([]string{out.before, "$block", out.after}) + "\n}", map[string][]ast.Node{"block": nodes(block)}, nil
}

// soleCallOf returns the call where all that the block does is x = f(), or
// v, err := f() with err returned and x assigned v behind, or x, err = f()
// with err returned; nil if it does more.
func (x *atomicVar) soleCallOf(g *guard, block []ast.Stmt) *ast.CallExpr {
	s, ok := block[0].(*ast.AssignStmt)
	if !ok || len(s.Rhs) != 1 || g.Copy != nil {
		return nil
	}
	call, ok := ast.Unparen(s.Rhs[0]).(*ast.CallExpr)
	if !ok {
		return nil
	}
	if x.success == "" {
		direct := len(block) == 1 && len(s.Lhs) == 1 && len(x.in(s)) == 1 && x.in(s)[0].Expr == s.Lhs[0] && types.Identical(x.pkg.Info.TypeOf(call), x.typeOf())
		if direct {
			return call
		}
		return nil
	}
	if len(s.Lhs) != 2 || len(block) < 2 || !x.returnsPair(call) {
		return nil
	}
	value, isName := s.Lhs[0].(*ast.Ident)
	failed, isErr := s.Lhs[1].(*ast.Ident)
	if !isName || !isErr || !x.ownOf(g, failed) || !x.passesFailure(block[1], failed) {
		return nil
	}
	behind := block[2:]
	if in := x.in(s); len(in) != 1 || in[0].Expr != s.Lhs[0] {
		if !x.ownOf(g, value) || len(behind) == 0 {
			return nil
		}
		end, ok := behind[0].(*ast.AssignStmt)
		if !ok || len(end.Lhs) != 1 || len(x.in(end)) != 1 || x.in(end)[0].Expr != end.Lhs[0] || !isNamed(end.Rhs[0], value.Name) {
			return nil
		}
		behind = behind[1:]
	}
	if len(behind) > 1 {
		return nil
	}
	if len(behind) == 1 {
		ret, ok := behind[0].(*ast.ReturnStmt)
		if !ok || len(ret.Results) != 2 || !isNamed(ret.Results[0], value.Name) && len(x.in(ret.Results[0])) == 0 || !isZero(x.pkg.Info, ret.Results[1]) {
			return nil
		}
	}
	return call
}

// ownOf reports whether name is declared here, or is a result of g's function:
// nothing but the block and what it returns looks at it.
func (x *atomicVar) ownOf(g *guard, name *ast.Ident) bool {
	if x.pkg.Info.Defs[name] != nil {
		return true
	}
	results := g.Func.Type().Results
	obj := x.pkg.Info.Uses[name]
	return obj != nil && results != nil && results.Pos() <= obj.Pos() && obj.Pos() < results.End()
}

func isNamed(e ast.Expr, name string) bool {
	id, ok := ast.Unparen(e).(*ast.Ident)
	return ok && id.Name == name
}

// returnsPair reports whether call returns a value of the variable's type,
// nil where it fails, and an error.
func (x *atomicVar) returnsPair(call *ast.CallExpr) bool {
	tuple, ok := x.pkg.Info.TypeOf(call).(*types.Tuple)
	if !ok || tuple.Len() != 2 || !isError(tuple.At(1).Type()) || !types.Identical(tuple.At(0).Type(), x.typeOf()) {
		return false
	}
	_, failure := x.newFilling(x.v.Obj, x.kind, 0).tuple(call)
	return failure == empty
}

// passesFailure reports whether s is: if err != nil { return nil, err }.
func (x *atomicVar) passesFailure(s ast.Stmt, err *ast.Ident) bool {
	f, ok := s.(*ast.IfStmt)
	if !ok || f.Init != nil || f.Else != nil || len(f.Body.List) != 1 {
		return false
	}
	cond, ok := f.Cond.(*ast.BinaryExpr)
	if !ok || x.source(cond, nil) != err.Name+" != nil" {
		return false
	}
	ret, ok := f.Body.List[0].(*ast.ReturnStmt)
	return ok && len(ret.Results) == 2 && isZero(x.pkg.Info, ret.Results[0]) && isNamed(ret.Results[1], err.Name)
}

// plainBuilder returns f of the call f(), where f is a function of the
// package or of another one and the call has no arguments; else nil.
func (x *atomicVar) plainBuilder(call *ast.CallExpr) ast.Expr {
	f, ok := calleeIn(x.pkg.Info, call).(*types.Func)
	if !ok || len(call.Args) > 0 || f.Signature().Recv() != nil || f.Signature().TypeParams() != nil || f.Signature().Params().Len() > 0 {
		return nil
	}
	return call.Fun
}

// returnsRight proves of a block that becomes a function of its own that what
// it returns is what it left in the variable, unless it failed before.
func (b *building) returnsRight() *Refusal {
	for _, ret := range b.fl.returns() {
		if b.extracted {
			if b.fl.exits[ret] != empty {
				return refuse(ControlFlow, ret.Pos(), "%s keeps its value although a later step of its initialisation fails here", b.v.Name())
			}
			continue // becomes another return
		}
		if len(ret.Results) == 0 || len(ret.Results) > 2 || len(ret.Results) == 2 && b.success == "" {
			return refuse(ControlFlow, ret.Pos(), "the initialisation of %s leaves %s here", b.v.Name(), b.g.Func.Name())
		}
		nothing := isZero(b.pkg.Info, ret.Results[0])
		failed := len(ret.Results) == 2 && !isZero(b.pkg.Info, ret.Results[1])
		itself := isNamed(ret.Results[0], b.local) || slices.ContainsFunc(b.reads, func(a *detect.Access) bool { return a.Expr == ast.Unparen(ret.Results[0]) })
		switch st := b.fl.exits[ret]; {
		case st == empty && (nothing || itself):
		case st == maybe && itself, st.has() && itself && !failed:
		case st.has() && failed:
			return refuse(ControlFlow, ret.Pos(), "%s keeps its value although a later step of its initialisation fails here", b.v.Name())
		default:
			return refuse(ControlFlow, ret.Pos(), "what is returned here is not what %s is filled with", b.v.Name())
		}
	}
	return nil
}

// newManagedFunc emits the function that returns what the manager has.
func (e *extraction) newManagedFunc(fn string, params []string, doc string, out *built, need bool) {
	ret := func(value, err string) string { return "return " + value + ", " + err }
	lines := []string{e.helperMark(), "", e.errDecl(), out.before, "$block", out.after, "})"}
	results := "(" + e.typ + ", error)"
	lines[1] = e.self() + ".GetErr(func() " + results + " {"
	if need {
		lines[1] = "return " + lines[1]
	} else {
		lines[1] = "_, err := " + lines[1]
		lines, results = append(lines, "return err"), "error"
	}
	lines, holes := e.failing(lines, ret)
	e.edit(Edit{Op: InsertAfter, At: e.g.anchor(), Holes: holes,
		Code: doc + "\nfunc " + fn + "(" + strings.Join(params, ", ") + ") " + results + " {\n" + joinLines(lines) + "\n}"})
}
