package rewrite

import (
	"go/ast"
	"go/token"
	"slices"
	"strings"

	"golang.org/x/tools/go/ast/edge"

	"github.com/singletonfix/singletonfix/detect"
)

// valueNow returns the local variable that has the value, or a load of it.
func (x *atomicVar) valueNow(local string) string {
	if local != "" {
		return local
	}
	return x.load()
}

// gap returns a blank line where the author left one behind an early return.
func (x *atomicVar) gap(g *guard) string {
	line := func(p token.Pos) int { return x.pkg.Fset.PositionFor(p, false).Line }
	if g.Form == detect.GuardEarly && len(g.Block) > 0 && line(g.Block[0].Pos()) > line(g.stmt.End())+1 {
		return blankLine
	}
	return ""
}

// blankLine stands for a blank line among those that joinLines joins.
const blankLine = "\n"

// joinLines joins the lines that are not empty.
func joinLines(lines []string) string {
	text := strings.Join(slices.DeleteFunc(lines, func(s string) bool { return s == "" }), "\n")
	return strings.ReplaceAll(text, "\n\n\n", "\n\n")
}

// fastPath returns: if v := x.Load(); v != nil {, and what stands behind it
// for each of the tail's reads.
func (x *atomicVar) fastPath(g *guard, t tail, local string) (string, map[ast.Expr]string) {
	with := make(map[ast.Expr]string)
	for _, e := range t.reads {
		with[e] = x.v.Obj.Name() + ".Load()" // of a flag
	}
	if x.flag || len(t.reads) == 0 {
		return "if " + x.isSet() + " {", with
	}
	switch {
	case !x.pointer:
		local = "p"
	case g.Copy != nil:
		local = g.Copy.Name()
	case local == "":
		local = x.pick(g.Func)
	}
	for mentions(t.ret, local, with) {
		local += "1"
	}
	for e := range with {
		with[e] = local
		if !x.pointer {
			with[e] = x.dereferenced(local, e)
		}
	}
	return "if " + local + " := " + x.v.Obj.Name() + ".Load(); " + local + " != nil {", with
}

// dereferenced returns *local, as it may stand in the place of e.
func (x *atomicVar) dereferenced(local string, e ast.Expr) string {
	cur, ok := x.fx.Insp.Root().FindNode(e)
	if ok {
		switch cur.ParentEdgeKind() {
		case edge.SelectorExpr_X, edge.IndexExpr_X, edge.SliceExpr_X, edge.TypeAssertExpr_X, edge.CallExpr_Fun:
			return "(*" + local + ")"
		}
	}
	return "*" + local
}

// mentions reports whether n has an identifier of that name beside the given ones.
func mentions(n ast.Node, name string, but map[ast.Expr]string) bool {
	found := false
	ast.Inspect(n, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok && id.Name == name {
			_, given := but[id]
			found = found || !given
		}
		return !found
	})
	return found
}
