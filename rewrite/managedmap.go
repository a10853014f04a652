package rewrite

import (
	"go/ast"
	"go/types"
	"path"
	"slices"

	"github.com/singletonfix/singletonfix/detect"
)

// A managedMap is a registry on its way to a Map of the manager's package:
// each look-up that fills becomes one call, and each other use a method.
type managedMap struct {
	*draft
	typ  *ast.MapType
	elem string // the type of the values, as written
	done map[*detect.Access]bool
}

// planManagedMap plans a registry whose map nobody else has.
func (d *draft) planManagedMap() *Refusal {
	if d.Singleton.Pattern != "lazy-registry" && d.Singleton.Pattern != "nil-check" {
		return refuse(NoForm, d.v.Obj.Pos(), "the manager has no form for this registry, whose pattern is %s", d.Singleton.Pattern)
	}
	if d.v.Field != "" || len(d.Singleton.Vars) > 1 || d.Singleton.Mutex != nil {
		return refuse(NoForm, d.v.Obj.Pos(), "%s is not all that its look-ups fill, or is guarded by a lock elsewhere", d.v.Name())
	}
	if r := d.hasManager(); r != nil {
		return r
	}
	for _, check := range []func() *Refusal{d.notExported, d.onlyGo, d.plainFiles, d.noAddress, d.madeHere} {
		if r := check(); r != nil {
			return r
		}
	}
	d.Manager = d.opts.Manager
	m := &managedMap{draft: d, typ: d.mapType(), done: make(map[*detect.Access]bool)}
	if m.typ == nil {
		return refuse(NoForm, d.v.Obj.Pos(), "%s is not declared as an empty map", d.v.Name())
	}
	m.elem = d.source(m.typ.Value, nil)
	var guards []*guard
	for _, s := range d.Singleton.Sites {
		if f := m.readies(s); f != nil {
			m.drop(f)
			continue
		}
		g := newGuard(d.fx, s)
		if g == nil || s.Key == nil || s.Read.In != s.Func || len(s.Calls) > 0 || s.Inner != nil || s.Recomputed {
			return refuse(ControlFlow, s.Stmt.Pos(), "this look-up in %s decides about more than one value", d.v.Name())
		}
		if r := m.site(g); r != nil {
			return r
		}
		guards = append(guards, g)
	}
	if r := d.lockOrder(guards); r != nil {
		return r
	}
	for _, a := range d.v.Accesses {
		if m.done[a] {
			continue
		}
		if r := m.other(a); r != nil {
			return r
		}
	}
	m.declare()
	return nil
}

// readies returns the statement of s where that does no more than to make the
// map, or nil.
func (m *managedMap) readies(s *detect.Site) *ast.IfStmt {
	f, ok := s.Stmt.(*ast.IfStmt)
	if !ok || s.Key != nil {
		return nil
	}
	cond, ok := ast.Unparen(f.Cond).(*ast.BinaryExpr)
	if !ok || m.nilGuard(cond) != f {
		return nil
	}
	return f
}

// mapType returns the map type that the variable is declared with, where it
// starts out empty and its type has no name; else nil.
func (d *draft) mapType() *ast.MapType {
	spec := d.v.Spec
	if len(spec.Values) > 0 && len(spec.Names) > 1 {
		return nil
	}
	typ := spec.Type
	if value := d.v.Declared(); value != nil {
		if !isEmptyMake(value) && !d.empties(d.v, value) {
			return nil
		}
		switch x := ast.Unparen(value).(type) {
		case *ast.CompositeLit:
			typ = x.Type
		case *ast.CallExpr:
			typ = x.Args[0]
		}
	}
	m, _ := typ.(*ast.MapType)
	return m
}

// declare emits: x lazy.Map[K, V].
func (m *managedMap) declare() {
	name := m.v.Obj.Name()
	at := Edit{Op: Delete, At: m.v.Spec}
	if len(m.v.Spec.Names) > 1 {
		at.At = m.v.Ident()
	}
	m.edit(at)
	m.edit(Edit{Op: InsertAfter, At: m.v.Spec, Code: "var " + name + " " + path.Base(m.opts.Manager) + ".Map[$k, $v]", Imports: []string{m.opts.Manager},
		Holes: map[string][]ast.Node{"k": {m.typ.Key}, "v": {m.typ.Value}}})
	m.empty = []string{name + ".Reset()"}
	m.note("uses " + m.opts.Manager + ", which is written where it is not there yet")
	m.proved("stays-inside")
	m.proved("lock-order")
}

// other plans a use of the map outside the look-ups that fill it.
func (m *managedMap) other(a *detect.Access) *Refusal {
	cur := a.Cur
	for cur.Node() != ast.Node(a.Expr) {
		cur = cur.Parent()
	}
	name := m.v.Obj.Name()
	parent := cur.Parent()
	switch p := parent.Node().(type) {
	case *ast.IndexExpr:
		return m.element(a, p)
	case *ast.RangeStmt:
		if p.X == a.Expr {
			m.replace(a.Expr, name+".All()")
			return nil
		}
	case *ast.CallExpr:
		b, _ := calleeIn(m.pkg.Info, p).(*types.Builtin)
		s, alone := a.Stmt.(*ast.ExprStmt)
		switch {
		case b == nil:
		case b.Name() == "len":
			m.replace(a.Expr, name+".All()")
			return nil
		case b.Name() == "delete" && alone && s.X == ast.Expr(p):
			m.replaceStmt(s, name+".Delete($key)", hole("key", p.Args[1]))
			return nil
		case b.Name() == "clear" && alone:
			m.replaceStmt(s, name+".Reset()", nil)
			return nil
		}
	case *ast.AssignStmt:
		if a.Kind == detect.Write && len(p.Lhs) == 1 {
			if guard := m.makes(p); guard != nil {
				return m.drop(guard)
			}
			m.replaceStmt(p, name+".Reset()", nil)
			return nil
		}
	case *ast.BinaryExpr:
		if guard := m.nilGuard(p); guard != nil {
			return m.drop(guard)
		}
	}
	return refuse(NoForm, a.Pos(), "the manager has no method for this use of %s", m.v.Name())
}

