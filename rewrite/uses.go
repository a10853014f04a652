package rewrite

import (
	"go/ast"
	"go/token"
	"go/types"
	"strconv"
	"unicode"

	"github.com/singletonfix/singletonfix/detect"
)

// uses reports whether n mentions obj.
func uses(info *types.Info, n ast.Node, obj types.Object) bool {
	found := false
	ast.Inspect(n, func(n ast.Node) bool {
		id, ok := n.(*ast.Ident)
		found = found || ok && info.ObjectOf(id) == obj
		return !found
	})
	return found
}

// usesBetween reports whether stmts mention obj between two positions.
func usesBetween(info *types.Info, stmts []ast.Stmt, obj types.Object, from, to token.Pos) bool {
	found := false
	for _, s := range stmts {
		ast.Inspect(s, func(n ast.Node) bool {
			id, ok := n.(*ast.Ident)
			found = found || ok && info.ObjectOf(id) == obj && from <= id.Pos() && id.Pos() < to
			return !found
		})
	}
	return found
}

// hasCall reports whether n calls something, receives or converts by a call.
func hasCall(n ast.Node) bool {
	found := false
	ast.Inspect(n, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr, *ast.FuncLit:
			found = true
		case *ast.UnaryExpr:
			found = found || n.Op == token.ARROW
		}
		return !found
	})
	return found
}

// names returns every identifier in n.
func names(n ast.Node) map[string]bool {
	all := make(map[string]bool)
	ast.Inspect(n, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok {
			all[id.Name] = true
		}
		return true
	})
	return all
}

// pick returns a name for a local variable that holds v's value in f: one
// that the author uses in block for a value of that type, else v, or what is free.
func (x *atomicVar) pick(f *detect.Func, block []ast.Stmt) string {
	taken := names(f.Cur.Node())
	for _, want := range []string{"v", x.initial(), "value"} {
		if want != "" && !taken[want] && x.pkg.Types.Scope().Lookup(want) == nil {
			return want
		}
	}
	for i := 2; ; i++ {
		if want := "v" + strconv.Itoa(i); !taken[want] {
			return want
		}
	}
}

// initial returns the first letter of the type's name in lower case.
func (x *atomicVar) initial() string {
	typ := x.v.Spec.Type
	if star, ok := typ.(*ast.StarExpr); ok {
		typ = star.X
	}
	switch t := typ.(type) {
	case *ast.Ident:
		return string(unicode.ToLower(rune(t.Name[0])))
	case *ast.SelectorExpr:
		return string(unicode.ToLower(rune(t.Sel.Name[0])))
	}
	return ""
}
