package rewrite

import (
	"fmt"
	"go/ast"
	"slices"

	"github.com/dave/dst"
)

// editField puts the fields of the struct type that the edit's Code declares
// beside a field of another.
func (w *workspace) editField(s *step, n *ast.Field) error {
	list, ok := w.dec.Dst.Nodes[w.parent[n]].(*dst.FieldList)
	if !ok || s.edit.Op != InsertAfter && s.edit.Op != InsertBefore {
		return fmt.Errorf("no edit of this kind for a field")
	}
	decls, err := w.declCode(s)
	if err != nil {
		return err
	}
	code, err := fieldsOf(decls)
	if err != nil {
		return fmt.Errorf("new code %q: %w", s.edit.Code, err)
	}
	old := w.dec.Dst.Nodes[n].(*dst.Field)
	if s.edit.Op == InsertBefore {
		code[0].Decs.Before = max(old.Decs.Before, dst.NewLine)
		old.Decs.Before = dst.NewLine
		list.List = slices.Insert(list.List, slices.Index(list.List, old), code...)
		return nil
	}
	last := code[len(code)-1].Decorations()
	last.After = max(old.Decorations().After, dst.NewLine)
	old.Decorations().After = dst.NewLine
	old.Decorations().Before = max(old.Decorations().Before, dst.NewLine)
	list.List = slices.Insert(list.List, slices.Index(list.List, old)+1, code...)
	return nil
}

// fieldsOf returns the fields of the one struct type that is declared.
func fieldsOf(decls []dst.Decl) ([]*dst.Field, error) {
	if len(decls) == 1 {
		if gen, ok := decls[0].(*dst.GenDecl); ok && len(gen.Specs) == 1 {
			if spec, ok := gen.Specs[0].(*dst.TypeSpec); ok {
				if st, ok := spec.Type.(*dst.StructType); ok && len(st.Fields.List) > 0 {
					for _, f := range st.Fields.List {
						f.Decs.Before, f.Decs.After = dst.NewLine, dst.NewLine
					}
					return slices.Clone(st.Fields.List), nil
				}
			}
		}
	}
	return nil, fmt.Errorf("it is no struct type")
}
