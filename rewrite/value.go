package rewrite

import (
	"go/ast"
	"go/token"
	"go/types"
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
		if fl.kind == lenTest && len(x.Elts) == 0 {
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
		return filled // another package's constructor keeps to the convention
	}
	if own.Body() == nil || fl.depth > 3 {
		return maybe
	}
	return fl.returned(own.Body().List)
}

// isPackageMember reports whether obj belongs to another package, loaded or not.
func isPackageMember(obj types.Object) bool {
	return obj.Pkg() != nil && obj.Parent() == obj.Pkg().Scope()
}

// returned says whether the function with that body always returns a value first.
func (fl *filling) returned(body []ast.Stmt) state {
	inner := &filling{d: fl.d, kind: fl.kind, watch: types.NewVar(token.NoPos, nil, "", nil), depth: fl.depth + 1,
		state: map[types.Object]state{}, paired: map[types.Object][]types.Object{}, exits: map[*ast.ReturnStmt]state{}}
	first := dead
	inner.first = &first
	inner.list(body)
	if inner.unsure {
		return maybe
	}
	return first
}

// firstResult says what s returns first.
func (fl *filling) firstResult(s *ast.ReturnStmt) state {
	if len(s.Results) == 0 {
		return maybe // a named result
	}
	return fl.value(s.Results[0])
}

// tuple says what a call with several results gives; with an error among
// them, see unpack.
func (fl *filling) tuple(e ast.Expr) state {
	if _, ok := ast.Unparen(e).(*ast.CallExpr); !ok || fl.mayBeZero() {
		return maybe // a map look-up, type assertion or receive with its ok
	}
	return filled
}
