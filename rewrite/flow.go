package rewrite

import (
	"go/ast"
	"go/token"
	"go/types"
	"maps"
	"slices"

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
	fl.decoded(s)
	defer fl.elements(s)
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
