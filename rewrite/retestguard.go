package rewrite

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"github.com/singletonfix/singletonfix/detect"
)

// guard puts the lock and the second test around the block of g: with a
// deferred unlock where little follows, else in a function of its own.
func (x *retest) guard(g *guard) *Refusal {
	again, r := x.secondTest(g)
	if r != nil {
		return r
	}
	inPlace := g.Form == detect.GuardThen && g.body && x.notBrief(g.rest) == nil
	if loads := x.loadsAgain(g, x.guards, x.underLock); len(loads) > 0 {
		if inPlace && len(loads) == 1 && x.throughLocal(g, loads[0]) {
			return nil
		}
		return loadedAgain(loads[0])
	}
	if g.Form == detect.GuardEarly {
		if !g.body {
			return refuse(ControlFlow, g.stmt.Pos(), "the lock taken behind this test would be held beyond what is around it")
		}
		if n := x.notBrief(x.behindStores(g.Block)); n != nil {
			return refuse(ControlFlow, n.Pos(), "%s goes on with %s, and would hold the lock meanwhile", g.Func.Name(), x.v.Name())
		}
		x.edit(Edit{Op: InsertAfter, At: g.stmt, Code: x.lock() + again})
		return nil
	}
	if !inPlace {
		return x.extractGuard(g, again)
	}
	block, holes := x.complete(g)
	x.edit(Edit{Op: ReplaceStmts, At: g.Block[0], Last: lastStmt(g.Block), Code: x.lock() + again + " {\n" + block + "\n}", Holes: holes})
	return nil
}

// underLock reports whether the new lock will be held at a: in what fills the
// atomic, and in a function that only stores it.
func (x *retest) underLock(a *detect.Access) bool {
	return inBlocks(x.guards, a) || !x.tests(a.In) && slices.ContainsFunc(x.v.Accesses, func(w *detect.Access) bool { return w.In == a.In && changes(w) })
}

// complete returns the block of g with the store that goes behind it.
func (x *retest) complete(g *guard) (string, map[string][]ast.Node) {
	block := g.Block
	if x.order[g] != nil {
		block = x.order[g]
	}
	return joinLines([]string{"$block", x.swap[g]}), map[string][]ast.Node{"block": nodes(block)}
}

func (x *retest) lock() string { return x.mu + ".Lock()\ndefer " + x.mu + ".Unlock()\n" }

// secondTest returns the test of g as it stands behind the lock: the whole if
// of an early return, the head of another.
func (x *retest) secondTest(g *guard) (string, *Refusal) {
	f, ok := g.stmt.(*ast.IfStmt)
	if !ok || f.Else != nil || g.Form != detect.GuardThen && g.Form != detect.GuardEarly || unnegated(f.Cond) != unnegated(g.Test) || x.callsMore(f.Cond) {
		return "", refuse(ControlFlow, g.stmt.Pos(), "the test of %s cannot be made twice", x.v.Name())
	}
	if g.Read.Atomic == detect.AtomicSwap {
		return x.loadForSwap(g, f)
	}
	head, def := "if ", f.Init
	inFront := def == nil && g.Copy != nil
	if inFront && g.at > 0 {
		def = g.list[g.at-1]
	}
	if g.Copy != nil || f.Init != nil {
		s, ok := def.(*ast.AssignStmt)
		if !ok || s.Tok != token.DEFINE || !contains(s, g.Read.Expr) || x.callsMore(s) {
			return "", refuse(ControlFlow, g.stmt.Pos(), "the test of %s cannot be made twice", x.v.Name())
		}
		text := x.source(s, nil)
		if inFront {
			text = strings.Replace(text, ":=", "=", 1)
		}
		head += text + "; "
	}
	head += x.source(f.Cond, nil)
	if g.Form == detect.GuardThen {
		return head, nil
	}
	if len(f.Body.List) != 1 || !isReturn(f.Body.List[0]) || x.callsMore(f.Body.List[0]) {
		return "", refuse(ControlFlow, g.stmt.Pos(), "the test of %s cannot be made twice", x.v.Name())
	}
	return head + " {\n" + x.source(f.Body.List[0], nil) + "\n}", nil
}

