package detect

import (
	"go/ast"
	"go/token"
)

// An atom is a condition without &&, || and !, and what it is known to be.
type atom struct {
	expr  ast.Expr
	truth bool
}

// implied returns the atoms that are decided where cond is truth: all
// conjuncts of a true conjunction, all disjuncts of a false disjunction.
func implied(cond ast.Expr, truth bool) []atom {
	switch x := ast.Unparen(cond).(type) {
	case *ast.UnaryExpr:
		if x.Op == token.NOT {
			return implied(x.X, !truth)
		}
	case *ast.BinaryExpr:
		if x.Op == token.LAND && truth || x.Op == token.LOR && !truth {
			return append(implied(x.X, truth), implied(x.Y, truth)...)
		}
		if x.Op == token.LAND || x.Op == token.LOR {
			return nil
		}
	}
	return []atom{{ast.Unparen(cond), truth}}
}

// possible returns the atoms that may be the reason why cond is truth: the
// disjuncts of a true disjunction, the conjuncts of a false conjunction.
func possible(cond ast.Expr, truth bool) []atom {
	switch x := ast.Unparen(cond).(type) {
	case *ast.UnaryExpr:
		if x.Op == token.NOT {
			return possible(x.X, !truth)
		}
	case *ast.BinaryExpr:
		if x.Op == token.LAND || x.Op == token.LOR {
			return append(possible(x.X, truth), possible(x.Y, truth)...)
		}
	}
	return []atom{{ast.Unparen(cond), truth}}
}
