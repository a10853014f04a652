package detect

import (
	"go/ast"
	"go/token"

	"golang.org/x/tools/go/ast/edge"
	"golang.org/x/tools/go/ast/inspector"
	"golang.org/x/tools/go/cfg"
)

// findSites returns every test in the package that decides whether the
// tested variable is filled.
func (fx *Facts) findSites() []*Site {
	var sites []*Site
	for _, f := range fx.Funcs {
		fl := fx.flows[f]
		if fl == nil || f.File.Test {
			continue
		}
		find := findIn(f.Cur, len(fl.graph.Blocks))
		for _, b := range fl.graph.Blocks {
			if !b.Live || len(b.Succs) != 2 || len(b.Nodes) == 0 {
				continue // no condition
			}
			cond, ok := b.Nodes[len(b.Nodes)-1].(ast.Expr)
			if !ok || b.Kind == cfg.KindRangeLoop {
				continue
			}
			cur, ok := find(cond)
			for i := 0; ok && i < 2; i++ {
				sites = append(sites, fx.sitesAt(fl, b, cond, cur, i)...)
			}
		}
	}
	linkDoubleChecks(sites)
	return sites
}

// findIn returns what finds the conditions below cur, of a function with so
// many blocks: in a long one, without a search from its beginning for each.
func findIn(cur inspector.Cursor, blocks int) func(ast.Node) (inspector.Cursor, bool) {
	const long = 200
	if blocks < long {
		return cur.FindNode
	}
	at := make(map[ast.Node]inspector.Cursor)
	for c := range cur.Preorder() {
		if _, ok := c.Node().(ast.Expr); ok {
			at[c.Node()] = c
		}
	}
	return func(n ast.Node) (inspector.Cursor, bool) {
		c, ok := at[n]
		return c, ok
	}
}

// sitesAt returns the sites whose fill the i-th way out of block b, with the
// condition at cur, leads to.
func (fx *Facts) sitesAt(fl *flow, b *cfg.Block, cond ast.Expr, cur inspector.Cursor, i int) []*Site {
	truth := i == 0
	var sites []*Site
	definite := make(map[ast.Expr]bool)
	for _, a := range implied(cond, truth) {
		definite[a.expr] = true
		if t, ok := fx.emptyHere(cur, a); ok {
			if s := fx.site(fl, b, i, cur, a, t); s != nil {
				sites = append(sites, s)
			}
		}
	}
	for _, a := range possible(cond, truth) {
		if definite[a.expr] {
			continue
		}
		if t, ok := fx.emptyHere(cur, a); ok {
			if s := fx.site(fl, b, i, cur, a, t); s != nil {
				s.Recomputed = true
				sites = append(sites, s)
			}
		}
	}
	return sites
}

// emptyHere is emptyWhen, knowing the tag of a switch that the condition is a case of.
func (fx *Facts) emptyHere(cond inspector.Cursor, a atom) (test, bool) {
	if cond.ParentEdgeKind() == edge.CaseClause_List {
		for sw := range cond.Enclosing((*ast.SwitchStmt)(nil)) {
			if tag := sw.Node().(*ast.SwitchStmt).Tag; tag != nil {
				return fx.emptyComparison(tag, token.EQL, a.expr, a.truth)
			}
			break
		}
	}
	return fx.emptyWhen(a)
}

// site returns the site of test t, on the i-th way out of b, or nil if that way fills nothing.
func (fx *Facts) site(fl *flow, b *cfg.Block, i int, cond inspector.Cursor, a atom, t test) *Site {
	v := fx.FieldVariable(fx.byVar[t.access.Var], t.access.Path)
	s := &Site{Var: v, Func: fl.f, Test: a.expr, Read: t.access, Copy: t.copy, Key: t.key, Flag: t.flag}
	fx.shape(s, cond, i)
	s.Held = fx.heldAtTest(s)
	if t.access.Atomic == AtomicSwap {
		s.Fills = []*Access{t.access}
		return s
	}
	region := regionOf(fl.graph, b, i)
	for _, w := range v.Accesses {
		if fx.isFill(w, t) && w.Base.same(t.access.Base) && fx.runsIn(fl, region, w.In, w.Pos()) {
			s.Fills = append(s.Fills, w)
		}
	}
	if len(s.Fills) > 0 {
		return s
	}
	fx.addHelperFills(s, fl, region, t)
	if len(s.Fills) == 0 {
		return nil
	}
	return s
}

