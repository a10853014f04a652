package race

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"github.com/singletonfix/singletonfix/detect"
)

// again returns the source of e, the value of a declaration, if it gives the
// same when it is evaluated once more: it calls nothing that could have
// other effects.
func again(pkg *detect.Package, e ast.Expr, im *imports) (string, error) {
	var problem error
	ast.Inspect(e, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false // what it does is done when it is called
		case *ast.CallExpr:
			if !harmless(pkg.Info, n) {
				problem = fmt.Errorf("its declaration calls %s", types.ExprString(n.Fun))
			}
		case *ast.UnaryExpr:
			if n.Op == token.ARROW {
				problem = fmt.Errorf("its declaration receives from a channel")
			}
		}
		return problem == nil
	})
	if problem != nil {
		return "", problem
	}
	return sourceOf(pkg, e, im), nil
}

// sourceOf returns the source of e, with imported packages called what im
// calls them.
func sourceOf(pkg *detect.Package, e ast.Expr, im *imports) string {
	src := pkg.File(e.Pos()).Src
	offset := func(pos token.Pos) int { return pkg.Fset.PositionFor(pos, false).Offset }
	var text strings.Builder
	at := offset(e.Pos())
	ast.Inspect(e, func(n ast.Node) bool {
		id, ok := n.(*ast.Ident)
		if !ok {
			return true
		}
		if p, ok := pkg.Info.Uses[id].(*types.PkgName); ok {
			text.Write(src[at:offset(id.Pos())])
			text.WriteString(im.use(p.Imported().Path(), p.Imported().Name()))
			at = offset(id.End())
		}
		return true
	})
	text.Write(src[at:offset(e.End())])
	return text.String()
}

// harmless reports whether a call makes something and does nothing else.
func harmless(info *types.Info, call *ast.CallExpr) bool {
	if info.Types[call.Fun].IsType() || info.Types[call.Fun].IsBuiltin() {
		return true
	}
	var id *ast.Ident
	switch f := ast.Unparen(call.Fun).(type) {
	case *ast.Ident:
		id = f
	case *ast.SelectorExpr:
		id = f.Sel
	case *ast.IndexExpr:
		return harmless(info, &ast.CallExpr{Fun: f.X})
	default:
		return false
	}
	obj := info.Uses[id]
	if obj == nil || obj.Pkg() == nil {
		return false
	}
	return slices.Contains([]string{"sync", "errors", "strings", "time", "context", "bytes", "regexp"}, obj.Pkg().Path())
}
