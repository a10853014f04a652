package rewrite

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
)

// A makeup says through which local variables a value can still be changed.
type makeup struct {
	info *types.Info
	// held are the variables that the value is, points to or holds: whatever
	// is done with them may change it.
	held []*types.Var
	// given are those that a call was given that made it. Only what plainly
	// changes what they hold counts: a constructor seldom keeps its arguments,
	// and code that changes them afterwards is rarer still.
	given []*types.Var
}

// makeupOf returns what e is made of, as stmts, which lead to it, build it.
func (b *building) makeupOf(e ast.Expr, stmts []ast.Stmt) *makeup {
	m := &makeup{info: b.pkg.Info}
	m.add(e, false)
	for i := 0; i < len(m.held); i++ {
		for _, s := range stmts {
			m.addParts(s, m.held[i])
		}
	}
	return m
}

// add adds the variables of e; passed says that e is an argument of a call.
func (m *makeup) add(e ast.Expr, passed bool) {
	ast.Inspect(e, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			convert := m.info.Types[n.Fun].IsType()
			for _, arg := range n.Args {
				m.add(arg, passed || !convert)
			}
			m.add(n.Fun, true)
			return false
		case *ast.UnaryExpr:
			if v := m.root(n.X); n.Op == token.AND && v != nil {
				m.note(v, passed)
				return false
			}
		case *ast.SelectorExpr, *ast.IndexExpr, *ast.StarExpr:
			if v := m.root(n.(ast.Expr)); v != nil && leadsOn(m.info.TypeOf(n.(ast.Expr))) {
				m.note(v, true)
			}
			return false
		case *ast.Ident:
			if v := m.root(n); v != nil && leadsOn(v.Type()) {
				m.note(v, passed)
			}
		}
		return true
	})
}

func (m *makeup) note(v *types.Var, passed bool) {
	list := &m.held
	if passed {
		list = &m.given
	}
	if !slices.Contains(*list, v) {
		*list = append(*list, v)
	}
}

// root returns the local variable at the root of e, x in x.f[i], or nil.
func (m *makeup) root(e ast.Expr) *types.Var {
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		v, ok := m.info.ObjectOf(e).(*types.Var)
		if ok && !v.IsField() && v.Pkg() != nil && v.Parent() != v.Pkg().Scope() {
			return v
		}
	case *ast.SelectorExpr:
		return m.root(e.X)
	case *ast.IndexExpr:
		return m.root(e.X)
	case *ast.StarExpr:
		return m.root(e.X)
	}
	return nil
}

// leadsOn reports whether a value of type t can lead to memory that others
// change: it is no number, string or error, nor built of these.
func leadsOn(t types.Type) bool {
	if t == nil || isError(t) {
		return false
	}
	switch t := t.Underlying().(type) {
	case *types.Basic:
		return t.Kind() == types.UnsafePointer || t.Kind() == types.Invalid
	case *types.Array:
		return leadsOn(t.Elem())
	case *types.Struct:
		for f := range t.Fields() {
			if leadsOn(f.Type()) {
				return true
			}
		}
		return false
	}
	return true
}

// addParts adds what s assigns to v, or to something in it.
func (m *makeup) addParts(s ast.Stmt, v *types.Var) {
	ast.Inspect(s, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			for i, lhs := range n.Lhs {
				if m.root(lhs) == v {
					m.add(n.Rhs[min(i, len(n.Rhs)-1)], false)
				}
			}
		case *ast.ValueSpec:
			for i, name := range n.Names {
				if m.info.Defs[name] == v && len(n.Values) > 0 {
					m.add(n.Values[min(i, len(n.Values)-1)], false)
				}
			}
		}
		return true
	})
}

// mayChange reports whether s may change the value.
func (m *makeup) mayChange(s ast.Stmt) bool {
	if ret, ok := s.(*ast.ReturnStmt); ok && !hasCall(ret) {
		return false
	}
	for _, v := range m.held {
		if _, basic := v.Type().Underlying().(*types.Basic); basic && !assignedIn(m.info, v, []ast.Stmt{s}, 0) {
			continue // a number or string is only changed by name
		}
		if uses(m.info, s, v) {
			return true
		}
	}
	return slices.ContainsFunc(m.given, func(v *types.Var) bool { return m.assignsIn(s, v) })
}

// assignsIn reports whether s assigns to something that v holds, as in v.f = 1,
// v[k] = 1, *v = 1 or delete(v, k).
func (m *makeup) assignsIn(s ast.Stmt, v *types.Var) bool {
	found := false
	within := func(e ast.Expr) bool {
		_, plain := ast.Unparen(e).(*ast.Ident)
		return !plain && m.root(e) == v
	}
	ast.Inspect(s, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			found = found || slices.ContainsFunc(n.Lhs, within)
		case *ast.IncDecStmt:
			found = found || within(n.X)
		case *ast.CallExpr:
			builtin, ok := calleeIn(m.info, n).(*types.Builtin)
			changes := ok && slices.Contains([]string{"delete", "clear", "copy"}, builtin.Name())
			found = found || changes && m.root(n.Args[0]) == v
		}
		return !found
	})
	return found
}
