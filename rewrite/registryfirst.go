package rewrite

import (
	"go/ast"
	"slices"

	"github.com/singletonfix/singletonfix/detect"
)

// outerLookUps returns the statements of all, where each is the first
// look-up of a double check and does no more than the second, under the lock.
func (g *registry) outerLookUps(f *detect.Func, all []*detect.Access) []ast.Stmt {
	var outer []ast.Stmt
	for _, s := range g.Singleton.Sites {
		if s.Func != f || s.Inner == nil || s.Inner.Func != f || !slices.Contains(all, s.Read) {
			continue
		}
		first, ok := s.Stmt.(*ast.IfStmt)
		second, ok2 := s.Inner.Stmt.(*ast.IfStmt)
		if !ok || !ok2 || s.Form != detect.GuardEarly || len(first.Body.List) != 1 || !isReturn(first.Body.List[0]) || !slices.Contains(s.Block, ast.Stmt(second)) {
			return nil
		}
		if !contains(first, s.Read.Expr) || !s.Inner.Held.Holds(g.lock, true) || !g.sameIf(first, second) {
			return nil
		}
		outer = append(outer, first)
	}
	if len(outer) != len(all) {
		return nil
	}
	return outer
}

// isFirstTest reports whether s is an if that guards lock, fill and unlock and has no other branch.
func (g *registry) isFirstTest(s ast.Stmt) bool {
	f, ok := s.(*ast.IfStmt)
	return ok && f.Else == nil && slices.ContainsFunc(g.Singleton.Sites, func(x *detect.Site) bool {
		return x.Stmt == s && x.Outer == nil && x.Form == detect.GuardThen && unnegated(f.Cond) == unnegated(x.Test) && f.Init == nil
	})
}

// dropFirstTests leaves of a double check within r, whose lock moves in
// front, only the second test.
func (g *registry) dropFirstTests(r *region) *Refusal {
	for _, s := range g.Singleton.Sites {
		f, ok := s.Stmt.(*ast.IfStmt)
		if !ok || s.Inner == nil || !g.isFirstTest(f) || !slices.Contains(r.list, ast.Stmt(f)) || s.Copy != nil {
			continue
		}
		for _, name := range declaredIn(g.pkg.Info, f.Body.List) {
			for id := range idents(r.f.Cur.Node()) {
				if id.Name == name && !contains(f, id) {
					return refuse(ControlFlow, f.Pos(), "%s, which is declared under this test, means something else around it", name)
				}
			}
		}
		g.replaceStmt(f, "$body", map[string][]ast.Node{"body": nodes(f.Body.List)})
	}
	return nil
}

// idents returns the identifiers in n.
func idents(n ast.Node) map[*ast.Ident]bool {
	all := make(map[*ast.Ident]bool)
	ast.Inspect(n, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok {
			all[id] = true
		}
		return true
	})
	return all
}

// sameIf reports whether two ifs without else test the same and return the same.
func (g *registry) sameIf(a, b *ast.IfStmt) bool {
	if len(b.Body.List) != 1 || (a.Init == nil) != (b.Init == nil) || a.Else != nil || b.Else != nil {
		return false
	}
	if a.Init != nil && g.source(a.Init, nil) != g.source(b.Init, nil) {
		return false
	}
	return g.source(a.Cond, nil) == g.source(b.Cond, nil) && g.source(a.Body.List[0], nil) == g.source(b.Body.List[0], nil)
}

// readLocked returns the package's mutex that is held for reading at every
// look-up that decides whether a value is stored, or nil.
func (g *registry) readLocked() *detect.Variable {
	for _, v := range g.fx.Vars {
		if v.Owner != nil || !isLock(v.Obj.Type()) {
			continue
		}
		held := func(s *detect.Site) bool { return s.Read.Held.Holds(detect.Lock{Root: v.Obj}, false) }
		if !slices.ContainsFunc(g.Singleton.Sites, func(s *detect.Site) bool { return !held(s) }) {
			return v
		}
	}
	return nil
}
