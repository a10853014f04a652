package load

import (
	"go/ast"
	"go/token"
	"slices"
	"strings"
)

// A typeName is a named type, by the import path of its package; the zero
// typeName is one that is not known.
type typeName struct{ path, name string }

// receiver returns the type of which f is a method.
func (f startFunc) receiver() typeName {
	name, _, _ := strings.Cut(f.name, ".")
	return typeName{f.folder.path, name}
}

// selectsMethod reports whether n calls the method f of a value whose type is
// seen to be f's receiver.
func (v *useFinder) selectsMethod(n ast.Node, f startFunc) bool {
	sel, ok := n.(*ast.SelectorExpr)
	return ok && sel.Sel.Name == f.own() && v.typeOf(sel.X) == f.receiver()
}

// own returns the name of f without that of its receiver.
func (f startFunc) own() string { return f.name[strings.Index(f.name, ".")+1:] }

func (f startFunc) isMethod() bool { return strings.Contains(f.name, ".") }

// isImport reports whether e is the name of an imported package.
func (v *useFinder) isImport(e ast.Expr) bool {
	id, ok := e.(*ast.Ident)
	return ok && id.Obj == nil && importedAs(v.file, id.Name) != ""
}

// typeOf returns the type of e as far as its declaration spells it: that of a
// receiver, a parameter, a literal, or of what a function by the name of
// New... makes.
func (v *useFinder) typeOf(e ast.Expr) typeName {
	id, ok := e.(*ast.Ident)
	if !ok || id.Obj == nil {
		return typeName{}
	}
	switch decl := id.Obj.Decl.(type) {
	case *ast.Field:
		return v.named(decl.Type)
	case *ast.ValueSpec:
		if decl.Type != nil {
			return v.named(decl.Type)
		}
		var names []ast.Expr
		for _, name := range decl.Names {
			names = append(names, name)
		}
		return v.made(id, names, decl.Values)
	case *ast.AssignStmt:
		return v.made(id, decl.Lhs, decl.Rhs)
	}
	return typeName{}
}

// made returns the type of the value that the variable id, one of names,
// begins with.
func (v *useFinder) made(id *ast.Ident, names, values []ast.Expr) typeName {
	i := slices.IndexFunc(names, func(e ast.Expr) bool { name, ok := e.(*ast.Ident); return ok && name.Name == id.Name })
	if i < 0 || i >= len(values) {
		return typeName{}
	}
	switch x := values[i].(type) {
	case *ast.CompositeLit:
		return v.named(x.Type)
	case *ast.UnaryExpr:
		if lit, ok := x.X.(*ast.CompositeLit); ok && x.Op == token.AND {
			return v.named(lit.Type)
		}
	case *ast.CallExpr:
		of := v.named(x.Fun)
		if made, ok := strings.CutPrefix(of.name, "New"); ok && made != "" {
			return typeName{of.path, made}
		}
	}
	return typeName{}
}

// named returns the type that e, or the pointer e, names.
func (v *useFinder) named(e ast.Expr) typeName {
	if star, ok := e.(*ast.StarExpr); ok {
		e = star.X
	}
	switch x := e.(type) {
	case *ast.Ident:
		return typeName{v.by.path, x.Name}
	case *ast.SelectorExpr:
		if pkg, ok := x.X.(*ast.Ident); ok && v.isImport(pkg) {
			return typeName{importedAs(v.file, pkg.Name), x.Sel.Name}
		}
	}
	return typeName{}
}
