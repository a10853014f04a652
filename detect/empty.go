package detect

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"strings"

	"golang.org/x/tools/go/ast/edge"
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

// emptyLocal answers for a local bool that holds the result of a test: missing := x == nil.
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
		if cmp, ok := a.expr.(*ast.BinaryExpr); ok {
			if t, ok := fx.emptyComparison(cmp.X, cmp.Op, cmp.Y, a.truth); ok {
				return t, true
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
		return fx.readVar(value.X)
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

// reaching returns the assignment that gave v the value that it has at id:
// the last one before it whose block also holds id.
func (fx *Facts) reaching(v *types.Var, id *ast.Ident) (assignment, bool) {
	var best assignment
	found := false
	for _, a := range fx.locals[v] {
		if a.stmt.Pos() >= id.Pos() {
			continue // later
		}
		block := a.cur
		for block.ParentEdgeKind() != edge.Invalid {
			block = block.Parent()
			if isBlock(block.Node()) {
				break
			}
		}
		if n := block.Node(); n == nil || n.Pos() > id.Pos() || n.End() < id.Pos() {
			continue // on some other way
		}
		if !found || a.stmt.Pos() > best.stmt.Pos() {
			best, found = a, true
		}
	}
	return best, found
}

// isBlock reports whether n is a statement with a scope of its own.
func isBlock(n ast.Node) bool {
	switch n.(type) {
	case *ast.BlockStmt, *ast.CaseClause, *ast.CommClause, *ast.IfStmt, *ast.ForStmt, *ast.SwitchStmt, *ast.RangeStmt, *ast.FuncDecl, *ast.FuncLit, *ast.TypeSwitchStmt:
		return true
	}
	return false
}

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
