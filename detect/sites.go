package detect

import (
	"go/ast"
	"go/token"
	"go/types"

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
		for _, b := range fl.graph.Blocks {
			if !b.Live || len(b.Succs) != 2 || len(b.Nodes) == 0 {
				continue // no condition
			}
			cond, ok := b.Nodes[len(b.Nodes)-1].(ast.Expr)
			if !ok || b.Kind == cfg.KindRangeLoop {
				continue
			}
			for i := range b.Succs {
				sites = append(sites, fx.sitesAt(fl, b, cond, i)...)
			}
		}
	}
	linkDoubleChecks(sites)
	return sites
}

// sitesAt returns the sites whose fill the i-th way out of block b leads to.
func (fx *Facts) sitesAt(fl *flow, b *cfg.Block, cond ast.Expr, i int) []*Site {
	truth := i == 0
	var sites []*Site
	cur, ok := fl.f.Cur.FindNode(cond)
	if !ok {
		return nil
	}
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

// addHelperFills adds to s the fills made by functions that the region calls.
func (fx *Facts) addHelperFills(s *Site, fl *flow, region map[*cfg.Block]bool, t test) {
	for _, c := range fl.f.Calls {
		if c.Callee == nil || c.Callee == fl.f || c.Mode != Plain && c.Mode != ByOnce || !fx.runsIn(fl, region, fl.f, c.Expr.Pos()) {
			continue
		}
		fills := fx.fillsOf(c.Callee, s.Var, t, make(map[*Func]bool), 3)
		if a := fx.fillsReceiver(c, s.Var); a != nil {
			fills = append(fills, a)
		}
		if len(fills) > 0 {
			s.Calls = append(s.Calls, c)
			s.Fills = append(s.Fills, fills...)
		}
	}
}

// fillsReceiver returns the access by which c calls a method on the struct
// variable that v is a field of, if the method assigns that field; else nil.
func (fx *Facts) fillsReceiver(c *Call, v *Variable) *Access {
	sel, ok := ast.Unparen(c.Expr.Fun).(*ast.SelectorExpr)
	recv := fx.recvObj(c.Callee)
	if !ok || recv == nil || v.Field == "" {
		return nil
	}
	a := fx.rootAccess(sel.X)
	if a == nil || a.Var != v.Obj || fx.locksAnything(c.Callee) {
		return nil
	}
	for cur := range c.Callee.Cur.Preorder((*ast.AssignStmt)(nil)) {
		for _, lhs := range cur.Node().(*ast.AssignStmt).Lhs {
			if root, path := fx.operand(lhs); root == recv && joinPath(a.Path, path) == v.Field {
				return a
			}
		}
	}
	return nil
}

// locksAnything reports whether f takes a lock.
func (fx *Facts) locksAnything(f *Func) bool {
	for _, c := range f.Calls {
		if op, _ := fx.lockCall(c.Expr); op != noLockOp && op != opUnlock {
			return true
		}
	}
	return false
}

// fillsOf returns the fills of v in f and, up to depth calls deep, in what f calls.
func (fx *Facts) fillsOf(f *Func, v *Variable, t test, seen map[*Func]bool, depth int) []*Access {
	if seen[f] || depth < 0 {
		return nil
	}
	seen[f] = true
	var fills []*Access
	for _, w := range v.Accesses {
		if w.In != nil && fx.isFill(w, t) && (w.In == f || fx.runsWithin(w.In, f)) {
			fills = append(fills, w)
		}
	}
	for _, c := range f.Calls {
		if c.Callee != nil && c.Callee.Lit == nil && (c.Mode == Plain || c.Mode == ByOnce) {
			fills = append(fills, fx.fillsOf(c.Callee, v, t, seen, depth-1)...)
		}
	}
	return fills
}

// isFill reports whether the access w gives the variable tested by t a value
// that t would not call empty, built here.
func (fx *Facts) isFill(w *Access, t test) bool {
	if w.File.Test || w.Stmt == nil {
		return false
	}
	if t.key != nil {
		return w.Kind == Element && fx.storesElement(w)
	}
	if w.Kind == Address {
		return w.Atomic == NotAtomic && overlaps(w.Path, t.access.Path) && fx.filledByAddress(w)
	}
	if w.Kind != Write || w.Path != t.access.Path && w.Path != "" {
		return false
	}
	if s, ok := w.Stmt.(*ast.AssignStmt); ok && s.Tok != token.ASSIGN {
		return false // a counter or accumulator
	}
	if _, ok := w.Stmt.(*ast.IncDecStmt); ok {
		return t.flag && w.Atomic == NotAtomic
	}
	if w.Value == nil {
		return true // one of several results
	}
	if t.flag && fx.declaredTrue(w) {
		return fx.isZero(w.Value) // needInit = false
	}
	if call, ok := ast.Unparen(w.Value).(*ast.CallExpr); ok && fx.isBuiltin(call, "append") {
		return true // builds it up, or adds to it: see isAccumulator
	}
	return !fx.empties(w) && !fx.mentions(w.Value, w.Var, w.Path)
}

// storesElement reports whether the access w is m[k] = v.
func (fx *Facts) storesElement(w *Access) bool {
	s, ok := w.Stmt.(*ast.AssignStmt)
	if !ok || s.Tok != token.ASSIGN {
		return false
	}
	for _, lhs := range s.Lhs {
		if ix, ok := ast.Unparen(lhs).(*ast.IndexExpr); ok && ast.Unparen(ix.X) == w.Expr {
			return true
		}
	}
	return false
}

// mentions reports whether e reads the package variable v, or what its fields
// at path hold: x = append(x, y).
func (fx *Facts) mentions(e ast.Expr, v *types.Var, path string) bool {
	found := false
	ast.Inspect(e, func(n ast.Node) bool {
		if _, ok := n.(*ast.FuncLit); ok {
			return false // runs later
		}
		if id, ok := n.(*ast.Ident); ok && fx.accesses[id] != nil {
			a := fx.accesses[id]
			found = found || a.Var == v && overlaps(a.Path, path)
		}
		return !found
	})
	return found
}

// regionOf returns the blocks that are only reached by the i-th way out of b.
func regionOf(g *cfg.CFG, b *cfg.Block, i int) map[*cfg.Block]bool {
	reached := make(map[*cfg.Block]bool)
	work := []*cfg.Block{g.Blocks[0]}
	for len(work) > 0 {
		x := work[len(work)-1]
		work = work[:len(work)-1]
		if reached[x] {
			continue
		}
		reached[x] = true
		for j, s := range x.Succs {
			if x != b || j != i {
				work = append(work, s)
			}
		}
	}
	region := make(map[*cfg.Block]bool)
	for _, x := range g.Blocks {
		if x.Live && !reached[x] {
			region[x] = true
		}
	}
	return region
}

// runsIn reports whether the code at pos, in f, is run by region, a part of
// fl: directly, or in literals that run where they stand.
func (fx *Facts) runsIn(fl *flow, region map[*cfg.Block]bool, f *Func, pos token.Pos) bool {
	if f == nil || f != fl.f && !fx.runsWithin(f, fl.f) {
		return false
	}
	for b := range region {
		for _, n := range b.Nodes {
			if n.Pos() <= pos && pos < n.End() {
				return true
			}
		}
	}
	return false
}

// runsWithin reports whether the literal f runs while outer does, on its goroutine.
func (fx *Facts) runsWithin(f, outer *Func) bool {
	for ; f != outer; f = f.Parent {
		if f == nil || f.Lit == nil || !fx.runsInPlace(f) {
			return false
		}
	}
	return true
}

// runsInPlace reports whether the literal f is called where it stands, or by
// the function that it is passed to there.
func (fx *Facts) runsInPlace(f *Func) bool {
	if len(f.Values) > 0 || len(f.Callers) == 0 {
		return false
	}
	for _, c := range f.Callers {
		switch {
		case c.Mode == Plain || c.Mode == ByOnce || c.Mode == Deferred:
		case c.Mode == Passed && concurrentRunner(c.Obj) == "" && (fx.Declared(asFunc(c.Obj)) == nil || fx.callsParam(c)):
		default:
			return false
		}
	}
	return true
}

func asFunc(obj types.Object) *types.Func {
	f, _ := obj.(*types.Func)
	return f
}

// callsParam reports whether the function of this package that c calls
// itself calls the function that it is given.
func (fx *Facts) callsParam(c *Call) bool {
	obj, _ := c.Obj.(*types.Func)
	wrapper := fx.Declared(obj)
	if wrapper == nil {
		return false
	}
	for _, pc := range wrapper.Calls {
		if v, ok := pc.Obj.(*types.Var); ok && pc.Mode == Plain && isParam(fx, wrapper, v) {
			return true
		}
	}
	return false
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
