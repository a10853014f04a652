package rewrite

import (
	"go/ast"
	"go/types"
	"slices"

	"github.com/singletonfix/singletonfix/detect"
)

// lockPlainly takes the lock around a region of which nothing leaves and
// nothing can panic, so that it needs no defer; it reports whether it could.
// A look-up in front of other statements moves behind them, as they may well
// take long, or panic:
//
//	n := parse(s)
//	mu.Lock()
//	p := pools[name]
//	if p == nil {
//		p = &Pool{size: n}
//		pools[name] = p
//	}
//	mu.Unlock()
func (g *registry) lockPlainly(r *region) bool {
	first, last := r.list[r.first], r.list[r.last]
	moves := r.last-r.first > 1 && g.mayMoveDown(r)
	inside := r.stmts()
	if moves {
		inside = []ast.Stmt{first, last}
	}
	if leavesAny(inside) || g.mayPanicAt(r.all) || !g.tame(r.f, inside) {
		return false
	}
	at := first
	if moves {
		at = last
	}
	code := g.mu + ".Lock()"
	if moves {
		code += "\n" + g.source(first, nil)
		g.edit(Edit{Op: Delete, At: first})
	}
	g.edit(Edit{Op: InsertBefore, At: at, Code: code})
	g.edit(Edit{Op: InsertAfter, At: last, Code: g.mu + ".Unlock()"})
	return true
}

// mayMoveDown reports whether the first statement of r is a look-up that may
// as well come in front of the last: those in between neither use its results
// nor the map, and change nothing that its key is made of.
func (g *registry) mayMoveDown(r *region) bool {
	s, ok := r.list[r.first].(*ast.AssignStmt)
	if !ok || len(s.Rhs) != 1 || hasCall(s.Rhs[0]) || len(within(r.all, s)) != 1 {
		return false
	}
	between := r.list[r.first+1 : r.last]
	for _, t := range between {
		if leaves(t) != nil || g.touches(r.f, t) || g.changesKey(s.Rhs[0], t) {
			return false
		}
	}
	return !slices.ContainsFunc(s.Lhs, func(lhs ast.Expr) bool {
		v := g.localOf(lhs)
		return v == nil || slices.ContainsFunc(between, func(t ast.Stmt) bool { return uses(g.pkg.Info, t, v) })
	})
}

// changesKey reports whether s may change what the look-up's key is made of:
// it assigns one of its variables, or may reach through one of them.
func (g *registry) changesKey(lookUp ast.Expr, s ast.Stmt) bool {
	changed := false
	ast.Inspect(lookUp, func(n ast.Node) bool {
		id, ok := n.(*ast.Ident)
		if !ok {
			return true
		}
		v, ok := g.pkg.Info.Uses[id].(*types.Var)
		if !ok || v.IsField() || g.fx.Variable(v) == g.v {
			return true
		}
		_, basic := v.Type().Underlying().(*types.Basic)
		changed = changed || v.Parent() == g.pkg.Types.Scope() || !basic && uses(g.pkg.Info, s, v) || assignedIn(g.pkg.Info, v, []ast.Stmt{s}, s.Pos()-1)
		return true
	})
	return changed
}

// tame reports whether nothing that stmts run is unknown or may panic: all
// that they call is quick, or a function of this package of which that holds.
func (g *registry) tame(f *detect.Func, stmts []ast.Stmt) bool {
	for _, n := range runHere(g.fx, stmts) {
		wild := false
		inspectHere(n, func(n ast.Node) bool {
			e, ok := n.(ast.Expr)
			wild = wild || ok && g.isWild(e)
			return !wild
		})
		if wild {
			return false
		}
	}
	return true
}

// isWild reports whether e, by itself, calls what is not known, waits or may panic.
func (g *registry) isWild(e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.CallExpr:
		fun, _ := calleeIn(g.pkg.Info, e).(*types.Func)
		return g.fx.Declared(fun) == nil && isWork(g.pkg.Info, e) && !g.convertsUnseen(e)
	case *ast.IndexExpr:
		t := g.pkg.Info.TypeOf(e.X)
		if t == nil {
			return true
		}
		_, isMap := t.Underlying().(*types.Map)
		return !isMap && !g.pkg.Info.Types[e].IsType()
	case *ast.SliceExpr, *ast.StarExpr:
		return !g.pkg.Info.Types[e].IsType()
	case *ast.BinaryExpr:
		return e.Op.String() == "/" || e.Op.String() == "%"
	}
	return isWork(g.pkg.Info, e)
}

// convertsUnseen reports whether call converts to a type of a package that was
// not loaded: pkg.T(x), with pkg.T the type of a field or parameter elsewhere.
func (g *registry) convertsUnseen(call *ast.CallExpr) bool {
	sel, ok := call.Fun.(*ast.SelectorExpr)
	if !ok || len(call.Args) != 1 || calleeIn(g.pkg.Info, call) != nil {
		return false
	}
	name := g.source(sel, nil)
	for cur := range g.fx.Insp.Root().Preorder((*ast.Field)(nil)) {
		typ := cur.Node().(*ast.Field).Type
		if star, ok := typ.(*ast.StarExpr); ok {
			typ = star.X
		}
		if other, ok := typ.(*ast.SelectorExpr); ok && g.pkg.File(other.Pos()) == g.pkg.File(sel.Pos()) && g.source(other, nil) == name {
			return true
		}
	}
	return false
}
