package detect

import (
	"go/ast"
	"go/types"
	"slices"
)

// isConfigured reports whether s gives a string or a number, or an empty map
// or slice to what its function does not return and somebody else assigns,
// too: what reads the configuration, say.
func (f *finder) isConfigured(s *Site) bool {
	t := f.Pkg.Info.TypeOf(s.Read.Expr)
	if t == nil || s.Flag || s.Key != nil || s.Copy != nil || f.returnsVar(s) {
		return false
	}
	if basic, ok := t.Underlying().(*types.Basic); (!ok || basic.Info()&(types.IsNumeric|types.IsString) == 0) && !f.fillsEmpty(s) {
		return false
	}
	return slices.ContainsFunc(s.Var.Accesses, func(w *Access) bool {
		return w.Kind == Write && w.Phase == Shared && w.In != nil && w.In.Outermost() != s.Func.Outermost() && (w.Value == nil || !f.isZero(w.Value)) && !f.besideFill(w, s) && !slices.Contains(s.Fills, w)
	})
}

// fillsEmpty reports whether all that s stores is a map or a slice without elements.
func (f *finder) fillsEmpty(s *Site) bool {
	return !slices.ContainsFunc(s.Fills, func(w *Access) bool {
		switch x := w.Value.(type) {
		case *ast.CompositeLit:
			return len(x.Elts) > 0 || !isContainer(f.Pkg.Info.TypeOf(x))
		case *ast.CallExpr:
			return !f.isBuiltin(x, "make") || !isContainer(f.Pkg.Info.TypeOf(x))
		}
		return true
	})
}

func isContainer(t types.Type) bool {
	if t == nil {
		return false
	}
	switch t.Underlying().(type) {
	case *types.Map, *types.Slice:
		return true
	}
	return false
}

// tearsDown reports whether what the flag of s guards does nothing but end
// something: it closes a channel, stops and waits.
func (f *finder) tearsDown(s *Site) bool {
	if !s.Flag || len(f.filledBeside(s)) > 0 {
		return false
	}
	ends := false
	for _, stmt := range s.Block {
		switch x := stmt.(type) {
		case *ast.AssignStmt, *ast.ReturnStmt:
		case *ast.ExprStmt:
			call, ok := x.X.(*ast.CallExpr)
			if !ok || !f.isBuiltin(call, "close") && !isEnd(call) {
				return false
			}
			ends = true
		default:
			return false
		}
	}
	return ends
}

// isEnd reports whether call is of a method by whose name something ends.
func isEnd(call *ast.CallExpr) bool {
	sel, ok := call.Fun.(*ast.SelectorExpr)
	if !ok {
		return false
	}
	switch sel.Sel.Name {
	case "Close", "Stop", "Wait", "Shutdown", "Cancel", "Flush":
		return true
	}
	return false
}

// returnsVar reports whether the function of s returns the variable, or what
// it makes of it.
func (f *finder) returnsVar(s *Site) bool {
	for cur := range s.Func.Cur.Preorder((*ast.ReturnStmt)(nil)) {
		for _, r := range cur.Node().(*ast.ReturnStmt).Results {
			if f.mentions(r, s.Read.Var, s.Read.Path) {
				return true
			}
		}
	}
	return false
}
