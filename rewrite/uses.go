package rewrite

import (
	"go/ast"
	"go/token"
	"go/types"
	"strconv"
	"strings"
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

// pick returns a name for a local variable of f that holds v's value: v where
// that is free and f has to do with no other package variable that may get
// one, else one after the variable's own name, which every plan for f picks alike.
func (x *atomicVar) pick(f *detect.Func) string {
	taken := names(f.Outermost().Cur.Node())
	var others []*detect.Variable
	for _, v := range x.fx.Vars {
		if x.mayBecomeLocal(v, f) {
			others = append(others, v)
		}
	}
	switch {
	case len(others) < 2 && !taken["v"]:
		return "v"
	case len(others) < 2:
		return free(initials(x.v.Obj.Name()), taken)
	}
	for _, v := range others {
		name := free(initials(v.Obj.Name()), taken)
		if v.Obj == x.v.Obj {
			return name
		}
		taken[name] = true
	}
	return free("v", taken)
}

// pickAnother is pick for one of several local variables of f.
func (x *atomicVar) pickAnother(f *detect.Func) string {
	if x.picked == nil {
		x.picked = make(map[*detect.Func]int)
	}
	x.picked[f]++
	name := x.pick(f)
	if n := x.picked[f]; n > 1 {
		return free(name+strconv.Itoa(n), names(f.Outermost().Cur.Node()))
	}
	return name
}

// mayBecomeLocal reports whether a plan may load v into a local variable of f:
// f uses it, and it is assigned somewhere.
func (x *atomicVar) mayBecomeLocal(v *detect.Variable, f *detect.Func) bool {
	if isLock(v.Obj.Type()) {
		return false
	}
	used, assigned := false, false
	for _, a := range v.Accesses {
		used = used || contains(f.Outermost().Cur.Node(), a.Expr)
		assigned = assigned || a.Kind == detect.Write && a.Phase != detect.Initial
	}
	return used && assigned
}

// isLock reports whether t is a mutex or a Once, or a pointer to one.
func isLock(t types.Type) bool {
	if p, ok := t.(*types.Pointer); ok {
		t = p.Elem()
	}
	named, ok := t.(*types.Named)
	return ok && named.Obj().Pkg() != nil && named.Obj().Pkg().Path() == "sync"
}

// initials returns the first letters of a name's words in lower case: dc for defaultClient.
func initials(name string) string {
	var b strings.Builder
	for i, r := range name {
		if i == 0 || unicode.IsUpper(r) {
			b.WriteRune(unicode.ToLower(r))
		}
	}
	return b.String()
}

// free returns want, or want with the first number from 2 that makes it free.
func free(want string, taken map[string]bool) string {
	if want == "_" || token.IsKeyword(want) {
		want = "v"
	}
	name := want
	for i := 2; taken[name]; i++ {
		name = want + strconv.Itoa(i)
	}
	return name
}