// makes returns the statement of if m == nil { m = make(...) } around the
// assignment s, or nil.
func (m *managedMap) makes(s *ast.AssignStmt) *ast.IfStmt {
	cur, ok := m.fx.Insp.Root().FindNode(s)
	if !ok {
		return nil
	}
	f, ok := cur.Parent().Parent().Node().(*ast.IfStmt)
	if !ok {
		return nil
	}
	cond, ok := ast.Unparen(f.Cond).(*ast.BinaryExpr)
	if !ok || m.nilGuard(cond) != f {
		return nil
	}
	return f
}

// nilGuard returns the statement if m == nil { m = make(...) } whose condition cond is, or nil.
func (m *managedMap) nilGuard(cond *ast.BinaryExpr) *ast.IfStmt {
	cur, ok := m.fx.Insp.Root().FindNode(cond)
	if !ok {
		return nil
	}
	f, ok := cur.Parent().Node().(*ast.IfStmt)
	if !ok || f.Init != nil || f.Else != nil || len(f.Body.List) != 1 || !isZero(m.pkg.Info, cond.Y) || len(m.in(f)) != 2 {
		return nil
	}
	s, ok := f.Body.List[0].(*ast.AssignStmt)
	if !ok || len(s.Lhs) != 1 || len(m.in(s.Lhs[0])) != 1 || !isEmptyMake(s.Rhs[0]) {
		return nil
	}
	return f
}

// drop deletes a guard that makes the map: the zero Map is ready.
func (m *managedMap) drop(f *ast.IfStmt) *Refusal {
	for _, e := range m.Edits {
		if e.At == ast.Node(f) {
			return nil // by another site
		}
	}
	for _, a := range m.in(f) {
		m.done[a] = true
	}
	m.edit(Edit{Op: Delete, At: f})
	return nil
}

// element plans m[k] outside the look-ups that fill it.
func (m *managedMap) element(a *detect.Access, x *ast.IndexExpr) *Refusal {
	name := m.v.Obj.Name()
	s, isAssign := a.Stmt.(*ast.AssignStmt)
	switch {
	case isAssign && len(s.Lhs) == 1 && s.Lhs[0] == ast.Expr(x) && s.Tok.String() == "=":
		if !a.File.Test && !m.keeps(s.Rhs[0], nil) {
			return refuse(NoForm, s.Pos(), "what is stored in %s here may be zero, which the manager does not keep", m.v.Name())
		}
		m.replaceStmt(s, name+".Set($key, $value)", map[string][]ast.Node{"key": {x.Index}, "value": {s.Rhs[0]}})
		return nil
	case isAssign && len(s.Lhs) == 2 && len(s.Rhs) == 1 && ast.Unparen(s.Rhs[0]) == ast.Expr(x):
		m.edit(Edit{Op: ReplaceExpr, At: x, Code: name + ".Load($key)", Holes: hole("key", x.Index)})
		return nil
	}
	g := &registry{locking: &locking{draft: m.draft}, taken: make(map[*detect.Func]map[string]bool)}
	if a.Kind != detect.Read || a.In == nil || isClauseOrLone(m.fx, a.Stmt) || !g.evaluatedFirst(a.Stmt, x) || hasCall(x.Index) {
		return refuse(NoForm, a.Pos(), "the manager has no method for this use of %s", m.v.Name())
	}
	if f, ok := a.Stmt.(*ast.IfStmt); ok && !contains(f.Cond, x) {
		return refuse(NoForm, a.Pos(), "the manager has no method for this use of %s", m.v.Name())
	}
	local := m.localFor(a.In)
	m.replace(x, local)
	m.edit(Edit{Op: InsertBefore, At: a.Stmt, Code: local + ", _ := " + name + ".Load(" + m.source(x.Index, nil) + ")"})
	return nil
}

// localFor returns a free name for a value of the map in f.
func (m *managedMap) localFor(f *detect.Func) string {
	g := &registry{locking: &locking{draft: m.draft}, taken: make(map[*detect.Func]map[string]bool)}
	return g.local(f, "v")
}

// isClauseOrLone reports whether nothing can be put in front of s.
func isClauseOrLone(fx *detect.Facts, s ast.Stmt) bool {
	cur, ok := fx.Insp.Root().FindNode(s)
	return !ok || !slices.Contains(stmtsOf(cur.Parent().Node()), s)
}

// keeps reports whether the manager keeps the value e, assigned behind stmts:
// it is surely not zero.
func (m *managedMap) keeps(e ast.Expr, stmts []ast.Stmt) bool {
	switch m.pkg.Info.TypeOf(m.typ.Value).Underlying().(type) {
	case *types.Pointer, *types.Interface, *types.Map, *types.Slice, *types.Signature, *types.Chan:
	default:
		return false
	}
	fl := m.newFilling(types.NewVar(0, nil, "", nil), nilTest, 0)
	fl.list(stmts)
	return fl.value(e).has()
}