// callsMore reports whether n calls anything but atomic operations and conversions.
func (x *retest) callsMore(n ast.Node) bool { return x.notBrief([]ast.Node{n}) != nil }

// notBrief returns the first node that calls, or waits for, more than an
// atomic operation and what makes an error; nil if there is none.
func (x *retest) notBrief(list any) ast.Node {
	var all []ast.Node
	switch list := list.(type) {
	case []ast.Node:
		all = list
	case []ast.Stmt:
		all = nodes(list)
	}
	var found ast.Node
	for _, n := range all {
		ast.Inspect(n, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncLit, *ast.SendStmt, *ast.SelectStmt, *ast.ForStmt, *ast.RangeStmt, *ast.DeferStmt, *ast.GoStmt, *ast.LabeledStmt:
				found = n
			case *ast.UnaryExpr:
				if n.Op == token.ARROW {
					found = n
				}
			case *ast.CallExpr:
				if obj := calleeIn(x.pkg.Info, n); !briefCall(x.pkg.Info, n) && (obj == nil || obj.Pkg() == nil || obj.Pkg().Path() != "sync/atomic") {
					found = n
				}
			}
			return found == nil
		})
	}
	return found
}

// behindStores returns the statements of block behind the last one that
// stores the atomic or what it publishes.
func (x *retest) behindStores(block []ast.Stmt) []ast.Stmt {
	last := -1
	for _, v := range x.Singleton.Vars {
		for _, a := range within(v.Accesses, nodes(block)...) {
			if a.Kind == detect.Write {
				last = max(last, stmtAround(block, a.Expr))
			}
		}
	}
	return block[last+1:]
}

// loadForSwap lets a compare-and-swap that decides who fills the value become
// a load in front of the lock and another behind it; the value is there before
// the atomic says so.
func (x *retest) loadForSwap(g *guard, f *ast.IfStmt) (string, *Refusal) {
	call, ok := unnegated(f.Cond).(*ast.CallExpr)
	sel, isMethod := ast.Unparen(call.Fun).(*ast.SelectorExpr)
	if !ok || !isMethod || len(call.Args) != 2 || g.Form != detect.GuardThen || f.Init != nil || slices.ContainsFunc(g.Block, func(s ast.Stmt) bool { return leaves(s) != nil }) {
		return "", refuse(ControlFlow, g.stmt.Pos(), "it is unclear how the swap of %s can be taken apart", x.v.Name())
	}
	test, store := x.v.Obj.Name()+".Load() == "+x.source(call.Args[0], nil), x.v.Obj.Name()+".Store("+x.source(call.Args[1], nil)+")"
	if t := x.pkg.Info.TypeOf(call.Args[0]); t != nil && types.Identical(t.Underlying(), types.Typ[types.Bool]) {
		test = "!" + x.v.Obj.Name() + ".Load()"
		if x.source(call.Args[0], nil) != "false" {
			return "", refuse(ControlFlow, g.stmt.Pos(), "%s says by false that the value is there", x.v.Name())
		}
	}
	if x.source(sel.X, nil) != x.v.Obj.Name() || f.Cond != ast.Expr(call) {
		return "", refuse(ControlFlow, g.stmt.Pos(), "it is unclear how the swap of %s can be taken apart", x.v.Name())
	}
	x.replace(call, test)
	x.swap[g] = store
	x.panicNote(g.fn, g.Block)
	return "if " + test, nil
}

