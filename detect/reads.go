package detect

import (
	"go/ast"
	"go/types"
)

// read returns the read of a package variable that e is, or that the local
// copy e was last given.
func (fx *Facts) read(e ast.Expr) (test, bool) {
	if x, ok := ast.Unparen(e).(*ast.Ident); ok && fx.accesses[x] == nil {
		v := fx.localVar(x)
		if v == nil {
			return test{}, false
		}
		as, ok := fx.reaching(v, x)
		if !ok || as.value == nil || as.multi && as.index != 0 {
			return test{}, false
		}
		t, ok := fx.readVar(as.value)
		t.copy = v
		return t, ok
	}
	return fx.readVar(e)
}

// readVar returns the read of a package variable that e is.
func (fx *Facts) readVar(e ast.Expr) (test, bool) {
	e = ast.Unparen(e)
	switch x := e.(type) {
	case *ast.Ident:
		if a := fx.accesses[x]; a != nil {
			return test{access: a}, true
		}
	case *ast.SelectorExpr:
		if a := fx.rootAccess(x); a != nil && a.Expr == x {
			return test{access: a}, true
		}
	case *ast.IndexExpr:
		t, ok := fx.readVar(x.X)
		if !ok || t.key != nil {
			return test{}, false
		}
		if !isTable(fx.Pkg.Info.TypeOf(x.X)) {
			return test{}, false // a place in a list of numbers
		}
		t.key = x.Index
		return t, true
	case *ast.CallExpr: // x.Load(), atomic.LoadInt32(&x)
		for _, a := range fx.accessesIn(x) {
			if a.Atomic == AtomicLoad {
				return test{access: a}, true
			}
		}
	case *ast.TypeAssertExpr:
		return fx.readVar(x.X) // v, _ := x.Load().(*T)
	}
	return test{}, false
}

// isTable reports whether t is a map, or may be one for all that was loaded,
// or an array or slice of what can be nil.
func isTable(t types.Type) bool {
	if t == nil {
		return true
	}
	switch u := t.Underlying().(type) {
	case *types.Array:
		return nilable(u.Elem())
	case *types.Slice:
		return nilable(u.Elem())
	case *types.Basic:
		return u.Kind() == types.Invalid
	case *types.Map:
		return true
	}
	return false
}

func nilable(t types.Type) bool {
	switch t.Underlying().(type) {
	case *types.Map, *types.Slice, *types.Signature, *types.Chan:
		return true
	}
	return isPointerish(t)
}

// rootAccess returns the access at the root of a chain of selectors, or nil.
func (fx *Facts) rootAccess(e ast.Expr) *Access {
	for {
		switch x := ast.Unparen(e).(type) {
		case *ast.Ident:
			return fx.accesses[x]
		case *ast.SelectorExpr:
			if a := fx.accesses[x.Sel]; a != nil {
				return a
			}
			e = x.X
		default:
			return nil
		}
	}
}

// accessesIn returns the accesses directly within call: its operand and arguments.
func (fx *Facts) accessesIn(call *ast.CallExpr) []*Access {
	var as []*Access
	exprs := call.Args
	if sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr); ok {
		exprs = append([]ast.Expr{sel.X}, exprs...)
	}
	for _, e := range exprs {
		if u, ok := ast.Unparen(e).(*ast.UnaryExpr); ok {
			e = u.X
		}
		if a := fx.rootAccess(e); a != nil {
			as = append(as, a)
		}
	}
	return as
}
