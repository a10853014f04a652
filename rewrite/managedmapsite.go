package rewrite

import (
	"go/ast"
	"go/types"
	"slices"

	"github.com/singletonfix/singletonfix/detect"
)

// A lookUpSite is a look-up in a registry that stores what is missing.
type lookUpSite struct {
	*managedMap
	*guard
	first ast.Stmt        // the look-up, or the test where both are one
	value *ast.Ident      // what the look-up defines: v of v, ok := m[k]; nil if nothing
	store *ast.AssignStmt // m[k] = v
	at    int             // of store in the block
}

// site plans one look-up that stores: one call of Get or GetErr.
func (m *managedMap) site(g *guard) *Refusal {
	l := &lookUpSite{managedMap: m, guard: g}
	m.done[g.Read] = true
	for _, step := range []func() *Refusal{l.findLookUp, l.findStore, l.sameKey, l.notAgain} {
		if r := step(); r != nil {
			return r
		}
	}
	if ret := l.handsOut(); ret != nil {
		return l.getter(ret)
	}
	return l.inline()
}

func (l *lookUpSite) unclear(at ast.Node) *Refusal {
	return refuse(ControlFlow, at.Pos(), "the look-up in %s, what is stored, and what is returned are not one value", l.v.Name())
}

// findLookUp finds the statement that looks the key up, and what it defines.
func (l *lookUpSite) findLookUp() *Refusal {
	l.first = l.stmt
	s, isIf := l.stmt.(*ast.IfStmt)
	if !isIf || l.Form != detect.GuardEarly && (l.Form != detect.GuardThen || s.Else != nil) {
		return l.unclear(l.stmt)
	}
	var def ast.Stmt
	switch {
	case contains(s.Cond, l.Read.Expr):
		if s.Init != nil || unnegated(s.Cond) != unnegated(l.Test) {
			return l.unclear(s)
		}
		return nil
	case s.Init != nil && contains(s.Init, l.Read.Expr):
		def = s.Init
	case l.guard.at > 0 && s.Init == nil && contains(l.list[l.guard.at-1], l.Read.Expr):
		def = l.list[l.guard.at-1]
		l.first = def
	}
	a, ok := def.(*ast.AssignStmt)
	if !ok || a.Tok.String() != ":=" || len(a.Rhs) != 1 || unnegated(s.Cond) != unnegated(l.Test) {
		return l.unclear(l.stmt)
	}
	x, ok := ast.Unparen(a.Rhs[0]).(*ast.IndexExpr)
	if !ok || ast.Unparen(x.X) != l.Read.Expr {
		return l.unclear(a)
	}
	if id := a.Lhs[0].(*ast.Ident); id.Name != "_" {
		l.value = id
	}
	if len(a.Lhs) == 2 && l.usedBeyond(a.Lhs[1].(*ast.Ident), s.Cond) {
		return l.unclear(a.Lhs[1])
	}
	return nil
}

// usedBeyond reports whether the variable that id defines is used outside the condition.
func (l *lookUpSite) usedBeyond(id *ast.Ident, cond ast.Expr) bool {
	obj := l.pkg.Info.Defs[id]
	found := false
	ast.Inspect(l.Func.Cur.Node(), func(n ast.Node) bool {
		use, ok := n.(*ast.Ident)
		found = found || ok && obj != nil && l.pkg.Info.Uses[use] == obj && !contains(cond, use)
		return !found
	})
	return found
}

// findStore finds the one statement of the block that stores under the key.
func (l *lookUpSite) findStore() *Refusal {
	for _, a := range l.in(nodes(l.Block)...) {
		if l.done[a] {
			continue
		}
		if guard := l.guardOf(a); guard != nil {
			if !slices.Contains(l.Block, ast.Stmt(guard)) {
				return l.unclear(guard)
			}
			if r := l.drop(guard); r != nil {
				return r
			}
			continue
		}
		s, ok := a.Stmt.(*ast.AssignStmt)
		if ok && a.In == l.Func && l.store == nil && a.Kind == detect.Element && len(s.Lhs) == 1 && slices.Contains(l.Block, ast.Stmt(s)) && contains(s.Lhs[0], a.Expr) {
			l.store, l.at = s, slices.Index(l.Block, ast.Stmt(s))
			l.done[a] = true
			continue
		}
		if !l.isStored(a) {
			return l.unclear(a.Stmt)
		}
	}
	if l.store == nil {
		return l.unclear(l.stmt)
	}
	if !l.keeps(l.store.Rhs[0], l.Block[:l.at]) {
		return refuse(NoForm, l.store.Pos(), "what is stored in %s here may be zero, which the manager does not keep", l.v.Name())
	}
	return nil
}

