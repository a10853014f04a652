package rewrite

import (
	"go/ast"
	"go/token"
)

// terminates reports whether s is a statement that the compiler, too, knows
// to have no end: a loop without condition and break, or a switch or select
// of which every way returns.
func terminates(s ast.Stmt) bool {
	switch s := s.(type) {
	case *ast.ForStmt:
		return s.Cond == nil && !breaks(s.Body)
	case *ast.SwitchStmt:
		return clausesEnd(s.Body, true)
	case *ast.TypeSwitchStmt:
		return clausesEnd(s.Body, true)
	case *ast.SelectStmt:
		return clausesEnd(s.Body, false)
	case *ast.ReturnStmt:
		return true
	case *ast.BlockStmt:
		return len(s.List) > 0 && terminates(s.List[len(s.List)-1])
	case *ast.IfStmt:
		return s.Else != nil && terminates(s.Body) && terminates(s.Else)
	case *ast.ExprStmt:
		call, ok := s.X.(*ast.CallExpr)
		if !ok {
			return false
		}
		id, ok := call.Fun.(*ast.Ident)
		return ok && id.Name == "panic"
	}
	return false
}

// clausesEnd reports whether every clause of a switch or select ends in a
// statement that terminates, and, if asked for, there is a default.
func clausesEnd(body *ast.BlockStmt, needDefault bool) bool {
	hasDefault := !needDefault
	for _, c := range body.List {
		var list []ast.Stmt
		switch c := c.(type) {
		case *ast.CaseClause:
			list = c.Body
			hasDefault = hasDefault || c.List == nil
		case *ast.CommClause:
			list = c.Body
		}
		if len(list) == 0 || !terminates(list[len(list)-1]) || breaks(&ast.BlockStmt{List: list}) {
			return false
		}
	}
	return hasDefault
}

// breaks reports whether n has a break that leaves the statement that n is the body of.
func breaks(n ast.Node) bool {
	found := false
	ast.Inspect(n, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.ForStmt, *ast.RangeStmt, *ast.SwitchStmt, *ast.TypeSwitchStmt, *ast.SelectStmt:
			found = found || hasLabelledBreak(n)
			return false
		case *ast.BranchStmt:
			found = found || n.Tok == token.BREAK
		}
		return !found
	})
	return found
}

func hasLabelledBreak(n ast.Node) bool {
	found := false
	ast.Inspect(n, func(n ast.Node) bool {
		b, ok := n.(*ast.BranchStmt)
		found = found || ok && b.Tok == token.BREAK && b.Label != nil
		return !found
	})
	return found
}
