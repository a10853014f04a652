package rewrite

import (
	"cmp"
	"go/ast"
	"go/types"
	"slices"

	"github.com/singletonfix/singletonfix/detect"
)

// site plans one site: a getter as a whole, or a guard in the middle of a
// longer function.
func (x *atomicVar) site(g *guard) *Refusal {
	x.done[g.Read] = true
	if x.managed {
		return x.managedSite(g)
	}
	if len(g.Calls) > 0 {
		for _, a := range x.in(nodes(g.Block)...) {
			if a.Kind != detect.Read {
				return refuse(ControlFlow, a.Pos(), "%s is filled here, and by a function that is called here too", x.v.Name())
			}
		}
		return x.helperSite(g)
	}
	if t, ok := x.flatTail(g); ok {
		return x.flat(g, t, "")
	}
	return x.extract(g)
}

// A tail is what a getter does once the variable is filled.
type tail struct {
	stmts []ast.Stmt // behind the guard, to stay where they are
	ret   *ast.ReturnStmt
	reads []ast.Expr // of the variable, or of the copy that was tested, in ret
}

// flatTail returns what g's function does with the filled variable, if that
// is no more than to return: then the lock may be held until it does.
func (x *atomicVar) flatTail(g *guard) (tail, bool) {
	if !g.plain || !g.body {
		return tail{}, false
	}
	var t tail
	var last []ast.Stmt
	switch g.Form {
	case detect.GuardEarly:
		last = g.early
	case detect.GuardElse:
		last = g.early
		t.stmts = g.rest
	default:
		last = g.rest
		t.stmts = g.rest
	}
	if len(last) > 1 || g.early != nil && len(last) == 0 || len(t.stmts) > 1 {
		return tail{}, false
	}
	if len(last) == 1 {
		ret, ok := last[0].(*ast.ReturnStmt)
		if !ok || !isPlain(ret) || x.collides(g) || x.readsOthers(g, ret) {
			return tail{}, false
		}
		t.ret = ret
		t.reads = x.valuesIn(g, ret)
	}
	return t, true
}

// isPlain reports whether ret returns nothing that has to be built or
// called: it is cheap, and reads well, in more than one place.
func isPlain(ret *ast.ReturnStmt) bool {
	plain := !hasCall(ret)
	ast.Inspect(ret, func(n ast.Node) bool {
		if lit, ok := n.(*ast.CompositeLit); ok && len(lit.Elts) > 0 {
			plain = false
		}
		return plain
	})
	return plain
}

// valuesIn returns the expressions in n that stand for the value: reads of
// the variable, and of the copy of it that g tests.
func (x *atomicVar) valuesIn(g *guard, n ast.Node) []ast.Expr {
	var values []ast.Expr
	for _, a := range x.in(n) {
		values = append(values, a.Expr)
	}
	if g.Copy == nil {
		return values
	}
	ast.Inspect(n, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok && x.pkg.Info.Uses[id] == g.Copy {
			values = append(values, id)
		}
		return true
	})
	return values
}

// readsOthers reports whether n mentions a package variable outside the
// singleton that is assigned elsewhere at run time: a fix of that one would
// have to reach the copies that are made of n.
func (x *atomicVar) readsOthers(g *guard, n ast.Node) bool {
	for _, v := range x.fx.Vars {
		if slices.ContainsFunc(x.Singleton.Vars, func(w *detect.Variable) bool { return w.Obj == v.Obj }) {
			continue
		}
		if len(within(v.Accesses, n)) > 0 && slices.ContainsFunc(v.Accesses, func(a *detect.Access) bool { return a.Kind != detect.Read && !inStmts(g.Block, a.Expr) }) {
			return true
		}
	}
	return false
}

// collides reports whether a name that the block declares is taken where the
// block's statements will stand.
func (x *atomicVar) collides(g *guard) bool {
	if g.Form == detect.GuardEarly || x.managed {
		return false // they stay in their scope
	}
	outer := x.pkg.Info.Scopes[g.Func.Type()]
	for _, name := range declaredIn(x.pkg.Info, g.Block) {
		if outer.Lookup(name) != nil || name == x.v.Obj.Name() || name == x.mu {
			return true
		}
	}
	return false
}

// declaredIn returns the names that statements declare in their own list.
func declaredIn(info *types.Info, stmts []ast.Stmt) []string {
	var all []string
	add := func(id *ast.Ident) {
		if info.Defs[id] != nil {
			all = append(all, id.Name)
		}
	}
	for _, s := range stmts {
		switch s := s.(type) {
		case *ast.AssignStmt:
			for _, lhs := range s.Lhs {
				if id, ok := lhs.(*ast.Ident); ok {
					add(id)
				}
			}
		case *ast.DeclStmt:
			ast.Inspect(s, func(n ast.Node) bool {
				if id, ok := n.(*ast.Ident); ok {
					add(id)
				}
				_, isFunc := n.(*ast.FuncLit)
				return !isFunc
			})
		}
	}
	return all
}

// flat emits the getter: fast path, lock, second test, block, tail. Where
// call is given, it stands for the block: a function that fills the variable.
func (x *atomicVar) flat(g *guard, t tail, call string) *Refusal {
	out := &built{}
	if g.Form != detect.GuardEarly && len(g.Block) > 0 && terminates(lastStmt(g.Block)) {
		t.stmts = nil // nothing comes there from the block
	}
	if len(g.Calls) == 0 {
		var r *Refusal
		need := g.Form != detect.GuardEarly && len(t.reads) > 0 && len(t.stmts) > 0
		if out, r = x.build(g, g.Block, x.pkg.Info.Scopes[g.Func.Type()], need); r != nil {
			return r
		}
	}
	if g.Form != detect.GuardEarly {
		for _, s := range t.stmts {
			for _, e := range x.valuesIn(g, s) {
				x.replace(e, x.valueNow(out.local))
			}
		}
	}
	for _, a := range x.in(append(nodes(g.rest), nodes(g.early)...)...) {
		x.done[a] = true
	}
	last := ast.Stmt(g.stmt)
	if len(g.rest) > 0 {
		last = g.rest[len(g.rest)-1]
	}
	if g.Form == detect.GuardEarly {
		last = g.Block[len(g.Block)-1]
	}
	x.paramNote(g, g.Block)
	head, with := x.fastPath(g, t, out.local)
	again := "return"
	if t.ret != nil {
		again = x.source(t.ret, with)
	}
	first := again
	if g.early != nil {
		first = "$early"
		for _, e := range t.reads {
			x.replace(e, with[e])
		}
	}
	lines := append([]string{head + "\n" + first + "\n}"}, x.lockLines()...)
	lines = append(lines, head+"\n"+again+"\n}", x.gap(g), out.before, cmp.Or(call, "$block"), out.after)
	holes := map[string][]ast.Node{}
	if g.early != nil {
		holes["early"] = nodes(g.early)
	}
	if call == "" {
		holes["block"] = nodes(g.Block)
	}
	if len(t.stmts) > 0 {
		lines = append(lines, "$tail")
		holes["tail"] = nodes(t.stmts)
	}
	x.edit(Edit{Op: ReplaceStmts, At: g.first(), Last: last, Code: joinLines(lines), Holes: holes})
	return nil
}
