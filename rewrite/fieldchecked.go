package rewrite

import (
	"go/ast"
	"go/token"
	"go/types"

	"github.com/singletonfix/singletonfix/detect"
)

// planFieldChecked drops the test in front of the Do of a Once that stands
// beside the field. A failure that is looked at behind Do is so at every call.
func planFieldChecked(f *fieldDraft) *Refusal {
	if len(f.Singleton.Sites) != 1 {
		return refuse(ControlFlow, f.v.Obj.Pos(), "%s is filled in several places", f.v.Name())
	}
	g := newGuard(f.fx, f.Singleton.Sites[0])
	if g == nil || g.Copy != nil || g.Form != detect.GuardThen || len(g.Block) == 0 || hasElse(g.stmt) {
		return refuse(ControlFlow, f.Singleton.Sites[0].Stmt.Pos(), "the test of %s decides about more than its initialisation", f.v.Name())
	}
	lit := f.filledByOnce(g)
	if lit == nil {
		return refuse(ControlFlow, g.Block[0].Pos(), "the block behind the test of %s does more than ask one Once", f.v.Name())
	}
	for _, s := range g.Block[1:] {
		if !f.returnsFailure(s, lit) {
			return refuse(ControlFlow, s.Pos(), "more than the call of the Once stands behind the test of %s", f.v.Name())
		}
		f.note("an error that the Once left is returned by every call, also where it left a value beside it")
	}
	if r := f.onlyInOnce(g, lit); r != nil {
		return r
	}
	if r := f.onlyBehind(g); r != nil {
		return r
	}
	if r := f.notReentrant(g); r != nil {
		return r
	}
	f.replaceStmt(g.stmt, "$block", map[string][]ast.Node{"block": nodes(g.Block)})
	return nil
}

func hasElse(s ast.Stmt) bool {
	test, ok := s.(*ast.IfStmt)
	return !ok || test.Else != nil || test.Init != nil
}

// filledByOnce returns what the first statement of g's block has a Once of
// the same value run: s.once.Do(func() { ... }), which nothing else uses.
func (f *fieldDraft) filledByOnce(g *guard) *ast.FuncLit {
	stmt, ok := g.Block[0].(*ast.ExprStmt)
	if !ok {
		return nil
	}
	call, ok := stmt.X.(*ast.CallExpr)
	if !ok || !f.fx.IsOnceDo(call) || len(call.Args) != 1 {
		return nil
	}
	lit, ok := call.Args[0].(*ast.FuncLit)
	if !ok {
		return nil
	}
	do, ok := call.Fun.(*ast.SelectorExpr)
	if !ok {
		return nil
	}
	once, ok := ast.Unparen(do.X).(*ast.SelectorExpr)
	base, plain := f.base(g.Read)
	if !ok || !plain || f.source(once.X, nil) != base || f.usesOf(f.pkg.Info.Uses[once.Sel]) != 1 {
		return nil
	}
	return lit
}

// usesOf returns how often the package names obj.
func (f *fieldDraft) usesOf(obj types.Object) int {
	n := 0
	for _, used := range f.pkg.Info.Uses {
		if obj != nil && used == obj {
			n++
		}
	}
	return n
}

// returnsFailure reports whether s is: if s.err != nil { return ... }, about
// a field that nobody but lit can assign.
func (f *fieldDraft) returnsFailure(s ast.Stmt, lit *ast.FuncLit) bool {
	test, ok := s.(*ast.IfStmt)
	if !ok || test.Init != nil || test.Else != nil || len(test.Body.List) != 1 || !isReturn(test.Body.List[0]) {
		return false
	}
	cond, ok := test.Cond.(*ast.BinaryExpr)
	if !ok || cond.Op != token.NEQ || !isZero(f.pkg.Info, cond.Y) || !isError(f.pkg.Info.TypeOf(cond.X)) {
		return false
	}
	failure := f.unexported(cond.X)
	return failure != nil && failure.IsField() && f.onlyAssignedIn(lit, failure)
}

// onlyAssignedIn reports whether lit assigns the field obj, and nothing else
// of the package does, nor hands its address on.
func (f *fieldDraft) onlyAssignedIn(lit *ast.FuncLit, obj types.Object) bool {
	inside, outside := 0, 0
	for cur := range f.fx.Insp.Root().Preorder((*ast.AssignStmt)(nil), (*ast.UnaryExpr)(nil), (*ast.KeyValueExpr)(nil)) {
		var targets []ast.Expr
		switch n := cur.Node().(type) {
		case *ast.AssignStmt:
			targets = n.Lhs
		case *ast.UnaryExpr:
			if n.Op == token.AND {
				targets = []ast.Expr{n.X}
			}
		case *ast.KeyValueExpr:
			targets = []ast.Expr{n.Key}
		}
		for _, e := range targets {
			switch id := identIn(e); {
			case id == nil || f.pkg.Info.Uses[id] != obj:
			case contains(lit, id):
				inside++
			default:
				outside++
			}
		}
	}
	return inside > 0 && outside == 0
}

// onlyInOnce proves that nothing but lit assigns the fields, and that it runs
// on the goroutine of the call.
func (f *fieldDraft) onlyInOnce(g *guard, lit *ast.FuncLit) *Refusal {
	for _, v := range f.Singleton.Vars {
		for _, a := range v.Accesses {
			if a.Kind == detect.Read || contains(lit, a.Expr) && a.In != nil && a.In.Lit == lit && sameBase(a, g.Read) {
				continue
			}
			return refuse(ControlFlow, a.Pos(), "%s is also changed here, which the Once does not order", v.Name())
		}
	}
	if e := f.builtWith(); e != nil {
		return refuse(ControlFlow, e.Pos(), "%s is given a value here, which the Once would overwrite", f.v.Name())
	}
	f.proved("no-other-writer")
	return nil
}
