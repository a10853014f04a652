package rewrite

import (
	"go/ast"
	"go/token"
	"go/types"
	"path"

	"github.com/singletonfix/singletonfix/detect"
)

// A managedAtomic is an atomic pointer that is tested and stored in two
// steps, on its way to a value of the manager's package. What loads it stays
// as it is: the managed value has a Load of its own.
type managedAtomic struct {
	*draft
	elem ast.Expr // T of atomic.Pointer[T]
	done map[*detect.Access]bool
}

// planManagedAtomic plans an atomic pointer that nothing but getters fill
// which hand it out.
func planManagedAtomic(d *draft) *Refusal {
	m := &managedAtomic{draft: d, elem: d.atomicElem(), done: make(map[*detect.Access]bool)}
	if m.elem == nil || len(d.Singleton.Vars) > 1 || d.Singleton.Mutex != nil || len(d.v.Spec.Names) > 1 || len(d.v.Spec.Values) > 0 {
		return refuse(NoForm, d.v.Obj.Pos(), "%s is no atomic pointer that holds a value by itself", d.v.Name())
	}
	var guards []*guard
	for _, s := range d.Singleton.Sites {
		g := newGuard(d.fx, s)
		if g == nil || s.Inner != nil || s.Outer != nil || len(s.Calls) > 0 || s.Read.In != s.Func || s.Read.Atomic != detect.AtomicLoad || kindOf(d.pkg.Info, s.Test) != nilTest || s.Var.Obj != d.v.Obj {
			return refuse(ControlFlow, s.Stmt.Pos(), "this test of %s decides about more than its initialisation", d.v.Name())
		}
		guards = append(guards, g)
	}
	if len(guards) == 0 {
		return refuse(NoForm, d.v.Obj.Pos(), "nothing tests %s before it is filled", d.v.Name())
	}
	if r := d.notReentrant(guards...); r != nil {
		return r
	}
	for _, g := range guards {
		if r := m.notAgain(g); r != nil {
			return r
		}
		site := &atomicSite{managedAtomic: m, guard: g}
		if r := site.plan(); r != nil {
			return r
		}
	}
	for _, a := range d.v.Accesses {
		if r := m.other(a); r != nil {
			return r
		}
	}
	d.edit(Edit{Op: ReplaceExpr, At: d.v.Spec.Type, Code: path.Base(d.opts.Manager) + ".Value[*$t]", Holes: hole("t", m.elem), Imports: []string{d.opts.Manager}})
	d.note("uses " + d.opts.Manager + ", which is written where it is not there yet")
	d.proved("built-before-stored")
	return nil
}

// notAgain proves that what runs while the value is built neither asks for it
// nor stores it: that takes the lock which is held by then.
func (m *managedAtomic) notAgain(g *guard) *Refusal {
	reached := reachOf(m.fx, nodes(g.Block)...)
	for _, a := range m.v.Accesses {
		if a.In != nil && reached.funcs[a.In] && (a.In == g.Func || a.Atomic != detect.AtomicLoad) {
			return refuse(Reentrant, a.Pos(), "the initialisation of %s may come here, which would wait for it", m.v.Name())
		}
	}
	return nil
}

// atomicElem returns T where the variable is declared as an atomic.Pointer[T]
// of the standard library; else nil.
func (d *draft) atomicElem() ast.Expr {
	named, ok := types.Unalias(d.typeOf()).(*types.Named)
	if !ok || named.Obj().Pkg() == nil || named.Obj().Pkg().Path() != "sync/atomic" || named.Obj().Name() != "Pointer" || d.v.Field != "" {
		return nil
	}
	if x, ok := d.v.Spec.Type.(*ast.IndexExpr); ok {
		return x.Index
	}
	return nil
}

// other plans a use of the atomic outside its getters.
func (m *managedAtomic) other(a *detect.Access) *Refusal {
	s, alone := a.Stmt.(*ast.ExprStmt)
	switch {
	case m.done[a], a.Atomic == detect.AtomicLoad:
		return nil
	case a.Atomic == detect.AtomicStore && alone && m.storeOf(s, a) != nil:
		value := m.storeOf(s, a)
		if isNil(value) {
			m.replaceStmt(s, m.v.Obj.Name()+".Reset()", nil)
			return nil
		}
		m.replaceStmt(s, m.v.Obj.Name()+".Set($value)", hole("value", value))
		return nil
	}
	return refuse(NoForm, a.Pos(), "the manager has no method for this use of %s", m.v.Name())
}

