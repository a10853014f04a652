package rewrite

import (
	"go/ast"
	"go/types"
	"slices"

	"github.com/singletonfix/singletonfix/detect"
)

// collect finds the accesses that need the lock, by function.
func (g *registry) collect() *Refusal {
	seen := make(map[*detect.Access]bool)
	for _, v := range g.vars {
		for _, a := range v.Accesses {
			if seen[a] || g.own && g.isHeld(a) || early(a) || g.inner[a.In] {
				continue
			}
			seen[a] = true
			if a.In == nil || a.In.Body() == nil {
				return refuse(InitOrder, a.Pos(), "%s is used while the package is initialised", v.Name())
			}
			g.byFunc[a.In] = append(g.byFunc[a.In], a)
		}
	}
	for _, all := range g.byFunc {
		slices.SortFunc(all, func(a, b *detect.Access) int { return int(a.Pos() - b.Pos()) })
	}
	return nil
}

// isHeld reports whether the author's mutex is held at a in the way that a
// needs it: for writing also where a look-up decides about a store.
func (g *registry) isHeld(a *detect.Access) bool {
	write := changes(a)
	for _, s := range g.Singleton.Sites {
		if s.Read == a && s.Inner == nil && g.Singleton.Pattern == "missing-recheck" {
			return false // given up before the store
		}
		write = write || s.Read == a && s.Inner == nil
	}
	return a.Held.Holds(g.lock, write)
}

// usesIn returns the accesses that f makes to the maps, itself or by what only it calls.
func (g *registry) usesIn(f *detect.Func) []*detect.Access {
	var all []*detect.Access
	reached := reachOf(g.fx, f.Body())
	for _, v := range g.vars {
		for _, a := range v.Accesses {
			if a.In == f || reached.funcs[a.In] {
				all = append(all, a)
			}
		}
	}
	return all
}

// mayPanicAt reports whether one of the accesses, all made to maps, slices
// and arrays, may itself panic: an unlock behind it would be left out.
func (g *registry) mayPanicAt(all []*detect.Access) bool {
	for _, a := range all {
		var m *types.Map
		switch t := g.pkg.Info.TypeOf(a.Expr).Underlying().(type) {
		case *types.Map:
			m = t
		case *types.Slice, *types.Array:
			return true // an index out of range
		default:
			continue
		}
		if key, ok := m.Key().Underlying().(*types.Interface); ok && key.Empty() {
			return true // a key that cannot be compared
		}
		v := g.variableOf(a)
		made := v.Declared() != nil || slices.ContainsFunc(v.Accesses, func(b *detect.Access) bool { return b.Phase == detect.Initial && b.Kind == detect.Write })
		if a.Kind == detect.Element && !made {
			return true // a store in a nil map
		}
	}
	return false
}

// lockOrder proves that no lock that is held where one function takes the
// mutex is taken by another one under it.
func (g *registry) lockOrder() *Refusal {
	for _, a := range g.held {
		others := slices.DeleteFunc(slices.Clone(g.takes), func(mu *types.Var) bool { return mu == g.author })
		if held, ok := g.firstOf(g.heldAt(a), others); ok {
			return refuse(LockOrder, a.Pos(), "%s may be held here, and is also taken while %s is held", held.Name(), g.mu)
		}
	}
	return nil
}

// ordered proves that the lock can be taken for no more than a look-up.
func (g *registry) ordered(r *region) *Refusal {
	g.held = append(g.held, r.all...)
	if ref := g.free(r.f, nil, r.all); ref != nil {
		return ref
	}
	return g.oneOrder(r.f, nil, r.all)
}

// sound proves that nothing that runs in the region waits for the lock, or
// for someone who does.
func (g *registry) sound(r *region) *Refusal {
	g.held = append(g.held, r.all...)
	g.takes = append(g.takes, g.locksTaken(r.f, r.stmts())...)
	for _, check := range []func(*detect.Func, []ast.Stmt, []*detect.Access) *Refusal{g.free, g.comesBack, g.oneOrder} {
		if ref := check(r.f, r.stmts(), r.all); ref != nil {
			return ref
		}
	}
	if n := g.callsBack(r.f, r.stmts()); n != nil {
		return refuse(Reentrant, n.Pos(), "%s calls a function here that is not known, which may come back to %s and wait for the lock", r.f.Name(), g.v.Name())
	}
	g.mayBlock(r)
	return nil
}

// mayBlock marks the plan for a reviewer's eye where those who now wait for
// the lock wait for something outside the program, and did not before.
func (g *registry) mayBlock(r *region) {
	stmts, who := r.stmts(), "callers for other keys"
	if !isRegistry(g.Singleton) {
		stmts, who = g.besideSites(stmts), "others" // what fills it was waited for already
	}
	if call := g.blocking(&guard{Site: &detect.Site{Func: r.f, Block: stmts}}); call != "" {
		g.Review = true
		g.note(call + " may block: " + who + " now wait for it as well")
	}
}

