package race

import (
	"go/ast"
	"go/token"
	"go/types"

	"github.com/singletonfix/singletonfix/detect"
)

// A getter of two singletons chooses between them by a boolean argument: if
// insecure {...}. A test has to pass the one that leads to the fill.

// offAt returns the boolean parameters of f that are false where it fills s,
// as its conditions show. The others are true there, or make no difference.
func offAt(s *detect.Singleton, f *detect.Func) map[*types.Var]bool {
	off := make(map[*types.Var]bool)
	if f.Decl == nil {
		return off
	}
	b := &branch{info: s.Facts.Pkg.Info, is: make(map[*types.Var]bool)}
	for _, v := range s.Vars {
		for _, a := range v.Accesses {
			if a.Kind == detect.Write && f.Decl.Pos() <= a.Expr.Pos() && a.Expr.End() <= f.Decl.End() {
				b.reach(a, f.Decl)
			}
		}
	}
	for param, is := range b.is {
		if !is {
			off[param] = true
		}
	}
	return off
}

// A branch is what holds of boolean variables at some place.
type branch struct {
	info *types.Info
	is   map[*types.Var]bool // what was seen first counts
}

// reach adds what holds where a is, within decl.
func (b *branch) reach(a *detect.Access, decl *ast.FuncDecl) {
	for cur := a.Cur; cur.Node() != decl; cur = cur.Parent() {
		switch around := cur.Parent().Node().(type) {
		case *ast.IfStmt:
			switch cur.Node() {
			case around.Body:
				b.holds(around.Cond, true)
			case around.Else:
				b.holds(around.Cond, false)
			}
		case *ast.BlockStmt:
			b.passed(around.List, cur.Node())
		}
	}
}

// passed adds what holds behind the statements of list in front of n.
func (b *branch) passed(list []ast.Stmt, n ast.Node) {
	for _, stmt := range list {
		if stmt == n {
			return
		}
		if s, ok := stmt.(*ast.IfStmt); ok && s.Else == nil && returns(s.Body) {
			b.holds(s.Cond, false)
		}
	}
}

// holds adds what cond says of single variables where it is true, or is not.
func (b *branch) holds(cond ast.Expr, is bool) {
	switch e := ast.Unparen(cond).(type) {
	case *ast.Ident:
		v, ok := b.info.Uses[e].(*types.Var)
		if _, seen := b.is[v]; ok && !seen {
			b.is[v] = is
		}
	case *ast.UnaryExpr:
		if e.Op == token.NOT {
			b.holds(e.X, !is)
		}
	case *ast.BinaryExpr:
		if e.Op == token.LAND && is || e.Op == token.LOR && !is {
			b.holds(e.X, is)
			b.holds(e.Y, is)
		}
	}
}

// returns reports whether body ends with a return.
func returns(body *ast.BlockStmt) bool {
	if len(body.List) == 0 {
		return false
	}
	_, ok := body.List[len(body.List)-1].(*ast.ReturnStmt)
	return ok
}
