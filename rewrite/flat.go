package rewrite

import (
	"go/ast"
	"go/types"
	"slices"
	"strings"

	"github.com/singletonfix/singletonfix/detect"
)

// site plans one site: a getter as a whole, or a guard in the middle of a
// longer function.
func (x *atomicVar) site(g *guard) *Refusal {
	for _, a := range x.in(g.Test) {
		x.done[a] = true
	}
	if len(g.Calls) > 0 && len(x.in(nodes(g.Block)...)) == 0 {
		return x.helperSite(g)
	}
	if tail, ok := x.flatTail(g); ok {
		return x.flat(g, tail, nil)
	}
	return x.extract(g)
}

// A tail is what a getter does once the variable is filled.
type tail struct {
	stmts []ast.Stmt // behind the guard, to stay where they are; empty in an early return
	ret   *ast.ReturnStmt
	reads []*detect.Access
}

// flatTail returns what g's function does with the filled variable, if that
// is no more than to return: then the lock may be held until it does.
func (x *atomicVar) flatTail(g *guard) (tail, bool) {
	if !g.plain || !g.body || g.Copy != nil || g.Func.Body() == nil {
		return tail{}, false
	}
	var t tail
	switch g.Form {
	case detect.GuardEarly:
		if len(g.early) != 1 {
			return tail{}, false
		}
		ret, ok := g.early[0].(*ast.ReturnStmt)
		if !ok {
			return tail{}, false
		}
		t.ret = ret
	case detect.GuardThen, detect.GuardCase:
		if len(g.rest) > 1 {
			return tail{}, false
		}
		if len(g.rest) == 1 {
			ret, ok := g.rest[0].(*ast.ReturnStmt)
			if !ok {
				return tail{}, false
			}
			t.ret, t.stmts = ret, g.rest
		}
	default:
		return tail{}, false
	}
	if t.ret != nil && (hasCall(t.ret) || x.collides(g, t)) {
		return tail{}, false
	}
	if t.ret != nil {
		t.reads = x.in(t.ret)
	}
	return t, true
}

// collides reports whether a name that the block declares is taken where the
// block's statements will stand.
func (x *atomicVar) collides(g *guard, t tail) bool {
	if g.Form == detect.GuardEarly {
		return false // they stay in their scope
	}
	outer := x.pkg.Info.Scopes[g.Func.Type()]
	for _, name := range declaredIn(x.pkg.Info, g.Block) {
		if outer.Lookup(name) != nil {
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

// flat emits the getter: fast path, lock, second test, block, tail. With
// helper, the block calls a function that fills the variable.
func (x *atomicVar) flat(g *guard, t tail, helper *detect.Func) *Refusal {
	for _, a := range t.reads {
		x.done[a] = true
	}
	scope := x.pkg.Info.Scopes[g.Func.Type()]
	last := g.Stmt
	if len(g.rest) > 0 {
		last = g.rest[len(g.rest)-1]
	}
	if g.Form == detect.GuardEarly {
		last = g.Block[len(g.Block)-1]
	}
	out := &built{}
	if helper == nil {
		var r *Refusal
		need := len(t.reads) > 0 && g.Form != detect.GuardEarly || len(x.in(nodes(g.Block)...)) > 1
		if out, r = x.build(g.Func, g.Block, scope, need); r != nil {
			return r
		}
	}
	for _, a := range within(x.v.Accesses, nodes(t.stmts)...) {
		if out.local == "" {
			x.replace(a.Expr, x.load())
		} else {
			x.replace(a.Expr, out.local)
		}
	}
	x.paramNote(g, g.Block)
	fast := x.fastPath(g, t, out.local)
	lines := []string{fast, x.mu + ".Lock()", "defer " + x.mu + ".Unlock()", fast, out.before, "$block", out.after, "$tail"}
	holes := map[string][]ast.Node{"block": nodes(g.Block), "tail": nodes(t.stmts)}
	if len(t.stmts) == 0 {
		lines = lines[:len(lines)-1]
		delete(holes, "tail")
	}
	lines = slices.DeleteFunc(lines, func(s string) bool { return s == "" })
	x.edit(Edit{Op: ReplaceStmts, At: g.Stmt, Last: last, Code: strings.Join(lines, "\n"), Holes: holes})
	return nil
}

// fastPath returns: if v := x.Load(); v != nil { return v }.
func (x *atomicVar) fastPath(g *guard, t tail, local string) string {
	name := x.v.Obj.Name()
	ret := "return"
	if t.ret != nil && len(t.reads) == 0 {
		ret = x.source(t.ret, nil)
	}
	if len(t.reads) == 0 {
		return "if " + name + ".Load() != nil {\n" + ret + "\n}"
	}
	if !x.pointer {
		local = "p"
	} else if local == "" {
		local = x.pick(g.Func, nil)
	}
	for names(t.ret)[local] {
		local += "1"
	}
	value := local
	if !x.pointer {
		value = "*" + local
	}
	with := make(map[ast.Expr]string)
	for _, a := range t.reads {
		with[a.Expr] = value
	}
	return "if " + local + " := " + name + ".Load(); " + local + " != nil {\n" + x.source(t.ret, with) + "\n}"
}