// besideSites returns those of stmts that are no part of a site.
func (g *registry) besideSites(stmts []ast.Stmt) []ast.Stmt {
	return slices.DeleteFunc(slices.Clone(stmts), func(stmt ast.Stmt) bool {
		return slices.ContainsFunc(g.Singleton.Sites, func(s *detect.Site) bool {
			return contains(stmt, s.Stmt) || slices.Contains(s.Block, stmt)
		})
	})
}

// callsBack returns a call in stmts, or in what they run, of a function value
// or of a method of an interface of this package: whoever chose it may have
// chosen one that asks for another key. nil if there is none. Who asks on a
// goroutine of its own waits until the lock is free.
func (g *registry) callsBack(f *detect.Func, stmts []ast.Stmt) ast.Node {
	var found ast.Node
	for _, b := range runHere(g.fx, stmts) {
		inspectHere(b, func(n ast.Node) bool {
			if call, ok := n.(*ast.CallExpr); ok && found == nil && g.isUnknown(call) {
				found = n
			}
			return found == nil
		})
	}
	return found
}

// isUnknown reports whether call calls a function value, or a method of an
// interface that this package declares.
func (g *registry) isUnknown(call *ast.CallExpr) bool {
	fun := ast.Unparen(call.Fun)
	if g.pkg.Info.Types[fun].IsType() {
		return false
	}
	if _, literal := fun.(*ast.FuncLit); literal {
		return false
	}
	switch f := calleeIn(g.pkg.Info, call).(type) {
	case *types.Builtin:
		return false
	case *types.Func:
		recv := f.Signature().Recv()
		return recv != nil && types.IsInterface(recv.Type()) && f.Pkg() == g.pkg.Types
	case nil:
		sel, ok := fun.(*ast.SelectorExpr) // of a package that was not loaded
		if !ok {
			return true
		}
		t := g.pkg.Info.TypeOf(sel.X)
		return t != nil && t != types.Typ[types.Invalid] && g.pkg.Info.Types[sel].IsValue() && isFunc(g.pkg.Info.TypeOf(sel))
	}
	return true
}

func isFunc(t types.Type) bool {
	if t == nil {
		return false
	}
	_, ok := t.Underlying().(*types.Signature)
	return ok
}

// elementsStayIn proves of a map of maps or slices that those who got one
// out of it do not change it without the lock.
func (g *registry) elementsStayIn(r *region) *Refusal {
	for _, v := range g.vars {
		elem := elementOf(v.Obj.Type())
		if elem == nil || !isMapOrSlice(elem) || !g.changesElements(v, elem) {
			continue
		}
		if !g.toEnd(r) {
			return refuse(Escapes, r.list[r.first].Pos(), "what %s holds is changed behind the look-up, without the lock", v.Name())
		}
		for _, s := range r.list[r.first:] {
			if ret := g.returnsType(s, elem); ret != nil {
				return refuse(Escapes, ret.Pos(), "what %s holds is changed later, and handed out here", v.Name())
			}
		}
	}
	return nil
}

// elementOf returns the type of what t, a map, slice or array, holds; nil for others.
func elementOf(t types.Type) types.Type {
	switch t := t.Underlying().(type) {
	case *types.Map:
		return t.Elem()
	case *types.Slice:
		return t.Elem()
	case *types.Array:
		return t.Elem()
	}
	return nil
}

// changesElements reports whether the package changes a map or slice of type
// elem, or one inside of it, other than v.
func (g *registry) changesElements(v *detect.Variable, elem types.Type) bool {
	var inside []types.Type
	for t := elem; t != nil && !slices.Contains(inside, t); t = elementOf(t) { // type tree map[string]tree
		inside = append(inside, t)
	}
	changed := func(e ast.Expr) bool {
		ix, ok := ast.Unparen(e).(*ast.IndexExpr)
		if !ok {
			return false
		}
		t := g.pkg.Info.TypeOf(ix.X)
		return t != nil && slices.ContainsFunc(inside, func(i types.Type) bool { return types.Identical(i, t) })
	}
	found := false
	for _, f := range g.pkg.Files {
		ast.Inspect(f.Syntax, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.AssignStmt:
				found = found || slices.ContainsFunc(n.Lhs, changed)
			case *ast.IncDecStmt:
				found = found || changed(n.X)
			case *ast.CallExpr:
				if b, ok := calleeIn(g.pkg.Info, n).(*types.Builtin); ok && (b.Name() == "delete" || b.Name() == "clear") && len(n.Args) > 0 {
					t := g.pkg.Info.TypeOf(n.Args[0])
					found = found || slices.ContainsFunc(inside, func(i types.Type) bool { return types.Identical(i, t) })
				}
			}
			return !found
		})
	}
	return found
}

// returnsType returns a return of a value of type t in s, or nil.
func (g *registry) returnsType(s ast.Stmt, t types.Type) ast.Node {
	var found ast.Node
	ast.Inspect(s, func(n ast.Node) bool {
		ret, ok := n.(*ast.ReturnStmt)
		if !ok {
			return found == nil
		}
		for _, e := range ret.Results {
			if have := g.pkg.Info.TypeOf(e); have != nil && types.Identical(have, t) {
				found = ret
			}
		}
		return found == nil
	})
	return found
}