// heldAtTest returns the locks held at the test of s. Where a predicate makes
// the test, those held at its call count as well.
func (fx *Facts) heldAtTest(s *Site) Locks {
	locks := s.Read.Held
	call, ok := s.Test.(*ast.CallExpr)
	if !ok || s.Read.In == s.Func {
		return locks
	}
	for _, c := range fx.calls[call] {
		for _, l := range c.Held {
			if !locks.Holds(l, l.Mode != ReadLocked) {
				locks = append(locks[:len(locks):len(locks)], l)
			}
		}
	}
	return locks
}

// shape finds the statement of the condition at cond and what its i-th way out runs.
func (fx *Facts) shape(s *Site, cond inspector.Cursor, i int) {
	for cond.ParentEdgeKind() == edge.ParenExpr_X {
		cond = cond.Parent()
	}
	s.Form = GuardOther
	switch cond.ParentEdgeKind() {
	case edge.IfStmt_Cond:
		stmt := cond.Parent().Node().(*ast.IfStmt)
		s.Stmt = stmt
		switch {
		case i == 0:
			s.Form, s.Block = GuardThen, stmt.Body.List
		case stmt.Else != nil:
			s.Form = GuardElse
			if b, ok := stmt.Else.(*ast.BlockStmt); ok {
				s.Block = b.List
			} else {
				s.Block = []ast.Stmt{stmt.Else}
			}
		default:
			s.Form, s.Block = GuardEarly, following(cond.Parent())
		}
	case edge.CaseClause_List:
		clause := cond.Parent().Node().(*ast.CaseClause)
		s.Stmt = clause
		if i == 0 {
			s.Form, s.Block = GuardCase, clause.Body
		} else {
			s.Block = defaultAfter(cond.Parent())
		}
	case edge.ForStmt_Cond:
		s.Stmt = cond.Parent().Node().(*ast.ForStmt)
		if i == 0 {
			s.Block = s.Stmt.(*ast.ForStmt).Body.List
		}
	}
}

// defaultAfter returns what runs where the clause at cur, the last but for
// the default one, does not.
func defaultAfter(cur inspector.Cursor) []ast.Stmt {
	list := cur.Parent().Node().(*ast.BlockStmt).List
	for i, s := range list {
		if next, ok := s.(*ast.CaseClause); ok && next.List == nil && i == len(list)-1 && i > 0 && list[i-1] == cur.Node() {
			return next.Body
		}
	}
	return nil
}

// following returns the statements after the one at cur in its block.
func following(cur inspector.Cursor) []ast.Stmt {
	var list []ast.Stmt
	switch b := cur.Parent().Node().(type) {
	case *ast.BlockStmt:
		list = b.List
	case *ast.CaseClause:
		list = b.Body
	case *ast.CommClause:
		list = b.Body
	}
	for i, s := range list {
		if s == cur.Node() {
			return list[i+1:]
		}
	}
	return nil
}

// linkDoubleChecks pairs a site with the one for the same variable that the
// same fill goes through again, closer to it.
func linkDoubleChecks(sites []*Site) {
	for _, outer := range sites {
		for _, inner := range sites {
			if inner == outer || inner.Test == outer.Test || inner.Var.Obj != outer.Var.Obj || inner.Var.Field != outer.Var.Field {
				continue
			}
			if outer.Test.Pos() < inner.Test.Pos() && sameFills(outer, inner) || callsInto(outer, inner) {
				outer.Inner, inner.Outer = inner, outer
			}
		}
	}
}

func sameFills(a, b *Site) bool {
	for _, x := range a.Fills {
		for _, y := range b.Fills {
			if x == y {
				return a.Func == b.Func || a.Func.Outermost() == b.Func.Outermost()
			}
		}
	}
	return false
}

// callsInto reports whether outer fills through a call of the function that inner is in.
func callsInto(outer, inner *Site) bool {
	for _, c := range outer.Calls {
		if c.Callee == inner.Func {
			return sharesFill(outer, inner)
		}
	}
	return false
}

func sharesFill(a, b *Site) bool {
	for _, x := range a.Fills {
		for _, y := range b.Fills {
			if x == y {
				return true
			}
		}
	}
	return false
}
