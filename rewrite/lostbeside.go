package rewrite

import (
	"go/ast"
	"go/token"
	"slices"

	"github.com/singletonfix/singletonfix/detect"
)

// comesAlone reports whether the values are surely empty where the Once's
// function leaves the error: a caller who used to find a value beside a lost
// error would else be told of a failure from now on.
func (l *lostError) comesAlone() bool {
	for _, id := range l.inside {
		cur, ok := l.fx.Insp.Root().FindNode(id)
		if !ok || !isAssigned(cur) {
			continue
		}
		s, ok := cur.Parent().Node().(*ast.AssignStmt)
		if !ok {
			return false
		}
		for _, v := range l.values() {
			if !l.emptyBeside(v, s) {
				return false
			}
		}
	}
	return true
}

// emptyBeside reports whether v is empty where s leaves an error, and stays so.
func (l *lostError) emptyBeside(v *detect.Variable, s *ast.AssignStmt) bool {
	writes := slices.DeleteFunc(within(v.Accesses, l.fill.lit.Body()), func(a *detect.Access) bool { return a.Kind == detect.Read })
	before, behind := false, false
	for _, w := range writes {
		if w.Stmt == ast.Stmt(s) {
			_, failure := l.newFilling(v.Obj, nilTest, 0).tuple(s.Rhs[0])
			if len(s.Rhs) > 1 || failure != empty {
				return false
			}
			continue
		}
		before = before || w.Pos() < s.Pos()
		behind = behind || w.Pos() > s.End()
	}
	return (!before || l.foundEmpty(v, s)) && (!behind || endsThere(l, s))
}

// foundEmpty reports whether s stands in an if that tests v for its zero value.
func (l *lostError) foundEmpty(v *detect.Variable, s ast.Stmt) bool {
	cur, ok := l.fx.Insp.Root().FindNode(s)
	if !ok {
		return false
	}
	for c := range cur.Enclosing((*ast.IfStmt)(nil), (*ast.FuncLit)(nil)) {
		f, ok := c.Node().(*ast.IfStmt)
		if !ok {
			return false
		}
		cond, ok := f.Cond.(*ast.BinaryExpr)
		if ok && cond.Op == token.EQL && isZero(l.pkg.Info, cond.Y) && len(within(v.Accesses, cond.X)) > 0 && contains(f.Body, s) {
			return true
		}
	}
	return false
}

// endsThere reports whether the Once's function returns right behind s.
func endsThere(l *lostError, s ast.Stmt) bool {
	cur, ok := l.fx.Insp.Root().FindNode(s)
	if !ok {
		return false
	}
	list := stmtsOf(cur.Parent().Node())
	at := slices.Index(list, s)
	return at >= 0 && at+1 < len(list) && isReturn(list[at+1])
}
