package rewrite

import (
	"go/ast"
	"go/token"
	"go/types"

	"github.com/singletonfix/singletonfix/detect"
)

// A testKind says which values a site's test calls empty.
type testKind int

const (
	nilTest  testKind = iota // x == nil
	zeroTest                 // x == "", x == 0, x == T{}
	lenTest                  // len(x) == 0
	flagTest                 // !x
)

// kindOf returns the kind of the condition test.
func kindOf(info *types.Info, test ast.Expr) testKind {
	switch x := ast.Unparen(test).(type) {
	case *ast.UnaryExpr:
		if x.Op == token.NOT {
			return flagOr(info, x.X)
		}
	case *ast.BinaryExpr:
		for _, side := range []ast.Expr{x.X, x.Y} {
			if info.Types[side].IsNil() {
				return nilTest
			}
			if isLen(info, side) {
				return lenTest
			}
		}
		if b, ok := info.TypeOf(x.X).Underlying().(*types.Basic); ok && b.Info()&types.IsBoolean != 0 {
			return flagTest
		}
		return zeroTest
	}
	return flagOr(info, test)
}

// flagOr returns the kind of a condition that is a variable, or of one with parentheses.
func flagOr(info *types.Info, e ast.Expr) testKind {
	if b, ok := ast.Unparen(e).(*ast.BinaryExpr); ok {
		return kindOf(info, b)
	}
	return flagTest
}

// isLen reports whether e is len(x).
func isLen(info *types.Info, e ast.Expr) bool {
	call, ok := ast.Unparen(e).(*ast.CallExpr)
	if !ok {
		return false
	}
	b, ok := calleeIn(info, call).(*types.Builtin)
	return ok && b.Name() == "len"
}

// value says whether the expression e is a value that the test calls filled.
func (fl *filling) value(e ast.Expr) state {
	info := fl.d.pkg.Info
	if isZero(info, e) {
		if _, conversion := ast.Unparen(e).(*ast.CallExpr); conversion {
			return maybe // (*T)(nil), which is a value in an interface
		}
		return empty
	}
	if info.Types[e].Value != nil {
		return filled // a constant that is not zero
	}
	switch x := ast.Unparen(e).(type) {
	case *ast.UnaryExpr:
		if x.Op == token.AND {
			return filled
		}
	case *ast.CompositeLit:
		if fl.kind == lenTest && len(x.Elts) == 0 || fl.kind == zeroTest && isZeroStruct(info, x) {
			return empty
		}
		return filled
	case *ast.FuncLit:
		return filled
	case *ast.Ident:
		if f, ok := info.Uses[x].(*types.Func); ok && f != nil {
			return filled
		}
		if st, ok := fl.state[fl.object(x)]; ok {
			return st
		}
	case *ast.CallExpr:
		return fl.result(x)
	}
	return maybe
}

// result says whether call returns a value that the test calls filled.
func (fl *filling) result(call *ast.CallExpr) state {
	info := fl.d.pkg.Info
	if info.Types[call.Fun].IsType() && len(call.Args) == 1 {
		return fl.value(call.Args[0]) // a conversion
	}
	obj := calleeIn(info, call)
	if b, ok := obj.(*types.Builtin); ok {
		switch b.Name() {
		case "new":
			return filled
		case "make":
			if fl.kind == lenTest {
				return maybe
			}
			return filled
		case "append":
			if len(call.Args) > 1 && !call.Ellipsis.IsValid() {
				return filled // one element at least
			}
			return fl.value(call.Args[0])
		}
		return maybe
	}
	if fl.mayBeZero() {
		return maybe // a string or a number from a call may be zero
	}
	f, _ := obj.(*types.Func)
	own := fl.d.fx.Declared(f)
	if own == nil {
		if f == nil && obj != nil && !isPackageMember(obj) {
			return maybe // a function value
		}
		return likely // another package's constructor keeps to the convention
	}
	success, _ := fl.returned(own)
	return success
}

// isPackageMember reports whether obj belongs to another package, loaded or not.
func isPackageMember(obj types.Object) bool {
	return obj.Pkg() != nil && obj.Parent() == obj.Pkg().Scope()
}

// results are what a function returns first, joined over its returns: those
// without an error, or with nil for it, and the others.
type results struct{ success, failure state }

// add takes in the return statement s.
func (r *results) add(fl *filling, s *ast.ReturnStmt) {
	switch n := len(s.Results); {
	case n == 0:
		r.success, r.failure = maybe, maybe // named results
	case n > 1 && !isZero(fl.d.pkg.Info, s.Results[n-1]) && fl.isErrorValue(s.Results[n-1]):
		r.failure = join(r.failure, fl.value(s.Results[0]))
		if id, ok := s.Results[n-1].(*ast.Ident); ok && fl.mayBeNil(id) {
			r.success = join(r.success, fl.pairedWith(id, s.Results[0])) // return v, err at the end
		}
	default:
		r.success = join(r.success, fl.value(s.Results[0]))
	}
}

func (fl *filling) isErrorValue(e ast.Expr) bool {
	t := fl.d.pkg.Info.TypeOf(e)
	return t == nil || isError(t) || types.Implements(t, types.Universe.Lookup("error").Type().Underlying().(*types.Interface))
}

// mayBeNil reports whether the error that id names can be nil here.
func (fl *filling) mayBeNil(id *ast.Ident) bool { return fl.state[fl.object(id)] != filled }

// pairedWith says what e holds where the error that id names is nil.
func (fl *filling) pairedWith(id *ast.Ident, e ast.Expr) state {
	for _, p := range fl.paired[fl.object(id)] {
		if p.obj == fl.object(e) {
			return p.success
		}
	}
	return fl.value(e)
}

// returned says what the package's function f returns first, by success.
func (fl *filling) returned(f *detect.Func) (success, failure state) {
	if f.Body() == nil || fl.depth > 3 {
		return maybe, maybe
	}
	inner := fl.d.newFilling(types.NewVar(token.NoPos, nil, "", nil), fl.kind, fl.depth+1)
	inner.results = &results{dead, dead}
	inner.list(f.Body().List)
	success, failure = inner.results.success, inner.results.failure
	if inner.unsure || success == dead {
		return maybe, maybe
	}
	if failure == dead {
		failure = empty
	}
	return success, failure
}

// tuple says what a call with several results gives first, by success.
// Another package's function is taken to give a value or an error.
func (fl *filling) tuple(e ast.Expr) (success, failure state) {
	call, ok := ast.Unparen(e).(*ast.CallExpr)
	if !ok || fl.mayBeZero() {
		return maybe, maybe // a map look-up, type assertion or receive with its ok
	}
	f, _ := calleeIn(fl.d.pkg.Info, call).(*types.Func)
	if own := fl.d.fx.Declared(f); own != nil {
		return fl.returned(own)
	}
	return likely, empty
}

// zeroOf returns the zero value of t as a literal, "" if it has none that is short.
func zeroOf(t types.Type) string {
	if t == nil {
		return ""
	}
	switch u := t.Underlying().(type) {
	case *types.Pointer, *types.Interface, *types.Map, *types.Slice, *types.Signature, *types.Chan:
		return "nil"
	case *types.Basic:
		switch {
		case u.Info()&types.IsString != 0:
			return `""`
		case u.Info()&types.IsNumeric != 0:
			return "0"
		case u.Info()&types.IsBoolean != 0:
			return "false"
		}
	}
	return ""
}
