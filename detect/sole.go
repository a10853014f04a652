package detect

import (
	"go/ast"
	"go/types"

	"golang.org/x/tools/go/ast/inspector"
)

// onlyOne returns, for the receiver v of a type of which there is only one
// value, the type's name: it stands for that value in all methods, and a lock
// in it guards package variables as well as one of the package does. Of other
// variables it returns v itself.
func (fx *Facts) onlyOne(v types.Object) types.Object {
	recv, ok := v.(*types.Var)
	if !ok || recv.Kind() != types.RecvVar || fx.fields {
		return v
	}
	if name := namedStruct(recv.Type()); name != nil && fx.soleTypes()[name] {
		return name
	}
	return v
}

// namedStruct returns the name of the struct type that t is or points to, nil
// if it is no such type or has parameters.
func namedStruct(t types.Type) *types.TypeName {
	if p, ok := types.Unalias(t).(*types.Pointer); ok {
		t = p.Elem()
	}
	named, ok := types.Unalias(t).(*types.Named)
	if !ok || named.TypeParams().Len() > 0 {
		return nil
	}
	if _, ok := named.Underlying().(*types.Struct); !ok {
		return nil
	}
	return named.Obj()
}

// soleTypes returns the package's struct types of which one value is made
// while the package is initialised, and none elsewhere in it.
func (fx *Facts) soleTypes() map[*types.TypeName]bool {
	if fx.sole != nil {
		return fx.sole
	}
	made := make(map[*types.TypeName]int) // many where it is not once and for all
	for cur := range fx.Insp.Root().Preorder((*ast.Ident)(nil), (*ast.CompositeLit)(nil)) {
		if file := fx.Pkg.File(cur.Node().Pos()); file == nil || file.Test {
			continue
		}
		name, at := fx.makes(cur)
		switch {
		case name == nil:
		case at.Inspector() == nil || !fx.initially(at):
			made[name] += many
		default:
			made[name]++
		}
	}
	fx.sole = make(map[*types.TypeName]bool)
	for name, n := range made {
		fx.sole[name] = n == 1
	}
	return fx.sole
}

const many = 2

// makes returns the struct type of the package of which cur may make a value,
// and where; nowhere in particular if that is any number of values.
func (fx *Facts) makes(cur inspector.Cursor) (name *types.TypeName, at inspector.Cursor) {
	if lit, ok := cur.Node().(*ast.CompositeLit); ok {
		if lit.Type != nil {
			return nil, at // named by an identifier
		}
		return namedStruct(fx.Pkg.Info.TypeOf(lit)), at
	}
	name, ok := fx.Pkg.Info.Uses[cur.Node().(*ast.Ident)].(*types.TypeName)
	if !ok || namedStruct(name.Type()) != name || name.Pkg() != fx.Pkg.Types {
		return nil, at
	}
	switch parent := cur.Parent().Node().(type) {
	case *ast.StarExpr:
		return nil, at // a pointer
	case *ast.CompositeLit:
		return name, cur.Parent()
	case *ast.CallExpr:
		if fx.isBuiltin(parent, "new") {
			return name, cur.Parent()
		}
	case *ast.ValueSpec:
		if len(parent.Names) == 1 {
			return name, cur.Parent()
		}
	}
	return name, at
}

// initially reports whether the code at cur runs once, while the package is initialised.
func (fx *Facts) initially(cur inspector.Cursor) bool {
	for range cur.Enclosing((*ast.ForStmt)(nil), (*ast.RangeStmt)(nil), (*ast.FuncLit)(nil)) {
		return false
	}
	fn := fx.Enclosing(cur)
	return fn == nil || isInit(fn)
}
