package rewrite

import (
	"go/ast"
	"go/token"
	"go/types"
	"strings"
)

// jump notes what is known where a break or continue leaves the statement
// that is followed; other jumps are not understood.
func (fl *filling) jump(s *ast.BranchStmt) bool {
	if s.Label != nil || s.Tok == token.GOTO || fl.inner == 0 {
		fl.unsure = true
		return true
	}
	fl.left = append(fl.left, fl.state)
	return s.Tok == token.FALLTHROUGH
}

// branch follows both ways of s, with what its condition says about them.
func (fl *filling) branch(s *ast.IfStmt) bool {
	if s.Init != nil {
		fl.stmt(s.Init)
	}
	before := fl.state
	fl.state = fl.assume(before, s.Cond, true)
	thenEnds := fl.list(s.Body.List) == dead
	then := fl.state
	fl.state = fl.assume(before, s.Cond, false)
	elseEnds := s.Else != nil && !fl.stmt(s.Else)
	if thenEnds && elseEnds {
		return false
	}
	if thenEnds {
		return true
	}
	if elseEnds {
		fl.state = then
		return true
	}
	fl.meet(then)
	return true
}

// meet joins other into the present state.
func (fl *filling) meet(other map[types.Object]state) {
	for obj, st := range other {
		if have, ok := fl.state[obj]; ok {
			fl.state[obj] = join(have, st)
		} else {
			fl.state[obj] = st
		}
	}
}

// assume returns before with what is known where cond is truth.
func (fl *filling) assume(before map[types.Object]state, cond ast.Expr, truth bool) map[types.Object]state {
	if b, ok := ast.Unparen(cond).(*ast.BinaryExpr); ok && (b.Op == token.LAND && truth || b.Op == token.LOR && !truth) {
		return fl.assume(fl.assume(before, b.X, truth), b.Y, truth) // so are both
	}
	after := make(map[types.Object]state, len(before))
	for k, v := range before {
		after[k] = v
	}
	b, ok := ast.Unparen(cond).(*ast.BinaryExpr)
	if !ok || b.Op != token.NEQ && b.Op != token.EQL || !isZero(fl.d.pkg.Info, b.Y) && !isZeroStruct(fl.d.pkg.Info, b.Y) {
		return after
	}
	obj := fl.object(b.X)
	if obj == nil {
		return after
	}
	isNil := truth == (b.Op == token.EQL)
	for _, o := range fl.paired[obj] {
		switch {
		case after[o.obj] == filled: // was looked at, whatever the error says
		case isNil:
			after[o.obj] = o.success
		default:
			after[o.obj] = o.error
		}
	}
	after[obj] = stateIf(!isNil)
	return after
}

// mayBeZero reports whether a value that a function returns can be one that
// the test calls empty, errors aside: strings, numbers and lengths can.
func (fl *filling) mayBeZero() bool { return fl.kind != nilTest }

func stateIf(isFilled bool) state {
	if isFilled {
		return filled
	}
	return empty
}

// body follows the bodies of a loop, switch or select: each may run or not.
func (fl *filling) body(s ast.Stmt) {
	before, left := fl.state, fl.left
	fl.left = nil
	fl.inner++
	defer func() {
		for _, st := range fl.left {
			fl.meet(st)
		}
		fl.left = left
		fl.inner--
	}()
	ast.Inspect(s, func(n ast.Node) bool {
		var list []ast.Stmt
		switch n := n.(type) {
		case *ast.BlockStmt:
			list = n.List
		case *ast.CaseClause:
			list = n.Body
		case *ast.CommClause:
			list = n.Body
		default:
			return true
		}
		if len(list) > 0 && isClause(list[0]) {
			return true // the clauses come next
		}
		now := fl.state
		fl.state = fl.assume(before, &ast.BadExpr{}, true)
		if fl.list(list) != dead {
			fl.meet(now)
		} else {
			fl.state = now
		}
		return false
	})
}

func isClause(s ast.Stmt) bool {
	switch s.(type) {
	case *ast.CaseClause, *ast.CommClause:
		return true
	}
	return false
}

// call follows a call in a statement of its own; it reports whether it returns.
func (fl *filling) call(e ast.Expr) bool {
	call, ok := ast.Unparen(e).(*ast.CallExpr)
	if !ok {
		return true
	}
	if neverReturns(fl.d.pkg.Info, call) {
		return false
	}
	obj, _ := calleeIn(fl.d.pkg.Info, call).(*types.Func)
	f := fl.d.fx.Declared(obj)
	if f == nil || f.Body() == nil || fl.depth > 3 {
		return true
	}
	inner := fl.d.newFilling(fl.watch, fl.kind, fl.depth+1)
	inner.state[fl.watch] = fl.state[fl.watch]
	end := inner.list(f.Body().List)
	for _, st := range inner.exits {
		end = join(end, st)
	}
	if inner.unsure {
		end = maybe
	}
	fl.state[fl.watch] = end
	return end != dead
}

// neverReturns reports whether call ends the goroutine or the process.
func neverReturns(info *types.Info, call *ast.CallExpr) bool {
	obj := calleeIn(info, call)
	if b, ok := obj.(*types.Builtin); ok {
		return b.Name() == "panic"
	}
	if obj == nil || obj.Pkg() == nil {
		return false
	}
	switch obj.Pkg().Path() {
	case "os":
		return obj.Name() == "Exit"
	case "runtime":
		return obj.Name() == "Goexit"
	case "testing":
		return strings.HasPrefix(obj.Name(), "Fatal") || obj.Name() == "FailNow" || strings.HasPrefix(obj.Name(), "Skip")
	}
	return strings.HasPrefix(obj.Name(), "Fatal") || strings.HasPrefix(obj.Name(), "Panic")
}

func isError(t types.Type) bool {
	return t != nil && types.Identical(t, types.Universe.Lookup("error").Type())
}
