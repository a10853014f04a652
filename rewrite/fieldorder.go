package rewrite

import (
	"go/ast"
	"go/types"
	"slices"
	"strings"

	"github.com/singletonfix/singletonfix/detect"
)

// noOtherOrder proves that no caller of fn holds a mutex that stmts, which
// will run under a new lock, take. Mutexes that are fields count by field: of
// which value they are is not asked.
func (d *draft) noOtherOrder(fn *detect.Func, stmts []ast.Stmt) *Refusal {
	held := d.mutexesHeld(fn)
	r := reachOf(d.fx, fn, nodes(stmts)...)
	for _, g := range d.fx.Funcs {
		if g != fn && !r.funcs[g] {
			continue
		}
		for _, c := range g.Calls {
			if g == fn && !inStmts(stmts, c.Expr) {
				continue
			}
			if mu := d.lockedBy(c.Expr); mu != nil && slices.Contains(held, mu) {
				return refuse(LockOrder, c.Expr.Pos(), "a caller of %s may hold %s, which is taken here", fn.Name(), mu.Name())
			}
		}
	}
	return nil
}

// mutexesHeld returns the mutexes that callers of fn may hold.
func (d *draft) mutexesHeld(fn *detect.Func) []*types.Var {
	var all []*types.Var
	seen := make(map[*detect.Func]bool)
	var visit func(fn *detect.Func)
	visit = func(fn *detect.Func) {
		if fn == nil || seen[fn] {
			return
		}
		seen[fn] = true
		for _, c := range fn.Callers {
			if c.Mode == detect.Started {
				continue // another goroutine, which holds nothing yet
			}
			for _, h := range c.Held {
				if mu := d.mutexOf(h); mu != nil {
					all = append(all, mu)
				}
			}
			visit(c.Caller)
		}
	}
	visit(fn)
	return all
}

// lockedBy returns the mutex that call locks, or nil.
func (d *draft) lockedBy(call *ast.CallExpr) *types.Var {
	sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
	if !ok || len(call.Args) > 0 || sel.Sel.Name != "Lock" && sel.Sel.Name != "RLock" {
		return nil
	}
	var id *ast.Ident
	switch x := ast.Unparen(sel.X).(type) {
	case *ast.Ident:
		id = x
	case *ast.SelectorExpr:
		id = x.Sel
	}
	if s := d.pkg.Info.Selections[sel]; s != nil && len(s.Index()) > 1 {
		return embeddedAt(s) // promoted from an embedded mutex
	}
	if id == nil {
		return nil
	}
	v, _ := d.pkg.Info.Uses[id].(*types.Var)
	return v
}

// embeddedAt returns the embedded field that the method s is promoted from.
func embeddedAt(s *types.Selection) *types.Var {
	t := s.Recv()
	var field *types.Var
	for _, i := range s.Index()[:len(s.Index())-1] {
		if p, ok := t.Underlying().(*types.Pointer); ok {
			t = p.Elem()
		}
		st, ok := t.Underlying().(*types.Struct)
		if !ok {
			return nil
		}
		field = st.Field(i)
		t = field.Type()
	}
	return field
}

func splitPath(path string) []string {
	if path == "" {
		return nil
	}
	return strings.Split(path, ".")
}
