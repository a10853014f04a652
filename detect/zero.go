package detect

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
)

func (fx *Facts) isConstant(e ast.Expr) bool {
	tv, ok := fx.Pkg.Info.Types[e]
	if ok && (tv.IsNil() || tv.Value != nil) {
		return true
	}
	return fx.isZero(e)
}

// isZero reports whether e is nil, false, 0, "" or an empty struct literal.
func (fx *Facts) isZero(e ast.Expr) bool {
	e = ast.Unparen(e)
	tv := fx.Pkg.Info.Types[e]
	if tv.IsNil() {
		return true
	}
	if id, ok := e.(*ast.Ident); ok {
		if _, isNil := fx.Pkg.Info.Uses[id].(*types.Nil); isNil {
			return true // beside an operand whose type was not loaded
		}
	}
	if tv.Value != nil {
		switch tv.Value.Kind() {
		case constant.Bool:
			return !constant.BoolVal(tv.Value)
		case constant.String:
			return constant.StringVal(tv.Value) == ""
		}
		return constant.Sign(tv.Value) == 0
	}
	if lit, ok := e.(*ast.CompositeLit); ok && len(lit.Elts) == 0 {
		switch lit.Type.(type) {
		case *ast.MapType, *ast.ArrayType:
			return false // empty, but not nil
		}
		if tv.Type != nil {
			switch tv.Type.Underlying().(type) {
			case *types.Map, *types.Slice:
				return false
			}
		}
		return true
	}
	return false
}

// empties reports whether the write w gives its variable its zero value. In
// an interface, a zero T{} is a value.
func (fx *Facts) empties(w *Access) bool {
	if _, ok := ast.Unparen(w.Value).(*ast.CompositeLit); ok {
		if t := fx.Pkg.Info.TypeOf(w.Expr); t != nil && types.IsInterface(t) {
			return false
		}
	}
	return fx.isZero(w.Value)
}

// isDeclared reports whether y is the constant that t's variable is declared
// with: var port = -1; if port == -1.
func (fx *Facts) isDeclared(t test, y ast.Expr) bool {
	if t.access.Path != "" || t.key != nil {
		return false
	}
	declared := fx.byVar[t.access.Var].Declared()
	if declared == nil {
		return false
	}
	a, b := fx.Pkg.Info.Types[declared].Value, fx.Pkg.Info.Types[y].Value
	return a != nil && b != nil && a.Kind() == b.Kind() && constant.Compare(a, token.EQL, b)
}

func (fx *Facts) declaredNegative(t test) bool {
	declared := fx.byVar[t.access.Var].Declared()
	if declared == nil || t.access.Path != "" || t.key != nil {
		return false
	}
	v := fx.Pkg.Info.Types[declared].Value
	return v != nil && (v.Kind() == constant.Int || v.Kind() == constant.Float) && constant.Sign(v) < 0
}

func (fx *Facts) isBool(e ast.Expr) bool {
	t := fx.Pkg.Info.TypeOf(e)
	if t == nil {
		return false
	}
	b, ok := t.Underlying().(*types.Basic)
	return ok && b.Info()&types.IsBoolean != 0
}

// isFlagType reports whether the variable that a reads is a bool, or a
// number that is only used atomically.
func (fx *Facts) isFlagType(a *Access) bool {
	return a.Atomic == AtomicLoad && fx.isNumber(a)
}

func (fx *Facts) isNumber(a *Access) bool {
	t := fx.Pkg.Info.TypeOf(a.Expr)
	if t == nil {
		return false
	}
	if isStdType(t, "sync/atomic", "Bool", "Int32", "Int64", "Uint32", "Uint64") {
		return true
	}
	b, ok := t.Underlying().(*types.Basic)
	return ok && b.Info()&types.IsNumeric != 0
}

// intValue returns the small integer that e is, or -2.
func (fx *Facts) intValue(e ast.Expr) int {
	v := fx.Pkg.Info.Types[e].Value
	if v == nil || v.Kind() != constant.Int {
		return -2
	}
	n, ok := constant.Int64Val(v)
	if !ok || n < 0 || n > 1 {
		return -2
	}
	return int(n)
}

// lengthZero reports whether "n op c", with n never negative, says that n is zero.
func lengthZero(op token.Token, c int) bool {
	return c == 0 && (op == token.EQL || op == token.LEQ) || c == 1 && op == token.LSS
}

func mirrored(op token.Token) token.Token {
	switch op {
	case token.LSS:
		return token.GTR
	case token.GTR:
		return token.LSS
	case token.LEQ:
		return token.GEQ
	case token.GEQ:
		return token.LEQ
	}
	return op
}

func negated(op token.Token) token.Token {
	switch op {
	case token.EQL:
		return token.NEQ
	case token.NEQ:
		return token.EQL
	case token.LSS:
		return token.GEQ
	case token.GEQ:
		return token.LSS
	case token.GTR:
		return token.LEQ
	case token.LEQ:
		return token.GTR
	}
	return op
}
