package detect

import (
	"go/ast"
	"go/token"
	"go/types"

	"golang.org/x/tools/go/ast/edge"
	"golang.org/x/tools/go/ast/inspector"
)

// findCalls builds the static call graph: calls of declared functions and
// methods, of literals called where they stand, and of variables that only
// ever hold one function. A function that is passed to a call is a Call too.
func (fx *Facts) findCalls() {
	fx.calls = make(map[*ast.CallExpr][]*Call)
	passed := make(map[ast.Expr]bool) // functions accounted for as an argument or a callee
	for cur := range fx.Insp.Root().Preorder((*ast.CallExpr)(nil)) {
		call := cur.Node().(*ast.CallExpr)
		if tv, ok := fx.Pkg.Info.Types[call.Fun]; ok && tv.IsType() {
			continue // a conversion
		}
		c := &Call{Mode: callMode(cur), Expr: call, Caller: fx.Enclosing(cur), Obj: fx.callee(call)}
		c.Callee = fx.resolve(call.Fun)
		fx.addCall(c)
		passed[ast.Unparen(call.Fun)] = true
		for _, arg := range call.Args {
			if f := fx.funcValue(arg); f != nil {
				passed[ast.Unparen(arg)] = true
				fx.addCall(&Call{Mode: fx.passMode(c), Expr: call, Caller: c.Caller, Callee: f, Obj: c.Obj})
			}
		}
	}
	fx.findFuncValues(passed)
}

func (fx *Facts) addCall(c *Call) {
	fx.calls[c.Expr] = append(fx.calls[c.Expr], c)
	if c.Caller != nil {
		c.Caller.Calls = append(c.Caller.Calls, c)
	}
	if c.Callee != nil {
		c.Callee.Callers = append(c.Callee.Callers, c)
	}
}

func callMode(cur inspector.Cursor) CallMode {
	switch cur.ParentEdgeKind() {
	case edge.GoStmt_Call:
		return Started
	case edge.DeferStmt_Call:
		return Deferred
	}
	return Plain
}

// callee returns the object that call names, or nil.
func (fx *Facts) callee(call *ast.CallExpr) types.Object {
	switch fun := ast.Unparen(stripIndex(call.Fun)).(type) {
	case *ast.Ident:
		return fx.Pkg.Info.Uses[fun]
	case *ast.SelectorExpr:
		return fx.Pkg.Info.Uses[fun.Sel]
	}
	return nil
}

// stripIndex removes the type arguments of a generic function: f[T] is f.
func stripIndex(e ast.Expr) ast.Expr {
	switch x := ast.Unparen(e).(type) {
	case *ast.IndexExpr:
		return x.X
	case *ast.IndexListExpr:
		return x.X
	}
	return e
}

// resolve returns the function of this package that the expression fun calls, or nil.
func (fx *Facts) resolve(fun ast.Expr) *Func {
	if f := fx.funcValue(fun); f != nil {
		return f
	}
	id, ok := ast.Unparen(fun).(*ast.Ident)
	if !ok {
		return nil
	}
	if v := fx.localVar(id); v != nil {
		if value := fx.soleValue(v); value != nil {
			return fx.funcValue(value) // f := func() { ... }; f()
		}
		return nil
	}
	v, ok := fx.Pkg.Info.Uses[id].(*types.Var)
	if !ok || fx.byVar[v] == nil {
		return nil
	}
	for _, a := range fx.byVar[v].Accesses {
		if a.Kind != Read {
			return nil // may hold some other function by now
		}
	}
	if value := fx.byVar[v].Declared(); value != nil {
		return fx.funcValue(value) // var get = func() { ... }
	}
	return nil
}

// funcValue returns the function of this package that e denotes: a literal,
// or the name of a function or method.
func (fx *Facts) funcValue(e ast.Expr) *Func {
	switch x := ast.Unparen(stripIndex(e)).(type) {
	case *ast.FuncLit:
		return fx.funcOf[x]
	case *ast.Ident:
		obj, _ := fx.Pkg.Info.Uses[x].(*types.Func)
		return fx.Declared(obj)
	case *ast.SelectorExpr:
		obj, _ := fx.Pkg.Info.Uses[x.Sel].(*types.Func)
		return fx.Declared(obj)
	}
	return nil
}

// passMode says what becomes of a function that is passed to the call c.
func (fx *Facts) passMode(c *Call) CallMode {
	if fx.IsOnceDo(c.Expr) {
		return ByOnce
	}
	if isOnceFunc(c.Obj) {
		return ByOnce
	}
	if c.Mode == Started {
		return Started
	}
	return Passed
}

// IsOnceDo reports whether call is a call of the Do method of a sync.Once.
func (fx *Facts) IsOnceDo(call *ast.CallExpr) bool {
	sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
	if !ok || sel.Sel.Name != "Do" || len(call.Args) != 1 {
		return false
	}
	f, ok := fx.Pkg.Info.Uses[sel.Sel].(*types.Func)
	return ok && f.Signature().Recv() != nil && isSyncType(f.Signature().Recv().Type(), "Once")
}

