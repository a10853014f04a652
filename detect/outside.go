package detect

import "go/ast"

// An OutsideUse is one place outside a package that names an exported
// variable of it: in another package, or in its external test.
type OutsideUse struct {
	File  *File      // parsed into the Package's FileSet
	Stack []ast.Node // from the file down to the selector, or to the import where a dot hides the use
	Left  bool       // build constraints leave the file out
	Other bool       // the file is of another module
}

// Selector returns the expression that names the variable, nil where a dot
// import hides it.
func (u *OutsideUse) Selector() *ast.SelectorExpr {
	sel, _ := u.Stack[len(u.Stack)-1].(*ast.SelectorExpr)
	return sel
}
