package rewrite

import (
	"go/ast"
	"go/types"

	"golang.org/x/tools/go/ast/edge"

	"github.com/singletonfix/singletonfix/detect"
)

// filledBeside proves of the other fields of the value that a guard's block
// fills that they are used nowhere else: those who use them there would still
// race with the block. holds says of a function whether it comes past the lock.
func (f *fieldDraft) filledBeside(holds func(*detect.Func) bool) *Refusal {
	beside := f.fieldsFilled()
	if len(beside) == 0 {
		return nil
	}
	for cur := range f.fx.Insp.Root().Preorder((*ast.SelectorExpr)(nil)) {
		s := f.pkg.Info.Selections[cur.Node().(*ast.SelectorExpr)]
		if s == nil {
			continue
		}
		v, ok := s.Obj().(*types.Var)
		in := f.fx.Enclosing(cur)
		if !ok || !beside[v] || in == nil || in.File.Test || holds(in) {
			continue
		}
		return refuse(NoForm, cur.Node().Pos(), "%s is filled together with %s, and used here without the lock", v.Name(), f.v.Name())
	}
	return nil
}

// fieldsFilled returns the fields that the blocks of the sites assign and
// that are none of the singleton's.
func (f *fieldDraft) fieldsFilled() map[*types.Var]bool {
	own := make(map[*types.Var]bool)
	for _, v := range f.Singleton.Vars {
		own[v.Obj] = true
	}
	beside := make(map[*types.Var]bool)
	for _, s := range f.Singleton.Sites {
		for cur := range s.Func.Cur.Preorder((*ast.SelectorExpr)(nil)) {
			sel := cur.Node().(*ast.SelectorExpr)
			if cur.ParentEdgeKind() != edge.AssignStmt_Lhs || !inStmts(s.Block, sel) {
				continue
			}
			if v, ok := f.pkg.Info.Uses[sel.Sel].(*types.Var); ok && v.IsField() && !own[v] && f.isField(v) {
				beside[v] = true
			}
		}
	}
	return beside
}

// isField reports whether v is a field of the type itself.
func (f *fieldDraft) isField(v *types.Var) bool {
	st, ok := f.owner.Type().Underlying().(*types.Struct)
	if !ok {
		return false
	}
	for field := range st.Fields() {
		if field == v {
			return true
		}
	}
	return false
}
