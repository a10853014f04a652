package load

import (
	"go/ast"

	"github.com/singletonfix/singletonfix/detect"
)

// resolveRest resolves the names that go/types gave up on. It stops in the
// middle of some expressions once an operand is invalid, as with faked imports
// many are, and an access to a package variable must not go unseen for that.
//
// Names after a dot and keys of composite literals take types to resolve and
// are left alone.
func resolveRest(pkg *detect.Package) {
	for _, f := range pkg.Files {
		skip := map[*ast.Ident]bool{f.Syntax.Name: true}
		ast.Inspect(f.Syntax, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.SelectorExpr:
				skip[n.Sel] = true
			case *ast.KeyValueExpr:
				if id, ok := n.Key.(*ast.Ident); ok {
					skip[id] = true
				}
			case *ast.BranchStmt:
				return false
			case *ast.LabeledStmt:
				skip[n.Label] = true
			case *ast.Ident:
				if !skip[n] && n.Name != "_" && pkg.Info.ObjectOf(n) == nil {
					resolve(pkg, n)
				}
			}
			return true
		})
	}
}

// resolve resolves a name by the scopes around it.
func resolve(pkg *detect.Package, id *ast.Ident) {
	scope := pkg.Types.Scope().Innermost(id.Pos())
	if scope == nil {
		return
	}
	if _, obj := scope.LookupParent(id.Name, id.Pos()); obj != nil && obj.Pos() != id.Pos() {
		pkg.Info.Uses[id] = obj
	}
}
