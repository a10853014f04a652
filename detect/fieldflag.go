package detect

import (
	"go/ast"
	"go/types"
	"slices"
)

// guardedFields returns the fields of a value that s, the test of a flag in it,
// guards: those that are filled where the test leads and nowhere else, if one
// of them is used behind it. Any other flag says what the value is doing.
func (f *finder) guardedFields(s *Site) []*Variable {
	st, ok := s.Var.Owner.Type().Underlying().(*types.Struct)
	if !ok || !s.Flag {
		return nil
	}
	var guarded []*Variable
	used := false
	for field := range st.Fields() {
		v := f.Facts.byVar[field]
		if v == nil || v.Obj == s.Var.Obj || f.isSync(v) || testedWith(v, s) || !f.onlyFilledAt(v, s) {
			continue
		}
		guarded = append(guarded, v)
		used = used || !types.Identical(field.Type(), types.Universe.Lookup("error").Type()) && slices.ContainsFunc(v.Accesses, func(a *Access) bool {
			return a.Kind == Read && a.In == s.Func && a.Base == s.Read.Base && a.Pos() > s.Test.End() && !s.leadsTo(a.Pos())
		})
	}
	if !used {
		return nil
	}
	return guarded
}

// testedWith reports whether the condition of s reads v too: then v says
// itself whether it is there, and the flag something else.
func testedWith(v *Variable, s *Site) bool {
	test, ok := s.Stmt.(*ast.IfStmt)
	return ok && slices.ContainsFunc(v.Accesses, func(a *Access) bool {
		return test.Cond.Pos() <= a.Pos() && a.Pos() < test.Cond.End()
	})
}
