package rewrite

import (
	"go/ast"
	"go/types"
	"strings"

	"github.com/singletonfix/singletonfix/detect"
)

// stays returns the first node in stmts of f, or in what they run on their own
// goroutine, that runs for as long as the program does: a loop that nothing
// ends, or a server. Whoever waits for that waits for ever, where before the
// fix it went on. nil if there is none.
func (d *draft) stays(f *detect.Func, stmts []ast.Stmt) ast.Node {
	var found ast.Node
	for _, n := range runHere(d.fx, stmts) {
		inspectHere(n, func(n ast.Node) bool {
			switch s := n.(type) {
			case *ast.ForStmt:
				if s.Cond == nil && !breaks(s.Body) && !hasReturn(s.Body) {
					found = n
				}
			case *ast.CallExpr:
				if d.serves(s) {
					found = n
				}
			}
			return found == nil
		})
	}
	return found
}

// serves reports whether call is of another package's function that by its
// name comes back when the program ends.
func (d *draft) serves(call *ast.CallExpr) bool {
	obj, ok := calleeIn(d.pkg.Info, call).(*types.Func)
	if !ok || obj.Pkg() == nil || obj.Pkg() == d.pkg.Types {
		return false
	}
	name := obj.Name()
	return name == "Serve" || name == "ServeTLS" || strings.HasPrefix(name, "ListenAndServe")
}

// hasReturn reports whether n returns, function literals left out.
func hasReturn(n ast.Node) bool {
	found := false
	ast.Inspect(n, func(n ast.Node) bool {
		_, literal := n.(*ast.FuncLit)
		_, ret := n.(*ast.ReturnStmt)
		found = found || ret
		return !found && !literal
	})
	return found
}
