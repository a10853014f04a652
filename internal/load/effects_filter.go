package load

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/singletonfix/singletonfix/detect"
)

// mayHaveEffects returns the names of the exported functions of the files'
// package of which there may be something to know: that one locks or unlocks
// a variable's mutex, itself or by what it calls, or runs a function that it is
// given in a goroutine. It goes by syntax, and names too many rather than too few.
func mayHaveEffects(files []*detect.File) map[string]bool {
	f := newFilter(files)
	o := readOutline(f.pieces, nil)
	locking := o.closure(o.where(func(c *code) bool {
		decl, ok := c.decl.(*ast.FuncDecl)
		return ok && decl.Body != nil && c.syncs && f.locksVariable(decl)
	}), func(c *code) []int { return c.callers })
	names := make(map[string]bool)
	for i, c := range o.codes {
		decl, ok := c.decl.(*ast.FuncDecl)
		if ok && decl.Body != nil && decl.Name.IsExported() && (locking[i] || startsParam(decl)) {
			names[decl.Name.Name] = true
		}
	}
	return names
}

// locksVariable reports whether a function calls a method of a lock on a
// package variable, of this package or of another, and may leave it so, or
// uses a channel that is one for a lock.
func (f *filter) locksVariable(decl *ast.FuncDecl) bool {
	aliases, own := f.aliases(decl), ownNames(decl)
	balanced := f.balanced(decl)
	found := false
	ast.Inspect(decl.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.SelectorExpr:
			found = found || isLockMethod(n.Sel.Name) && f.maybeVariable(n.X, aliases, own) && !balanced[types.ExprString(n.X)]
		case *ast.SendStmt:
			found = found || f.maybeSemaphore(n.Chan)
		case *ast.UnaryExpr:
			found = found || n.Op == token.ARROW && f.maybeSemaphore(n.X)
		}
		return !found
	})
	return found
}

// maybeSemaphore reports whether e may be a channel of the package that is one
// for a lock: it is declared with room for something.
func (f *filter) maybeSemaphore(e ast.Expr) bool {
	id, ok := ast.Unparen(e).(*ast.Ident)
	if !ok || f.vars[id.Name] == nil {
		return false
	}
	return slices.ContainsFunc(f.vars[id.Name].Values, func(value ast.Expr) bool {
		made, ok := value.(*ast.CallExpr)
		return ok && len(made.Args) == 2
	})
}

// aliases returns the names that decl assigns what may be a package variable
// or the address of one.
func (f *filter) aliases(decl *ast.FuncDecl) map[string]bool {
	found, own := make(map[string]bool), ownNames(decl)
	ast.Inspect(decl.Body, func(n ast.Node) bool {
		if s, ok := n.(*ast.AssignStmt); ok && len(s.Lhs) == len(s.Rhs) {
			for i, lhs := range s.Lhs {
				if id, ok := lhs.(*ast.Ident); ok && f.maybeVariable(s.Rhs[i], found, own) {
					found[id.Name] = true
				}
			}
		}
		return true
	})
	return found
}

// ownNames returns the names of a function's receiver and parameters: in all
// of its body they are no package's.
func ownNames(decl *ast.FuncDecl) map[string]bool {
	names := make(map[string]bool)
	for _, list := range []*ast.FieldList{decl.Recv, decl.Type.Params, decl.Type.Results} {
		if list == nil {
			continue
		}
		for _, field := range list.List {
			for _, name := range field.Names {
				names[name.Name] = true
			}
		}
	}
	return names
}

// maybeVariable reports whether e may be a package variable or a part of one:
// it begins with the name of one, with a package's and that of one, or with an
// alias. What own has is no package's name.
func (f *filter) maybeVariable(e ast.Expr, aliases, own map[string]bool) bool {
	for {
		switch x := ast.Unparen(e).(type) {
		case *ast.Ident:
			return f.vars[x.Name] != nil || aliases[x.Name]
		case *ast.SelectorExpr:
			if id, plain := x.X.(*ast.Ident); plain && ast.IsExported(x.Sel.Name) && !own[id.Name] {
				return true
			}
			e = x.X
		case *ast.StarExpr:
			e = x.X
		case *ast.UnaryExpr:
			e = x.X
		default:
			return false // an element, or what a call returns: no one lock
		}
	}
}

// startsParam reports whether a function may run one of its parameters in
// another goroutine.
func startsParam(decl *ast.FuncDecl) bool {
	params := make(map[string]bool)
	for _, field := range decl.Type.Params.List {
		switch field.Type.(type) {
		case *ast.ArrayType, *ast.MapType, *ast.StarExpr, *ast.ChanType, *ast.InterfaceType, *ast.StructType:
			continue // cannot be called
		}
		for _, name := range field.Names {
			params[name.Name] = true
		}
	}
	called, starts, passed := false, false, false
	ast.Inspect(decl.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.GoStmt:
			starts = true
		case *ast.CallExpr:
			if id, ok := ast.Unparen(n.Fun).(*ast.Ident); ok && params[id.Name] {
				called = true
			}
			for _, arg := range n.Args {
				if id, ok := ast.Unparen(arg).(*ast.Ident); ok && params[id.Name] && isRunner(n) {
					passed = true
				}
				if _, ok := arg.(*ast.FuncLit); ok && isRunner(n) {
					starts = true
				}
			}
		}
		return true
	})
	return passed || called && starts
}

// isRunner reports whether a call may be of a function of another package
// that runs what it is given in a goroutine.
func isRunner(call *ast.CallExpr) bool {
	switch fun := call.Fun.(type) {
	case *ast.SelectorExpr:
		switch fun.Sel.Name {
		case "Go", "TryGo", "AfterFunc", "Handle", "HandleFunc", "HandlerFunc", "Notify", "NotifyContext":
			return true
		}
	}
	return false
}