// isOnceFunc reports whether obj is sync.OnceFunc, OnceValue or OnceValues.
func isOnceFunc(obj types.Object) bool {
	if obj == nil || obj.Pkg() == nil || obj.Pkg().Path() != "sync" {
		return false
	}
	switch obj.Name() {
	case "OnceFunc", "OnceValue", "OnceValues":
		return true
	}
	return false
}

// isSyncType reports whether t, or what it points to, is one of the named types of package sync.
func isSyncType(t types.Type, names ...string) bool {
	return isStdType(t, "sync", names...)
}

// isStdType reports whether t, or what it points to, is one of the named types of the package at path.
func isStdType(t types.Type, path string, names ...string) bool {
	if t == nil {
		return false
	}
	if p, ok := types.Unalias(t).(*types.Pointer); ok {
		t = p.Elem()
	}
	named, ok := types.Unalias(t).(*types.Named)
	if !ok || named.Obj().Pkg() == nil || named.Obj().Pkg().Path() != path {
		return false
	}
	for _, name := range names {
		if named.Obj().Name() == name {
			return true
		}
	}
	return false
}

// findFuncValues notes every use of a function other than a call of it or
// passing it straight to one.
func (fx *Facts) findFuncValues(accounted map[ast.Expr]bool) {
	for cur := range fx.Insp.Root().Preorder((*ast.Ident)(nil), (*ast.FuncLit)(nil)) {
		switch n := cur.Node().(type) {
		case *ast.Ident:
			obj, ok := fx.Pkg.Info.Uses[n].(*types.Func)
			if !ok || fx.Declared(obj) == nil {
				continue // no function of this package
			}
			whole := cur
			for whole.ParentEdgeKind() == edge.SelectorExpr_Sel || whole.ParentEdgeKind() == edge.IndexExpr_X || whole.ParentEdgeKind() == edge.IndexListExpr_X || whole.ParentEdgeKind() == edge.ParenExpr_X {
				whole = whole.Parent()
			}
			if !accounted[ast.Unparen(stripIndex(whole.Node().(ast.Expr)))] && !accounted[ast.Unparen(whole.Node().(ast.Expr))] {
				f := fx.Declared(obj)
				f.Values = append(f.Values, n)
			}
		case *ast.FuncLit:
			if !accounted[n] && !fx.isNamedLiteral(cur) {
				f := fx.funcOf[n]
				f.Values = append(f.Values, &ast.Ident{NamePos: n.Pos(), Name: "func"})
			}
		}
	}
}

// isNamedLiteral reports whether the literal at cur is the only value of a
// variable that is only ever called: f := func() { ... }; f().
func (fx *Facts) isNamedLiteral(cur inspector.Cursor) bool {
	var name ast.Expr
	kind, i := cur.ParentEdge()
	switch kind {
	case edge.AssignStmt_Rhs:
		s := cur.Parent().Node().(*ast.AssignStmt)
		if len(s.Lhs) != len(s.Rhs) || (s.Tok != token.DEFINE && s.Tok != token.ASSIGN) {
			return false
		}
		name = s.Lhs[i]
	case edge.ValueSpec_Values:
		s := cur.Parent().Node().(*ast.ValueSpec)
		if len(s.Names) != len(s.Values) {
			return false
		}
		name = s.Names[i]
	default:
		return false
	}
	id, ok := ast.Unparen(name).(*ast.Ident)
	if !ok {
		return false
	}
	obj := fx.Pkg.Info.Defs[id]
	if obj == nil {
		obj = fx.Pkg.Info.Uses[id]
	}
	v, ok := obj.(*types.Var)
	if !ok {
		return false
	}
	if pv := fx.byVar[v]; pv != nil {
		return fx.onlyCalled(pv)
	}
	return fx.soleValue(v) == cur.Node() && !fx.usedAsValue[v]
}

// onlyCalled reports whether the package variable v of func type is never
// assigned, passed on or exported.
func (fx *Facts) onlyCalled(v *Variable) bool {
	if v.Obj.Exported() {
		return false
	}
	for _, a := range v.Accesses {
		if a.Kind != Read || a.Cur.ParentEdgeKind() != edge.CallExpr_Fun {
			return false
		}
	}
	return true
}

// Escapes reports whether f may be called in ways that the static calls do
// not show: by name from other packages, or as a value.
func (f *Func) Escapes() bool {
	if f.Exported() || len(f.Values) > 0 {
		return true
	}
	for _, c := range f.Callers {
		if c.Mode == Passed && c.Obj != nil && !synchronous(c.Obj) {
			return true
		}
		if c.Mode == Passed && c.Obj == nil {
			return true
		}
	}
	return false
}

// synchronous reports whether the function obj of the standard library calls
// the functions that it is given before it returns, on the same goroutine.
func synchronous(obj types.Object) bool {
	if obj.Pkg() == nil {
		return false
	}
	switch obj.Pkg().Path() {
	case "sort", "slices", "maps", "strings", "bytes", "path/filepath", "io/fs", "regexp", "unicode", "errors":
		return true
	case "sync":
		return obj.Name() == "Range" // sync.Map
	}
	return false
}
