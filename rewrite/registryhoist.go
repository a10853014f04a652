package rewrite

import (
	"go/ast"
	"go/token"
	"go/types"

	"golang.org/x/tools/go/ast/edge"

	"github.com/singletonfix/singletonfix/detect"
)

// hoist takes one look-up out of a statement that does more, so that the
// lock is held for the look-up only; it reports whether it could. Of
//
//	if p, ok := pools[name]; ok { use(p) }
//
// it makes
//
//	poolsMu.Lock()
//	p, ok := pools[name]
//	poolsMu.Unlock()
//	if ok { use(p) }
func (g *registry) hoist(r *region) bool {
	if r.first != r.last {
		return false
	}
	s := r.list[r.first]
	if !g.hasWork([]ast.Stmt{s}) && !leavesAny([]ast.Stmt{s}) {
		return false // the lock may be held for all of it
	}
	if g.toEnd(r) && !g.hasWork([]ast.Stmt{s}) {
		return false
	}
	if g.mutableElements() || g.mayPanicAt(r.all) {
		return false
	}
	if f, ok := s.(*ast.IfStmt); ok && f.Init != nil && contains(f.Init, r.all[0].Expr) {
		return g.hoistInit(r, f)
	}
	return g.hoistValue(r, s)
}

// mutableElements reports whether what is looked up may be changed by those who got it.
func (g *registry) mutableElements() bool {
	for _, v := range g.vars {
		if elem := elementOf(v.Obj.Type()); elem != nil && isMapOrSlice(elem) && g.changesElements(v, elem) {
			return true
		}
	}
	return false
}

// lookUp returns the expression m[k] that the access is part of, or nil.
func (g *registry) lookUp(a *detect.Access) *ast.IndexExpr {
	cur := a.Cur
	for cur.Node() != ast.Node(a.Expr) {
		cur = cur.Parent()
	}
	if cur.ParentEdgeKind() != edge.IndexExpr_X {
		return nil
	}
	return cur.Parent().Node().(*ast.IndexExpr)
}

// keyFirst returns the statement that computes the key of x in front of the
// lock, where that calls something, or "".
func (g *registry) keyFirst(r *region, x *ast.IndexExpr) string {
	if !hasCall(x.Index) {
		return ""
	}
	key := g.local(r.f, "key")
	code := key + " := " + g.source(x.Index, nil) + "\n"
	g.replace(x.Index, key)
	return code
}

// local returns a name that is free in all of f's declaration, and takes it.
func (g *registry) local(f *detect.Func, want string) string {
	decl := f.Outermost()
	if g.taken[decl] == nil {
		g.taken[decl] = names(decl.Cur.Node())
	}
	name := free(want, g.taken[decl])
	g.taken[decl][name] = true
	return name
}

func (g *registry) hoistInit(r *region, s *ast.IfStmt) bool {
	def, ok := s.Init.(*ast.AssignStmt)
	if !ok || def.Tok != token.DEFINE || len(def.Rhs) != 1 {
		return false
	}
	x := g.lookUp(r.all[0])
	if x == nil || ast.Expr(x) != ast.Unparen(def.Rhs[0]) {
		return false
	}
	var block *ast.BlockStmt
	if s.Else != nil {
		if block, ok = s.Else.(*ast.BlockStmt); !ok {
			return false
		}
	}
	for _, lhs := range def.Lhs {
		id := lhs.(*ast.Ident)
		if id.Name == "_" || !g.clashes(r, s, id.Name) {
			continue
		}
		g.rename(s, id, g.local(r.f, g.another(id)))
	}
	code := g.keyFirst(r, x) + g.mu + ".Lock()\n$init\n" + g.mu + ".Unlock()\nif $cond {\n$body\n}"
	holes := map[string][]ast.Node{"init": {s.Init}, "cond": {s.Cond}, "body": nodes(s.Body.List)}
	if block != nil {
		code += " else {\n$else\n}"
		holes["else"] = nodes(block.List)
	}
	g.replaceStmt(s, code, holes)
	return true
}

// clashes reports whether name is declared in the scope where s stands, or
// means something else behind s.
func (g *registry) clashes(r *region, s ast.Stmt, name string) bool {
	if name == g.mu {
		return true
	}
	for _, other := range r.list {
		if other != s && names(other)[name] {
			return true
		}
	}
	for _, l := range []*ast.FieldList{r.f.Type().Params, r.f.Type().Results} {
		if r.body && l != nil && names(l)[name] {
			return true
		}
	}
	if r.body && r.f.Decl != nil && r.f.Decl.Recv != nil && names(r.f.Decl.Recv)[name] {
		return true
	}
	found := false // the init reads a variable of the same name
	ast.Inspect(s.(*ast.IfStmt).Init.(*ast.AssignStmt).Rhs[0], func(n ast.Node) bool {
		id, ok := n.(*ast.Ident)
		found = found || ok && id.Name == name
		return !found
	})
	return found
}

// another returns a name to begin with for a variable that cannot keep its own.
func (g *registry) another(id *ast.Ident) string {
	if b, ok := g.pkg.Info.Defs[id].Type().Underlying().(*types.Basic); ok && b.Kind() == types.Bool {
		return "found"
	}
	return initials(id.Name)
}

// rename gives the variable that id defines another name, in all of n.
func (g *registry) rename(n ast.Node, id *ast.Ident, name string) {
	obj := g.pkg.Info.Defs[id]
	ast.Inspect(n, func(n ast.Node) bool {
		if use, ok := n.(*ast.Ident); ok && (use == id || g.pkg.Info.Uses[use] == obj) {
			g.replace(use, name)
		}
		return true
	})
}

// hoistValue takes m[k] out of an expression: v := m[k] in front.
func (g *registry) hoistValue(r *region, s ast.Stmt) bool {
	a := r.all[0]
	x := g.lookUp(a)
	if x == nil || a.Stmt != s || !g.evaluatedFirst(s, x) {
		return false
	}
	if f, ok := s.(*ast.IfStmt); ok && !contains(f.Cond, x) {
		return false
	}
	if hasCall(x.Index) {
		return false
	}
	local := g.local(r.f, "v")
	g.replace(x, local)
	g.edit(Edit{Op: InsertBefore, At: s, Code: g.mu + ".Lock()\n" + local + " := " + g.source(x, nil) + "\n" + g.mu + ".Unlock()"})
	return true
}

// evaluatedFirst reports whether s evaluates x in any case, once, and before
// anything that could change it.
func (g *registry) evaluatedFirst(s ast.Stmt, x ast.Expr) bool {
	cur, ok := g.fx.Insp.Root().FindNode(x)
	if !ok {
		return false
	}
	for c := cur; c.Node() != ast.Node(s); c = c.Parent() {
		switch p := c.Parent().Node().(type) {
		case *ast.BinaryExpr:
			if (p.Op == token.LAND || p.Op == token.LOR) && p.Y == c.Node() {
				return false
			}
		case *ast.FuncLit:
			return false
		case *ast.UnaryExpr:
			if p.Op == token.AND {
				return false
			}
		case *ast.AssignStmt:
			if c.ParentEdgeKind() == edge.AssignStmt_Lhs || len(p.Rhs) == 1 && p.Rhs[0] == x && len(p.Lhs) == 2 {
				return false
			}
		}
	}
	switch s := s.(type) {
	case *ast.ReturnStmt, *ast.ExprStmt, *ast.AssignStmt:
	case *ast.IfStmt:
		if s.Init != nil {
			return false
		}
	default:
		return false
	}
	early := false
	ast.Inspect(s, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		early = early || ok && call.End() <= x.Pos()
		return !early
	})
	return !early
}