// throughLocal plans a getter whose atomic can be emptied again: it loads it
// once, so that what it returns is what it has found or built. It reports
// whether that can be said of again, which loads it behind the guard.
func (x *retest) throughLocal(g *guard, again *detect.Access) bool {
	store := x.storeStmt(lastStmt(g.Block))
	if g.Copy != nil || store == nil || x.order[g] != nil || len(x.swap) > 0 || !inStmts(g.rest, again.Expr) || len(within(x.v.Accesses, nodes(g.Block)...)) != 1 {
		return false
	}
	load, behind := x.loadCall(g.Read), x.loadCall(again)
	if load == nil || behind == nil || x.source(load, nil) != x.source(behind, nil) {
		return false
	}
	local := (&atomicVar{draft: x.draft}).pick(g.Func)
	text := x.source(load, nil)
	cond := x.source(g.stmt.(*ast.IfStmt).Cond, map[ast.Expr]string{load: local})
	x.edit(Edit{Op: InsertBefore, At: g.stmt, Code: local + " := " + text})
	x.replace(load, local)
	x.replace(behind, local)
	code := x.lock() + "if " + local + " = " + text + "; " + cond + " {\n"
	holes := map[string][]ast.Node{"value": {store.Args[len(store.Args)-1]}}
	if init := g.Block[:len(g.Block)-1]; len(init) > 0 {
		code += "$block\n"
		holes["block"] = nodes(init)
	}
	code += local + " = $value\n" + x.source(store, map[ast.Expr]string{store.Args[len(store.Args)-1]: local}) + "\n}"
	x.edit(Edit{Op: ReplaceStmts, At: g.Block[0], Last: lastStmt(g.Block), Code: code, Holes: holes})
	return true
}

// storeStmt returns the call of s if that is all of it and stores the atomic, else nil.
func (x *retest) storeStmt(s ast.Stmt) *ast.CallExpr {
	e, ok := s.(*ast.ExprStmt)
	if !ok {
		return nil
	}
	call, ok := e.X.(*ast.CallExpr)
	stores := slices.ContainsFunc(within(x.v.Accesses, s), func(a *detect.Access) bool { return a.Atomic == detect.AtomicStore })
	if !ok || !stores || len(call.Args) == 0 {
		return nil
	}
	return call
}

// loadCall returns the call by which a loads the atomic, with the type
// assertion or conversion around it; nil if a is no load.
func (x *retest) loadCall(a *detect.Access) ast.Expr {
	if a.Atomic != detect.AtomicLoad {
		return nil
	}
	for c := range a.Cur.Enclosing((*ast.CallExpr)(nil)) {
		call := c.Node().(*ast.CallExpr)
		if obj := calleeIn(x.pkg.Info, call); obj == nil || obj.Pkg() == nil || obj.Pkg().Path() != "sync/atomic" {
			return nil
		}
		if call.Args != nil { // an unsafe.Pointer, which has to be converted
			return nil
		}
		return call
	}
	return nil
}

// extractGuard moves the block, with the lock and the second test, to a
// function of its own: the lock is then held for nothing else.
func (x *retest) extractGuard(g *guard, again string) *Refusal {
	e := &extraction{atomicVar: &atomicVar{draft: x.draft, mu: x.mu}, g: g, block: g.Block}
	for _, s := range g.Block {
		if n := leaves(s); n != nil || g.Copy != nil {
			return refuse(ControlFlow, s.Pos(), "the initialisation of %s cannot be moved out of %s", x.v.Name(), g.Func.Name())
		}
	}
	if r := e.captured(); r != nil {
		return r
	}
	params, args, r := e.signature()
	if r != nil {
		return r
	}
	if e.newErr != nil {
		return refuse(ControlFlow, g.stmt.Pos(), "the error of the initialisation of %s is looked at behind it", x.v.Name())
	}
	fn := e.funcName(false)
	x.edit(Edit{Op: ReplaceStmts, At: g.Block[0], Last: lastStmt(g.Block), Code: fn + "(" + strings.Join(args, ", ") + ")"})
	block, holes := x.complete(g)
	x.edit(Edit{Op: InsertAfter, At: g.anchor(), Holes: holes,
		Code: "// " + fn + " fills " + x.Singleton.Vars[0].Name() + " if it is empty.\nfunc " + fn + "(" + strings.Join(params, ", ") + ") {\n" + x.lock() + again + " {\n" + block + "\n}\n}"})
	return nil
}