// storeOf returns e where s is x.Store(e), and a its access to x; else nil.
func (m *managedAtomic) storeOf(s ast.Stmt, a *detect.Access) ast.Expr {
	x, ok := s.(*ast.ExprStmt)
	if !ok || a.Atomic != detect.AtomicStore {
		return nil
	}
	call, ok := x.X.(*ast.CallExpr)
	if !ok || len(call.Args) != 1 {
		return nil
	}
	if sel, ok := call.Fun.(*ast.SelectorExpr); !ok || ast.Unparen(sel.X) != a.Expr {
		return nil
	}
	return call.Args[0]
}

// isLoad reports whether e is x.Load().
func (m *managedAtomic) isLoad(e ast.Expr) bool {
	call, ok := ast.Unparen(e).(*ast.CallExpr)
	if !ok {
		return false
	}
	sel, ok := call.Fun.(*ast.SelectorExpr)
	in := m.in(e)
	return ok && len(in) == 1 && in[0].Atomic == detect.AtomicLoad && ast.Unparen(sel.X) == in[0].Expr
}

// An atomicSite is a getter that loads the atomic, and stores what is missing.
type atomicSite struct {
	*managedAtomic
	*guard
	first   ast.Stmt        // the load, or the test where both are one
	ret     *ast.ReturnStmt // where the atomic is filled
	store   ast.Stmt        // x.Store(value)
	value   ast.Expr
	behind  *ast.ReturnStmt // directly behind the store; or nil
	success string          // what a builder returns behind the value: "" or ", nil"
}

// plan emits: return x.Get(func() *T { BLOCK }).
func (s *atomicSite) plan() *Refusal {
	if !s.findTest() || !s.findReturn() || !s.findStore() || !s.nothingElse() {
		return refuse(ControlFlow, s.stmt.Pos(), "the test of %s, what is stored, and what is returned are not all that this function does", s.v.Name())
	}
	s.paramNote(s.guard, s.Block)
	method, results := "Get", "*"+s.source(s.elem, nil)
	if s.success != "" {
		method, results = "GetErr", "("+results+", error)"
	}
	before := s.declared()
	if s.behind != nil {
		s.edit(Edit{Op: Delete, At: s.behind})
	}
	s.replaceStmt(s.store, "return $value"+s.success, hole("value", s.value))
	s.edit(Edit{Op: ReplaceStmts, At: s.first, Last: lastOf(s.guard, s.ret), Holes: map[string][]ast.Node{"block": nodes(s.Block)},
		Code: "return " + s.v.Obj.Name() + "." + method + "(func() " + results + " {\n" + before + "$block\n})"})
	return nil
}

// findTest finds the statement that loads what is tested.
func (s *atomicSite) findTest() bool {
	f, ok := s.stmt.(*ast.IfStmt)
	if !ok || !s.body || f.Else != nil || s.Form != detect.GuardThen && s.Form != detect.GuardEarly || unnegated(f.Cond) != unnegated(s.Test) {
		return false
	}
	s.first = f
	if s.Copy == nil {
		return f.Init == nil && contains(f.Cond, s.Read.Expr)
	}
	def := f.Init
	if def == nil && s.at > 0 {
		def = s.list[s.at-1]
		s.first = def
	}
	a, ok := def.(*ast.AssignStmt)
	return ok && a.Tok == token.DEFINE && len(a.Lhs) == 1 && s.isLoad(a.Rhs[0]) && contains(a, s.Read.Expr)
}

