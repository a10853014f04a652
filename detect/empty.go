package detect

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"
)

// A test is a condition that decides whether a variable is empty.
type test struct {
	access *Access    // the read of the variable that the condition rests on
	key    ast.Expr   // in a map, the key that is looked up
	copy   *types.Var // the local variable that holds what was read, or nil
	flag   bool       // the variable is a bool, or a number used as one
}

// emptyWhen returns the test by which the atom a implies that a package
// variable is empty: nil, zero, of length 0, lacking a key, or, of a flag,
// in the state that it is declared with.
func (fx *Facts) emptyWhen(a atom) (test, bool) {
	switch x := a.expr.(type) {
	case *ast.BinaryExpr:
		return fx.emptyComparison(x.X, x.Op, x.Y, a.truth)
	case *ast.Ident, *ast.SelectorExpr, *ast.IndexExpr:
		return fx.emptyBool(x, a.truth)
	case *ast.CallExpr:
		if t, ok := fx.emptyBool(x, a.truth); ok {
			return t, true
		}
		if t, ok := fx.wonSwap(x); ok && a.truth {
			return t, true
		}
		return fx.emptyPredicate(x, a.truth)
	}
	return test{}, false
}

// wonSwap answers for flag.CompareAndSwap(false, true) being true.
func (fx *Facts) wonSwap(call *ast.CallExpr) (test, bool) {
	for _, a := range fx.accessesIn(call) {
		if a.Atomic == AtomicSwap && fx.isNumber(a) && strings.HasPrefix(callName(call), "CompareAndSwap") {
			return test{access: a, flag: true}, true
		}
	}
	return test{}, false
}

func callName(call *ast.CallExpr) string {
	if sel, ok := call.Fun.(*ast.SelectorExpr); ok {
		return sel.Sel.Name
	}
	return ""
}

// emptyComparison answers for x op y being truth.
func (fx *Facts) emptyComparison(x ast.Expr, op token.Token, y ast.Expr, truth bool) (test, bool) {
	if fx.isConstant(x) && !fx.isConstant(y) {
		x, op, y = y, mirrored(op), x // nil == v
	}
	if !truth {
		op = negated(op)
	}
	if call, ok := ast.Unparen(x).(*ast.CallExpr); ok && fx.isBuiltin(call, "len") {
		if !lengthZero(op, fx.intValue(y)) {
			return test{}, false
		}
		return fx.read(call.Args[0])
	}
	if id, ok := ast.Unparen(y).(*ast.Ident); ok && (id.Name == "true" || id.Name == "false") && fx.isConstant(id) {
		return fx.emptyBool(x, (op == token.EQL) == (id.Name == "true"))
	}
	t, ok := fx.read(x)
	if !ok {
		return test{}, false
	}
	t.flag = fx.isFlagType(t.access)
	switch {
	case op == token.EQL && (fx.isZero(y) || fx.isDeclared(t, y)):
		return t, true
	case (op == token.LEQ || op == token.LSS) && lengthZero(op, fx.intValue(y)):
		return t, true // n <= 0, n < 1
	case op == token.LSS && fx.isZero(y) && fx.declaredNegative(t):
		return t, true // n < 0, with n declared as -1
	case op == token.NEQ && t.access.Atomic != NotAtomic && fx.intValue(y) == 1:
		return t, true // atomic.LoadInt32(&done) != 1
	}
	return test{}, false
}

// emptyBool answers for the bool x being truth.
func (fx *Facts) emptyBool(x ast.Expr, truth bool) (test, bool) {
	t, ok := fx.read(x)
	if ok {
		if !fx.isBool(x) || t.key != nil {
			return test{}, false
		}
		t.flag = true
		return t, truth == fx.declaredTrue(t.access)
	}
	if !truth {
		if t, ok := fx.missingKey(x); ok {
			return t, true
		}
	}
	return fx.emptyLocal(x, truth)
}

// emptyLocal answers for a local bool that holds the result of a test:
// missing := x == nil, missing := !ready.
func (fx *Facts) emptyLocal(x ast.Expr, truth bool) (test, bool) {
	id, ok := ast.Unparen(x).(*ast.Ident)
	if !ok || fx.localVar(id) == nil {
		return test{}, false
	}
	as, ok := fx.reaching(fx.localVar(id), id)
	if !ok || as.multi || as.value == nil {
		return test{}, false
	}
	for _, a := range implied(as.value, truth) {
		switch x := a.expr.(type) {
		case *ast.BinaryExpr:
			if t, ok := fx.emptyComparison(x.X, x.Op, x.Y, a.truth); ok {
				return t, true
			}
		case *ast.Ident, *ast.SelectorExpr:
			if t, ok := fx.read(x); ok && t.key == nil && t.copy == nil && fx.isBool(x) {
				t.flag = true
				return t, a.truth == fx.declaredTrue(t.access)
			}
		}
	}
	return test{}, false
}

// declaredTrue reports whether the flag that a reads starts out as true: needInit.
func (fx *Facts) declaredTrue(a *Access) bool {
	if a.Path != "" {
		return false
	}
	id, ok := fx.byVar[a.Var].Declared().(*ast.Ident)
	return ok && id.Name == "true"
}

