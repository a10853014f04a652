package detect

import (
	"go/ast"
	"go/types"
	"slices"
)

// guardsField reports whether s, the test of a flag in a value, guards another
// field of it: one that is filled where the test leads and nowhere else, and
// is used behind it. Any other flag says what the value is doing.
func (f *finder) guardsField(s *Site) bool {
	st, ok := s.Var.Owner.Type().Underlying().(*types.Struct)
	if !ok {
		return false
	}
	for field := range st.Fields() {
		v := f.Facts.byVar[field]
		if v == nil || v.Obj == s.Var.Obj || f.isSync(v) || types.Identical(field.Type(), types.Universe.Lookup("error").Type()) {
			continue
		}
		usedBehind := slices.ContainsFunc(v.Accesses, func(a *Access) bool {
			return a.Kind == Read && a.In == s.Func && a.Base == s.Read.Base && a.Pos() > s.Test.End() && !s.leadsTo(a.Pos())
		})
		if usedBehind && !testedWith(v, s) && f.onlyFilledAt(v, s) {
			return true
		}
	}
	return false
}

// testedWith reports whether the condition of s reads v too: then v says
// itself whether it is there, and the flag something else.
func testedWith(v *Variable, s *Site) bool {
	test, ok := s.Stmt.(*ast.IfStmt)
	return ok && slices.ContainsFunc(v.Accesses, func(a *Access) bool {
		return test.Cond.Pos() <= a.Pos() && a.Pos() < test.Cond.End()
	})
}
