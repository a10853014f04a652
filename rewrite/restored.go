package rewrite

import (
	"go/ast"
	"go/token"
	"go/types"

	"github.com/singletonfix/singletonfix/detect"
)

// restoreInTests plans the tests that keep what the variable held and put it
// back: they keep the pointer that the atomic holds.
//
//	old := x.Load()
//	defer func() { x.Store(old) }()
func (x *atomicVar) restoreInTests() {
	if x.pointer || x.flag || x.managed || x.plain {
		return // what is kept is what the atomic holds, or no pointer is there
	}
	for _, a := range x.v.Accesses {
		local := x.keptIn(a)
		if local == nil {
			continue
		}
		back, ok := x.putsBack(a.In.Outermost(), local)
		if !ok {
			continue
		}
		x.done[a] = true
		x.replace(a.Expr, x.self()+".Load()")
		for _, w := range back {
			x.done[w] = true
			x.replaceStmt(w.Stmt, x.self()+".Store("+local.Name()+")", nil)
		}
	}
}

// keptIn returns old where a is the read of: old := x, in a test file; else nil.
func (x *atomicVar) keptIn(a *detect.Access) *types.Var {
	s, ok := a.Stmt.(*ast.AssignStmt)
	if !ok || x.done[a] || a.Kind != detect.Read || !a.File.Test || a.In == nil || s.Tok != token.DEFINE || len(s.Lhs) != 1 || len(s.Rhs) != 1 {
		return nil
	}
	if ast.Unparen(s.Rhs[0]) != a.Expr {
		return nil
	}
	local, _ := x.pkg.Info.Defs[s.Lhs[0].(*ast.Ident)].(*types.Var)
	return local
}

// putsBack returns the writes of f that assign local to the variable, and
// whether local is used for nothing else.
func (x *atomicVar) putsBack(f *detect.Func, local *types.Var) ([]*detect.Access, bool) {
	back := make(map[*ast.Ident]*detect.Access)
	for _, w := range x.v.Accesses {
		if w.Kind != detect.Write || w.Value == nil || plainAssign(w) == nil || len(plainAssign(w).Lhs) != 1 || x.done[w] {
			continue
		}
		if id, ok := ast.Unparen(w.Value).(*ast.Ident); ok && x.pkg.Info.Uses[id] == local {
			back[id] = w
		}
	}
	var all []*detect.Access
	only := true
	ast.Inspect(f.Cur.Node(), func(n ast.Node) bool {
		id, ok := n.(*ast.Ident)
		if !ok || x.pkg.Info.Uses[id] != local {
			return true
		}
		only = only && back[id] != nil
		if w := back[id]; w != nil {
			all = append(all, w)
		}
		return true
	})
	return all, only && len(all) > 0
}