// declaredFilled reports whether the variable that a reads, without an
// atomic, has a value from its declaration or from init on.
func (fx *Facts) declaredFilled(a *Access) bool {
	if a.Atomic != NotAtomic {
		return false
	}
	fills := func(value ast.Expr) bool {
		_, lit := ast.Unparen(value).(*ast.CompositeLit)
		return !fx.isZero(value) || lit && types.IsInterface(a.Var.Type()) // a value without fields is one too
	}
	v := fx.byVar[a.Var]
	if value := v.Declared(); value != nil {
		return fills(value)
	}
	return slices.ContainsFunc(v.Accesses, func(w *Access) bool {
		return w.Kind == Write && w.Path == "" && w.Phase == Initial && w.Value != nil && fills(w.Value)
	})
}

// missingKey answers for ok being false, with v, ok := m[k].
func (fx *Facts) missingKey(x ast.Expr) (test, bool) {
	id, ok := ast.Unparen(x).(*ast.Ident)
	if !ok {
		return test{}, false
	}
	v := fx.localVar(id)
	if v == nil {
		return test{}, false
	}
	as, ok := fx.reaching(v, id)
	if !ok || !as.multi || as.index != 1 {
		return test{}, false
	}
	switch value := ast.Unparen(as.value).(type) {
	case *ast.TypeAssertExpr:
		if index, ok := ast.Unparen(value.X).(*ast.IndexExpr); ok { // v, ok := m[k].(T)
			t, ok := fx.read(index)
			return t, ok && t.key != nil
		}
		t, ok := fx.readVar(value.X)
		return t, ok && !fx.declaredFilled(t.access) // which kind of value it is, not whether there is one
	case *ast.IndexExpr:
		t, ok := fx.read(value)
		return t, ok && t.key != nil
	case *ast.CallExpr: // v, ok := m.Load(k), of a sync.Map
		t, ok := fx.read(value)
		return t, ok && t.access.Atomic == NotAtomic
	}
	return test{}, false
}

// emptyPredicate answers for a call of a function of the package that only
// returns a condition: if !ready(), if missing(x), if x.empty(); and of the
// method IsZero of any type.
func (fx *Facts) emptyPredicate(call *ast.CallExpr, truth bool) (test, bool) {
	f := fx.resolve(call.Fun)
	if f == nil || f.Body() == nil {
		if sel, ok := call.Fun.(*ast.SelectorExpr); ok && sel.Sel.Name == "IsZero" && len(call.Args) == 0 && truth {
			return fx.read(sel.X)
		}
		return test{}, false
	}
	ret := soleReturn(f.Body())
	if ret == nil || len(ret.Results) != 1 {
		return test{}, false
	}
	for _, a := range implied(ret.Results[0], truth) {
		switch x := a.expr.(type) {
		case *ast.CallExpr:
			if fx.resolve(x.Fun) != nil {
				continue // leads on to another function: enough
			}
		case *ast.BinaryExpr:
			if arg := fx.argument(f, call, x.X); arg != nil {
				if t, ok := fx.emptyComparison(arg, x.Op, x.Y, a.truth); ok {
					return t, true
				}
			}
		}
		if t, ok := fx.emptyWhen(a); ok {
			return t, true
		}
	}
	return fx.emptyArgument(f, call, ret.Results[0], truth)
}

// emptyArgument answers for a predicate one of whose alternatives is that
// its receiver or argument is nil: return x == nil || len(x.items) == 0.
func (fx *Facts) emptyArgument(f *Func, call *ast.CallExpr, cond ast.Expr, truth bool) (test, bool) {
	for _, a := range possible(cond, truth) {
		cmp, ok := a.expr.(*ast.BinaryExpr)
		if !ok {
			continue
		}
		if arg := fx.argument(f, call, cmp.X); arg != nil {
			if t, ok := fx.emptyComparison(arg, cmp.Op, cmp.Y, a.truth); ok {
				return t, true
			}
		}
	}
	return test{}, false
}

// argument returns what call passes for the parameter or receiver of f that
// e names, or nil.
func (fx *Facts) argument(f *Func, call *ast.CallExpr, e ast.Expr) ast.Expr {
	id, ok := ast.Unparen(e).(*ast.Ident)
	if !ok {
		return nil
	}
	obj := fx.Pkg.Info.Uses[id]
	if obj == nil {
		return nil
	}
	if sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr); ok && obj == fx.recvObj(f) {
		return sel.X
	}
	i := 0
	for _, field := range f.Type().Params.List {
		for _, name := range field.Names {
			if fx.Pkg.Info.Defs[name] == obj && i < len(call.Args) {
				return call.Args[i]
			}
			i++
		}
	}
	return nil
}

// soleReturn returns the return statement that body ends in, if what comes
// before it is no more than locking.
func soleReturn(body *ast.BlockStmt) *ast.ReturnStmt {
	for i, s := range body.List {
		switch s := s.(type) {
		case *ast.ExprStmt, *ast.DeferStmt:
			continue // mu.Lock(), defer mu.Unlock()
		case *ast.ReturnStmt:
			if i == len(body.List)-1 {
				return s
			}
		}
		return nil
	}
	return nil
}