// guardOf returns the statement if m == nil { m = make(...) } that a is part of, or nil.
func (l *lookUpSite) guardOf(a *detect.Access) *ast.IfStmt {
	if s, ok := a.Stmt.(*ast.AssignStmt); ok && a.Kind == detect.Write {
		return l.makes(s)
	}
	if f, ok := a.Stmt.(*ast.IfStmt); ok {
		if cond, ok := ast.Unparen(f.Cond).(*ast.BinaryExpr); ok {
			return l.nilGuard(cond)
		}
	}
	return nil
}

// isStored reports whether a is m[k] in a return behind the store.
func (l *lookUpSite) isStored(a *detect.Access) bool {
	ret, ok := a.Stmt.(*ast.ReturnStmt)
	if !ok || l.store == nil || ret.Pos() < l.store.Pos() || len(ret.Results) == 0 || l.source(ret.Results[0], nil) != l.source(l.store.Lhs[0], nil) {
		return false
	}
	l.done[a] = true
	return true
}

// sameKey proves that the key that is looked up is the one that is stored
// under, computed without a call and not changed in between.
func (l *lookUpSite) sameKey() *Refusal {
	x, ok := l.store.Lhs[0].(*ast.IndexExpr)
	if !ok || l.source(x.Index, nil) != l.source(l.Key, nil) || hasCall(l.Key) {
		return refuse(ControlFlow, l.store.Pos(), "this key of %s is not plainly the one that was looked up", l.v.Name())
	}
	if id := l.assigned(l.Block); id != nil {
		return refuse(ControlFlow, id.Pos(), "%s is assigned between the look-up in %s and the store", id.Name, l.v.Name())
	}
	return nil
}

// assigned returns a variable of the key that stmts assign, or nil.
func (l *lookUpSite) assigned(stmts []ast.Stmt) *ast.Ident {
	var found *ast.Ident
	ast.Inspect(l.Key, func(n ast.Node) bool {
		id, ok := n.(*ast.Ident)
		if !ok || found != nil {
			return found == nil
		}
		if obj, isVar := l.pkg.Info.Uses[id].(*types.Var); isVar && assignedIn(l.pkg.Info, obj, stmts, 0) {
			found = id
		}
		return true
	})
	return found
}

// notAgain proves that nobody who runs while a value is built asks for the
// same key: what stores before it goes on may do that, what stores in the end
// would not come to an end. Other keys do not wait for each other.
func (l *lookUpSite) notAgain() *Refusal {
	behind := reachOf(l.fx, nodes(l.Block[l.at+1:])...)
	if behind.funcs[l.Func] {
		return refuse(Reentrant, l.store.Pos(), "the value is stored before it is complete, for what comes back to find it")
	}
	all := reachOf(l.fx, nodes(l.Block)...)
	for _, a := range l.v.Accesses {
		if a.Kind != detect.Read && a.In != nil && a.In != l.Func && all.funcs[a.In] {
			return refuse(Reentrant, a.Pos(), "the making of a value may come here, where %s is changed", l.v.Name())
		}
	}
	if all.funcs[l.Func] {
		l.note("the making of a value asks " + l.Func.Name() + " for others: none may need itself, or it waits for itself, where it called itself without end before")
	}
	l.proved("not-reentrant")
	return nil
}

// handsOut returns the return statement where the function does nothing behind
// the look-up but return the value, alone or with a nil error; else nil.
func (l *lookUpSite) handsOut() *ast.ReturnStmt {
	list := l.early
	if l.Form == detect.GuardThen {
		list = l.rest
	}
	if len(list) != 1 || !l.body {
		return nil
	}
	ret, ok := list[0].(*ast.ReturnStmt)
	results := l.Func.Type().Results
	if !ok || len(ret.Results) == 0 || results == nil || len(results.List) != len(ret.Results) || !l.isValue(ret.Results[0]) {
		return nil
	}
	for _, field := range results.List {
		if len(field.Names) > 0 {
			return nil
		}
	}
	elem := l.pkg.Info.TypeOf(l.typ.Value)
	switch {
	case !types.Identical(l.pkg.Info.TypeOf(results.List[0].Type), elem):
		return nil
	case len(ret.Results) == 2 && (!isError(l.pkg.Info.TypeOf(results.List[1].Type)) || !isZero(l.pkg.Info, ret.Results[1])):
		return nil
	case len(ret.Results) > 2:
		return nil
	}
	return ret
}

// isValue reports whether e is the value of the key: m[k], or what the look-up defined.
func (l *lookUpSite) isValue(e ast.Expr) bool {
	if id, ok := ast.Unparen(e).(*ast.Ident); ok {
		return l.value != nil && l.pkg.Info.Uses[id] == l.pkg.Info.Defs[l.value]
	}
	return l.source(e, nil) == l.source(l.store.Lhs[0], nil)
}