// findReturn finds what returns the value where it is there, alone or with a
// nil error.
func (s *atomicSite) findReturn() bool {
	list := s.guard.early
	if s.Form == detect.GuardThen {
		list = s.rest
	}
	results := s.Func.Type().Results
	if len(list) != 1 || results == nil || results.NumFields() != len(results.List) {
		return false
	}
	for _, field := range results.List {
		if len(field.Names) > 0 {
			return false
		}
	}
	s.ret, _ = list[0].(*ast.ReturnStmt)
	if s.ret == nil || len(s.ret.Results) != len(results.List) || !s.isValue(s.ret.Results[0]) {
		return false
	}
	pointer, _ := s.pkg.Info.TypeOf(results.List[0].Type).(*types.Pointer)
	if pointer == nil || !types.Identical(pointer.Elem(), s.pkg.Info.TypeOf(s.elem)) {
		return false
	}
	if len(results.List) == 2 {
		s.success = ", nil"
		return isError(s.pkg.Info.TypeOf(results.List[1].Type)) && isZero(s.pkg.Info, s.ret.Results[1])
	}
	return len(results.List) == 1
}

// isValue reports whether e is the value: x.Load(), the copy of that, or what
// was stored by name.
func (s *atomicSite) isValue(e ast.Expr) bool {
	id, ok := ast.Unparen(e).(*ast.Ident)
	if !ok {
		return s.isLoad(e)
	}
	obj := s.pkg.Info.Uses[id]
	stored, isName := s.value.(*ast.Ident)
	return obj != nil && (s.Copy != nil && obj == types.Object(s.Copy) || isName && obj == s.pkg.Info.Uses[stored])
}

// findStore finds the store, which ends the block but for a return.
func (s *atomicSite) findStore() bool {
	block := s.Block
	if len(block) == 0 {
		return false
	}
	at := len(block) - 1
	if ret, ok := block[at].(*ast.ReturnStmt); ok && at > 0 {
		s.behind, at = ret, at-1
	}
	for _, a := range s.in(block[at]) {
		if value := s.storeOf(block[at], a); value != nil && a.In == s.Func {
			s.store, s.value = block[at], value
			s.done[a] = true
		}
	}
	if s.store == nil || s.Form == detect.GuardEarly && s.behind == nil {
		return false
	}
	if s.behind == nil {
		return true
	}
	if len(s.behind.Results) != len(s.ret.Results) || len(s.behind.Results) == 2 && !isZero(s.pkg.Info, s.behind.Results[1]) {
		return false
	}
	id, isName := ast.Unparen(s.behind.Results[0]).(*ast.Ident)
	stored, same := s.value.(*ast.Ident)
	return s.isLoad(s.behind.Results[0]) || isName && same && s.pkg.Info.Uses[id] == s.pkg.Info.Uses[stored]
}

// nothingElse proves that the block leaves in front of the store by failures
// alone, and that nothing but what was found uses the atomic.
func (s *atomicSite) nothingElse() bool {
	for _, stmt := range s.Block {
		if stmt == s.store || stmt == ast.Stmt(s.behind) {
			continue
		}
		if len(s.in(stmt)) > 0 || !s.onlyFailures(stmt) {
			return false
		}
	}
	return len(s.in(s.value)) == 0 && s.onlyFailures(s.store)
}

// onlyFailures reports whether stmt leaves the block by no way but a return
// of no value.
func (s *atomicSite) onlyFailures(stmt ast.Stmt) bool {
	return onlyReturns(stmt, func(ret *ast.ReturnStmt) bool {
		return len(ret.Results) == len(s.ret.Results) && isZero(s.pkg.Info, ret.Results[0])
	})
}

// declared returns the declaration of the copy where the block uses it: in
// the new function it is one of its own, which begins empty as this one did.
func (s *atomicSite) declared() string {
	if s.Copy == nil || !uses(s.pkg.Info, &ast.BlockStmt{List: s.Block}, s.Copy) {
		return ""
	}
	first, ok := s.Block[0].(*ast.AssignStmt)
	if ok && len(first.Lhs) == 1 && first.Tok == token.ASSIGN && isNamed(first.Lhs[0], s.Copy.Name()) && !uses(s.pkg.Info, first.Rhs[0], s.Copy) && types.Identical(s.pkg.Info.TypeOf(first.Rhs[0]), s.Copy.Type()) {
		s.replaceStmt(first, s.Copy.Name()+" := $value", hole("value", first.Rhs[0]))
		return ""
	}
	return "var " + s.Copy.Name() + " *" + s.source(s.elem, nil) + "\n"
}
