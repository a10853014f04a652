package detect

import (
	"go/ast"
	"go/types"

	"golang.org/x/tools/go/ast/edge"
)

// filledAfterFlag returns the write of a variable beside the atomic flag of s
// that comes after the flag was set, or nil.
func (f *finder) filledAfterFlag(s *Site) *Access {
	if !s.Flag {
		return nil
	}
	for _, v := range f.filledBeside(s) {
		for _, w := range v.Accesses {
			if w.Kind != Write || !f.besideFill(w, s) || w.Value != nil && f.isZero(w.Value) {
				continue
			}
			for _, flag := range s.Fills {
				if flag.In == w.In && flag.Pos() < w.Pos() {
					return w
				}
			}
		}
	}
	return nil
}

// publishedEarly returns why the site s stores its value before it is
// complete: what was stored is assigned to afterwards, by the getter
// or by a method that it calls on the value; else nil.
func (f *finder) publishedEarly(s *Site) []Note {
	for _, w := range s.Fills {
		v := f.storedVar(w)
		if v == nil || w.In == nil {
			continue
		}
		for cur := range w.In.Cur.Preorder((*ast.Ident)(nil)) {
			id := cur.Node().(*ast.Ident)
			if id.Pos() < w.Stmt.End() || f.Pkg.Info.Uses[id] != v || !s.leadsTo(id.Pos()) {
				continue
			}
			if f.changes(cur.Node().(*ast.Ident)) {
				return []Note{
					{"published-early", "it is stored here, where others can see it, before it is complete", w.Pos()},
					{"changed-after-store", v.Name() + " is changed after that", id.Pos()},
				}
			}
		}
	}
	return nil
}

// storedVar returns the local variable whose value, a pointer, the fill w stores, or nil.
func (f *finder) storedVar(w *Access) *types.Var {
	id, ok := w.Value.(*ast.Ident)
	if !ok {
		return nil
	}
	v := f.localVar(id)
	if v == nil {
		return nil
	}
	if _, ok := v.Type().Underlying().(*types.Pointer); !ok {
		return nil
	}
	return v
}

// changes reports whether the use of a pointer at id assigns a field of what
// it points to, or calls a method of this package that does.
func (f *finder) changes(id *ast.Ident) bool {
	cur, ok := f.Insp.Root().FindNode(id)
	if !ok || cur.ParentEdgeKind() != edge.SelectorExpr_X {
		return false
	}
	sel := cur.Parent()
	switch sel.ParentEdgeKind() {
	case edge.AssignStmt_Lhs, edge.IncDecStmt_X:
		return true
	case edge.IndexExpr_X:
		return sel.Parent().ParentEdgeKind() == edge.AssignStmt_Lhs
	case edge.CallExpr_Fun:
		obj, _ := f.Pkg.Info.Uses[sel.Node().(*ast.SelectorExpr).Sel].(*types.Func)
		return f.assignsReceiver(f.Declared(obj))
	}
	return false
}

// assignsReceiver reports whether the method assigns a field of its receiver.
func (f *finder) assignsReceiver(fn *Func) bool {
	if fn == nil || fn.Body() == nil {
		return false
	}
	recv := f.recvObj(fn)
	if recv == nil {
		return false
	}
	for cur := range fn.Cur.Preorder((*ast.AssignStmt)(nil)) {
		for _, lhs := range cur.Node().(*ast.AssignStmt).Lhs {
			if root, path := f.operand(lhs); root == recv && path != "" {
				return true
			}
		}
	}
	return false
}
