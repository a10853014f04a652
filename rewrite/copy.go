package rewrite

import (
	"go/ast"
	"go/token"
	"slices"
)

// copyUses returns the identifiers in the block that stand for the local
// copy of the variable that the guard tests.
func (b *building) copyUses() []*ast.Ident {
	if b.g.Copy == nil {
		return nil
	}
	var all []*ast.Ident
	for _, s := range b.block {
		ast.Inspect(s, func(n ast.Node) bool {
			if id, ok := n.(*ast.Ident); ok && b.pkg.Info.Uses[id] == b.g.Copy {
				all = append(all, id)
			}
			return true
		})
	}
	return all
}

// throughCopy plans the first assignment to the copy, t = f(), which becomes
// its definition: what defined it before, t := x, goes. The block then stores
// it like any other local variable.
func (b *building) throughCopy(uses []*ast.Ident) *Refusal {
	for _, stmt := range b.block {
		s, ok := stmt.(*ast.AssignStmt)
		if !ok || s.Tok != token.ASSIGN || !slices.ContainsFunc(s.Lhs, func(e ast.Expr) bool { return e == ast.Expr(uses[0]) }) {
			continue
		}
		if len(s.Rhs) != 1 || len(s.Lhs) > 1 && !b.sameResult(uses[0], s) || len(s.Lhs) == 1 && !b.sameType(s.Rhs[0]) {
			break
		}
		fresh, drop := b.canDefine(uses[0], s)
		if !fresh {
			break
		}
		for _, decl := range drop {
			b.edit(Edit{Op: Delete, At: decl})
		}
		lhs := b.source(&span{s.Lhs[0].Pos(), s.Lhs[len(s.Lhs)-1].End()}, nil)
		b.replaceStmt(s, lhs+" := $value", hole("value", s.Rhs[0]))
		return nil
	}
	return refuse(ControlFlow, uses[0].Pos(), "the copy of %s that was tested is used before it is filled", b.v.Name())
}
