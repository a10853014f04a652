package rewrite

import (
	"go/ast"

	"github.com/singletonfix/singletonfix/detect"
)

// onlyGuards reports whether the flag d.v is used for nothing but the test
// and to be set in statements of their own within the block or its helpers.
func (d *draft) onlyGuards(g *guard) bool {
	if len(d.Singleton.Vars) < 2 || len(d.v.Spec.Names) > 1 && d.v.Spec.Values != nil {
		return false
	}
	inner := d.inner([]*guard{g})
	for _, a := range d.v.Accesses {
		if contains(g.Test, a.Expr) {
			continue
		}
		s, ok := a.Stmt.(*ast.AssignStmt)
		if !ok || a.Kind != detect.Write || len(s.Lhs) != 1 || !(inStmts(g.Block, s) || inner[a.In]) {
			return false
		}
	}
	return true
}

// dropFlag deletes the flag d.v and what sets it, and returns block without
// the statements that are gone.
func (d *draft) dropFlag(g *guard, block []ast.Stmt) []ast.Stmt {
	gone := make(map[ast.Stmt]bool)
	for _, a := range d.v.Accesses {
		if !contains(g.Test, a.Expr) {
			gone[a.Stmt] = true
			d.edit(Edit{Op: Delete, At: a.Stmt})
		}
	}
	if len(d.v.Spec.Names) > 1 {
		d.edit(Edit{Op: Delete, At: d.v.Ident()})
	} else {
		d.edit(Edit{Op: Delete, At: d.v.Spec})
	}
	var kept []ast.Stmt
	for _, s := range block {
		if !gone[s] {
			kept = append(kept, s)
		}
	}
	return kept
}

// paramNote says, where the initialisation uses parameters, whose arguments count.
func (d *draft) paramNote(g *guard, block []ast.Stmt) {
	for _, field := range g.Func.Type().Params.List {
		for _, name := range field.Names {
			obj := d.pkg.Info.Defs[name]
			for _, s := range block {
				if obj != nil && uses(d.pkg.Info, s, obj) {
					d.note("as before, the arguments of the first call of " + g.Func.Name() + " are those that count")
					return
				}
			}
		}
	}
}
