package rewrite

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/singletonfix/singletonfix/detect"
)

// An extraction moves the guard of a longer function, and what it guards,
// into a function of its own: the lock then spans the second test, the
// construction and the store, and is given up where they panic.
type extraction struct {
	*atomicVar
	g       *guard
	whole   bool              // a call takes the place of the guard's statement
	block   []ast.Stmt        // what moves
	returns []*ast.ReturnStmt // the block's own
	failure *ast.IfStmt       // the statement that stays: if err != nil { ... return }
	err     types.Object      // the error that failure tests
	params  []*types.Var      // of the enclosing function, used by what moves
	reads   []*detect.Access  // behind the guard, to come from the local variable
	local   string            // at the site
}

// extract plans a guard that is only a part of its function. Where it does
// no more than to fill the variable, a call takes its place; else the call
// takes the place of what it guards.
func (x *atomicVar) extract(g *guard) *Refusal {
	e := &extraction{atomicVar: x, g: g, block: g.Block, whole: g.plain}
	if r := e.movable(); r != nil {
		return r
	}
	for _, step := range []func() *Refusal{e.readsBehind, e.splitFailure, e.captured} {
		if r := step(); r != nil {
			return r
		}
	}
	return e.emit()
}

// movable proves that the block is one that another function's body can be
// made of, and that a call can take its place.
func (e *extraction) movable() *Refusal {
	g := e.g
	if g.Read == nil {
		return refuse(ControlFlow, g.stmt.Pos(), "the call of Do is only a part of what %s does", g.Func.Name())
	}
	ok := len(g.Block) > 0 && (g.Copy != nil && g.first() != g.stmt || g.Copy == nil && contains(g.stmt, g.Read.Expr))
	switch g.Form {
	case detect.GuardThen:
	case detect.GuardCase:
		ok = ok && e.whole // a clause of several
	case detect.GuardElse:
		e.whole = false
	default:
		ok = false
	}
	if s, isIf := g.stmt.(*ast.IfStmt); isIf && !e.whole && s.Else != nil {
		_, isBlock := s.Else.(*ast.BlockStmt)
		ok = ok && isBlock
	}
	if !ok {
		return refuse(ControlFlow, g.stmt.Pos(), "the test of %s decides about more than its initialisation", e.v.Name())
	}
	return nil
}

// readsBehind collects the reads behind the guard, which the local variable
// serves as long as nothing that this goroutine runs can change the variable.
func (e *extraction) readsBehind() *Refusal {
	from := e.g.stmt.End()
	for _, a := range e.in(append(nodes(e.otherBranch()), nodes(e.g.rest)...)...) {
		if e.done[a] || a.In != e.g.Func || e.flag {
			continue // read elsewhere, or later: a Load of its own
		}
		if a.Kind == detect.Element {
			return refuse(MutatedAfterPublish, a.Pos(), "what %s holds is changed here, where others can see it", e.v.Name())
		}
		if slices.ContainsFunc(e.Singleton.Sites, func(s *detect.Site) bool { return s.Read == a }) {
			if len(e.reads) > 0 {
				return refuse(ControlFlow, a.Pos(), "%s is tested here again, in the code that goes on with it", e.v.Name())
			}
			break // the rest is that guard's business
		}
		if a.Kind != detect.Read || e.changedBetween(e.g.Func, from, a.Pos()) {
			break // from here on the variable may be another
		}
		if e.inChangingLoop(e.g.Func, []*detect.Access{a, e.g.Read}) {
			break
		}
		e.reads = append(e.reads, a)
	}
	return nil
}

// otherBranch returns what the guard's statement runs where the variable is filled.
func (e *extraction) otherBranch() []ast.Stmt {
	s, ok := e.g.stmt.(*ast.IfStmt)
	switch {
	case !ok:
		return nil
	case e.g.Form == detect.GuardElse:
		return s.Body.List
	case s.Else != nil:
		return []ast.Stmt{s.Else}
	}
	return nil
}

// splitFailure finds out how the block leaves its function: not at all, by
// returning an error, or by one statement that handles the error.
func (e *extraction) splitFailure() *Refusal {
	for _, s := range e.g.Block {
		ast.Inspect(s, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncLit:
				return false
			case *ast.ReturnStmt:
				e.returns = append(e.returns, n)
			}
			return true
		})
		if n := leaves(s); n != nil {
			if _, ok := n.(*ast.ReturnStmt); !ok {
				return refuse(ControlFlow, n.Pos(), "the initialisation of %s cannot be moved out of %s because of this statement", e.v.Name(), e.g.Func.Name())
			}
		}
	}
	if len(e.returns) == 0 || e.returnErrors() {
		return nil
	}
	for i, s := range e.g.Block {
		f, ok := s.(*ast.IfStmt)
		if !ok || i == 0 || !e.isFailure(f) {
			continue
		}
		if n := len(f.Body.List); n == 0 || !isReturn(f.Body.List[n-1]) {
			continue
		}
		e.failure = f
	}
	if e.failure == nil || !e.allWithin(e.failure) {
		return refuse(ControlFlow, e.returns[0].Pos(), "the initialisation of %s leaves %s here, and cannot be moved out of it", e.v.Name(), e.g.Func.Name())
	}
	return nil
}

func isReturn(s ast.Stmt) bool {
	_, ok := s.(*ast.ReturnStmt)
	return ok
}

// isFailure reports whether f is: if err != nil { ... }, and notes the error.
func (e *extraction) isFailure(f *ast.IfStmt) bool {
	cond, ok := f.Cond.(*ast.BinaryExpr)
	if !ok || f.Init != nil || f.Else != nil || cond.Op != token.NEQ || !isZero(e.pkg.Info, cond.Y) {
		return false
	}
	id, ok := cond.X.(*ast.Ident)
	if !ok {
		return false
	}
	obj := e.pkg.Info.Uses[id]
	if obj == nil || !isError(obj.Type()) && obj.Name() != "err" {
		return false
	}
	e.err = obj
	return true
}

func (e *extraction) allWithin(n ast.Node) bool {
	for _, ret := range e.returns {
		if !contains(n, ret) {
			return false
		}
	}
	return true
}

// returnErrors reports whether all returns of the block return an error last,
// and the same zero values before it.
func (e *extraction) returnErrors() bool {
	results := e.g.Func.Type().Results
	if results == nil || results.NumFields() != len(e.returns[0].Results) {
		return false
	}
	last := results.List[len(results.List)-1]
	if t := e.pkg.Info.TypeOf(last.Type); !isError(t) {
		return false
	}
	for _, ret := range e.returns {
		n := len(ret.Results) - 1
		if isZero(e.pkg.Info, ret.Results[n]) {
			return false // returns without an error, and without the value
		}
		for i, r := range ret.Results[:n] {
			if !isConstant(e.pkg.Info, r) || e.source(r, nil) != e.source(e.returns[0].Results[i], nil) {
				return false
			}
		}
	}
	return true
}

// isConstant reports whether e is the same wherever it stands.
func isConstant(info *types.Info, e ast.Expr) bool {
	return isZero(info, e) || isZeroStruct(info, e) || info.Types[e].Value != nil
}
