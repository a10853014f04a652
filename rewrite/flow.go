package rewrite

import (
	"go/ast"
	"go/token"
	"go/types"
	"maps"
	"slices"
	"strings"

	"github.com/singletonfix/singletonfix/detect"
)

// A state says whether a variable holds a value at some point.
type state int

const (
	empty  state = iota
	filled       // it surely holds a value
	likely       // it does if functions of other packages keep to the conventions
	maybe        // on some ways there, or as far as can be told
	dead         // control never comes here
)

// has reports whether the variable can be taken to hold a value.
func (s state) has() bool { return s == filled || s == likely }

// join returns the state where two ways meet.
func join(a, b state) state {
	switch {
	case a == dead:
		return b
	case b == dead || a == b:
		return a
	case a.has() && b.has():
		return likely
	}
	return maybe
}

// A filling follows a run of statements and says where a variable, and what
// it is given, is filled. Conventions are trusted: what a function of another
// package returns beside a nil error, or without an error, is a value.
type filling struct {
	d       *draft
	kind    testKind
	state   map[types.Object]state
	paired  map[types.Object][]pair   // by error variable: what was assigned together with it
	exits   map[*ast.ReturnStmt]state // of the watched variable
	watch   types.Object
	results *results                 // of the function that is followed; nil: nobody asks
	inner   int                      // loops, switches and selects around the present statement
	left    []map[types.Object]state // where a break or continue left the innermost of them
	unsure  bool                     // a jump was met that is not followed
	depth   int
}

// A pair is a variable that was assigned together with an error: what it
// holds where that is nil, and where it is not.
type pair struct {
	obj            types.Object
	success, error state
}

// newFilling returns a filling that watches obj, which is empty.
func (d *draft) newFilling(obj types.Object, kind testKind, depth int) *filling {
	return &filling{d: d, kind: kind, watch: obj, depth: depth, state: map[types.Object]state{obj: empty},
		paired: map[types.Object][]pair{}, exits: map[*ast.ReturnStmt]state{}}
}

// fill follows stmts, which start where v is empty, and returns what is known.
func (d *draft) fill(v *detect.Variable, kind testKind, stmts []ast.Stmt) (*filling, state) {
	fl := d.newFilling(v.Obj, kind, 0)
	end := fl.list(stmts)
	if fl.unsure && end != dead {
		end = maybe
	}
	if len(stmts) > 0 && end != dead && terminates(stmts[len(stmts)-1]) {
		end = dead
	}
	return fl, end
}

// returns are the returns that were met, in source order.
func (fl *filling) returns() []*ast.ReturnStmt {
	return slices.SortedFunc(maps.Keys(fl.exits), func(a, b *ast.ReturnStmt) int { return int(a.Pos() - b.Pos()) })
}

// list follows statements in order and returns the state of the watched
// variable behind them, dead if control does not get there.
func (fl *filling) list(stmts []ast.Stmt) state {
	for _, s := range stmts {
		if !fl.stmt(s) {
			return dead
		}
	}
	return fl.state[fl.watch]
}

// stmt follows one statement; it reports whether control goes on behind it.
func (fl *filling) stmt(s ast.Stmt) bool {
	switch s := s.(type) {
	case *ast.AssignStmt:
		fl.assign(s)
	case *ast.DeclStmt:
		fl.declare(s)
	case *ast.ExprStmt:
		return fl.call(s.X)
	case *ast.ReturnStmt:
		fl.exits[s] = fl.state[fl.watch]
		if fl.results != nil {
			fl.results.add(fl, s)
		}
		return false
	case *ast.BlockStmt:
		return fl.list(s.List) != dead
	case *ast.IfStmt:
		return fl.branch(s)
	case *ast.ForStmt, *ast.RangeStmt, *ast.SwitchStmt, *ast.TypeSwitchStmt, *ast.SelectStmt:
		fl.body(s)
	case *ast.BranchStmt:
		return fl.jump(s)
	case *ast.LabeledStmt:
		fl.unsure = true
	}
	return true
}

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

// assign notes what the left-hand sides hold from now on.
func (fl *filling) assign(s *ast.AssignStmt) {
	if len(s.Lhs) == len(s.Rhs) {
		for i, lhs := range s.Lhs {
			fl.set(lhs, fl.value(s.Rhs[i]))
		}
		return
	}
	fl.unpack(s.Lhs, s.Rhs[0])
}

// unpack notes the results of one call: with an error among them, the others
// are values where that error is nil.
func (fl *filling) unpack(lhs []ast.Expr, call ast.Expr) {
	success, failure := fl.tuple(call)
	var errs []types.Object
	var others []pair
	for _, e := range lhs {
		obj := fl.object(e)
		if obj == nil {
			continue
		}
		if isError(obj.Type()) || obj.Name() == "err" {
			errs = append(errs, obj)
			fl.state[obj] = maybe
			continue
		}
		others = append(others, pair{obj, success, failure})
		fl.state[obj] = success
	}
	for _, e := range errs {
		fl.paired[e] = others
	}
	if len(errs) == 0 && len(lhs) == len(others) {
		return
	}
	for _, o := range others {
		fl.state[o.obj] = join(success, failure) // an error may have been dropped
	}
}

func (fl *filling) set(lhs ast.Expr, st state) {
	if obj := fl.object(lhs); obj != nil {
		fl.state[obj] = st
	}
}

func (fl *filling) declare(s *ast.DeclStmt) {
	decl, ok := s.Decl.(*ast.GenDecl)
	if !ok || decl.Tok != token.VAR {
		return
	}
	for _, spec := range decl.Specs {
		vs := spec.(*ast.ValueSpec)
		for i, name := range vs.Names {
			switch {
			case len(vs.Values) == len(vs.Names):
				fl.set(name, fl.value(vs.Values[i]))
			case len(vs.Values) == 0:
				fl.set(name, empty)
			default:
				fl.set(name, maybe)
			}
		}
	}
}

// object returns the variable that e names: a local or the watched one.
func (fl *filling) object(e ast.Expr) types.Object {
	switch x := ast.Unparen(e).(type) {
	case *ast.Ident:
		obj := fl.d.pkg.Info.ObjectOf(x)
		if _, ok := obj.(*types.Var); ok {
			return obj
		}
	case *ast.SelectorExpr:
		for _, a := range fl.d.v.Accesses {
			if a.Expr == ast.Expr(x) && a.Path == fl.d.v.Field {
				return fl.d.v.Obj
			}
		}
	}
	return nil
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
	after := make(map[types.Object]state, len(before))
	for k, v := range before {
		after[k] = v
	}
	b, ok := ast.Unparen(cond).(*ast.BinaryExpr)
	if !ok || b.Op != token.NEQ && b.Op != token.EQL || !isZero(fl.d.pkg.Info, b.Y) {
		return after
	}
	obj := fl.object(b.X)
	if obj == nil {
		return after
	}
	isNil := truth == (b.Op == token.EQL)
	for _, o := range fl.paired[obj] {
		after[o.obj] = o.error
		if isNil {
			after[o.obj] = o.success
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
