package rewrite

import (
	"go/ast"
	"go/types"
	"slices"

	"github.com/singletonfix/singletonfix/detect"
)

// A reach is all the package's code that may run as a consequence of some
// statements: what they call, start, defer or pass on, and so forth.
type reach struct {
	fx    *detect.Facts
	funcs map[*detect.Func]bool
	roots []ast.Node   // the statements themselves
	here  bool         // without what runs on a goroutine that is started
	done  map[any]bool // names of methods, and types of function values, of which all are added
}

// reachOf follows the calls that stand within the statements.
func reachOf(fx *detect.Facts, stmts ...ast.Node) *reach {
	r := &reach{fx: fx, funcs: make(map[*detect.Func]bool), roots: stmts, done: make(map[any]bool)}
	for _, n := range stmts {
		r.followNode(n)
	}
	return r
}

// runHere returns the statements and the bodies of what they run on
// their own goroutine: one that they start can wait for a lock that they hold.
func runHere(fx *detect.Facts, stmts []ast.Stmt) []ast.Node {
	bodies := nodes(stmts)
	r := &reach{fx: fx, funcs: make(map[*detect.Func]bool), roots: bodies, here: true, done: make(map[any]bool)}
	for _, n := range bodies {
		r.followNode(n)
	}
	for _, g := range fx.Funcs {
		if r.funcs[g] && g.Body() != nil {
			bodies = append(bodies, g.Body())
		}
	}
	return bodies
}

// inspectHere is ast.Inspect without what n starts on another goroutine.
func inspectHere(n ast.Node, visit func(ast.Node) bool) {
	ast.Inspect(n, func(n ast.Node) bool {
		s, ok := n.(*ast.GoStmt)
		if !ok {
			return visit(n)
		}
		for _, arg := range s.Call.Args {
			inspectHere(arg, visit)
		}
		return false
	})
}

// followNode adds what the code in n may run.
func (r *reach) followNode(n ast.Node) {
	l := &leads{fx: r.fx, here: r.here}
	l.inspect(n)
	r.take(l)
}

func (r *reach) add(f *detect.Func) {
	if f == nil || r.funcs[f] {
		return
	}
	r.funcs[f] = true
	if f.Body() != nil {
		r.take(leadsOf(r.fx, f, r.here))
	}
}

func (r *reach) take(l *leads) {
	for _, f := range l.funcs {
		r.add(f)
	}
	for _, name := range l.methods {
		r.addMethods(name)
	}
	for _, v := range l.values {
		r.addValues(v)
	}
}

// addMethods adds every method of that name: any of them may be behind an interface.
func (r *reach) addMethods(name string) {
	if r.done[name] {
		return
	}
	r.done[name] = true
	for _, f := range candidatesOf(r.fx).methods[name] {
		r.add(f)
	}
}

// addValues adds what the function variable v may hold: any function of its
// signature that the package uses as a value.
func (r *reach) addValues(v *types.Var) {
	typ := v.Type().Underlying()
	if r.done[typ] {
		return
	}
	r.done[typ] = true
	for _, c := range candidatesOf(r.fx).values {
		if c.signature == nil || types.Identical(c.signature, typ) {
			r.add(c.f)
		}
	}
}

// leads are what some code leads to directly.
type leads struct {
	fx   *detect.Facts
	here bool // without what runs on a goroutine that is started

	funcs   []*detect.Func // called, started, or handed on
	methods []string       // names of methods of interfaces
	values  []*types.Var   // function variables that are called
}

// leadsKey is the key under which Facts keep the leads of a function's body.
type leadsKey struct {
	f    *detect.Func
	here bool
}

// leadsOf returns what the body of f leads to.
func leadsOf(fx *detect.Facts, f *detect.Func, here bool) *leads {
	return derived(fx, leadsKey{f, here}, func() *leads {
		l := &leads{fx: fx, here: here}
		l.inspect(f.Body())
		return l
	})
}

// derived returns what work makes of fx, once for each key.
func derived[T any](fx *detect.Facts, key any, work func() T) T {
	if known, ok := fx.Derived[key]; ok {
		return known.(T)
	}
	if fx.Derived == nil {
		fx.Derived = make(map[any]any)
	}
	result := work()
	fx.Derived[key] = result
	return result
}

// inspect adds what the code in n leads to.
func (l *leads) inspect(n ast.Node) {
	ast.Inspect(n, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			l.add(l.fx.FuncOf(n))
			return false // a function of its own
		case *ast.GoStmt:
			if l.here {
				for _, arg := range n.Call.Args {
					l.inspect(arg)
				}
				return false
			}
		case *ast.Ident:
			obj, _ := l.fx.Pkg.Info.Uses[n].(*types.Func)
			l.add(l.fx.Declared(obj)) // called, or handed out
		case *ast.CallExpr:
			l.call(n)
		}
		return true
	})
}

func (l *leads) add(f *detect.Func) {
	if f != nil {
		l.funcs = append(l.funcs, f)
	}
}

// call adds what call may run and does not name: the methods of what it hands
// to another package, and whatever a function value or an interface's method
// may turn out to be.
func (l *leads) call(call *ast.CallExpr) {
	info := l.fx.Pkg.Info
	if tv := info.Types[call.Fun]; tv.IsType() || tv.IsBuiltin() {
		return
	}
	obj := calleeIn(info, call)
	switch f := obj.(type) {
	case *types.Func:
		if recv := f.Signature().Recv(); recv != nil && types.IsInterface(recv.Type()) {
			l.methods = append(l.methods, f.Name())
		}
		if l.fx.Declared(f) != nil {
			return // its body shows what it does
		}
	case *types.Var:
		l.values = append(l.values, f)
	}
	l.args(call)
}

// args adds the methods of the package's own types that another
// package may call on what it is handed: those of the parameter's interface,
// and for any value those that printing and encoding look for.
func (l *leads) args(call *ast.CallExpr) {
	sig, _ := l.fx.Pkg.Info.TypeOf(call.Fun).(*types.Signature)
	for i, arg := range call.Args {
		t := l.fx.Pkg.Info.TypeOf(arg)
		if p, ok := t.(*types.Pointer); ok {
			t = p.Elem()
		}
		named, ok := types.Unalias(t).(*types.Named)
		if !ok || named.Obj().Pkg() != l.fx.Pkg.Types {
			continue
		}
		for m := range named.Methods() {
			if wellKnown[m.Name()] || takesMethod(sig, i, m.Name()) {
				l.add(l.fx.Declared(m))
			}
		}
	}
}

// wellKnown are the methods that fmt, encoding and errors call on any value.
var wellKnown = map[string]bool{
	"String": true, "GoString": true, "Format": true, "Error": true, "Unwrap": true, "Is": true, "As": true,
	"MarshalJSON": true, "UnmarshalJSON": true, "MarshalText": true, "UnmarshalText": true,
	"MarshalYAML": true, "UnmarshalYAML": true, "MarshalXML": true, "UnmarshalXML": true,
	"MarshalBinary": true, "UnmarshalBinary": true, "GobEncode": true, "GobDecode": true,
}

// takesMethod reports whether the i-th parameter of sig is an interface with that method.
func takesMethod(sig *types.Signature, i int, name string) bool {
	if sig == nil || sig.Params().Len() == 0 {
		return false
	}
	t := sig.Params().At(min(i, sig.Params().Len()-1)).Type()
	if s, ok := t.(*types.Slice); ok && sig.Variadic() {
		t = s.Elem()
	}
	in, ok := t.Underlying().(*types.Interface)
	if !ok {
		return false
	}
	for m := range in.Methods() {
		if m.Name() == name {
			return true
		}
	}
	return false
}

// candidates are the functions of a package that some calls may lead to.
type candidates struct {
	methods map[string][]*detect.Func // by name
	values  []candidate
}

// A candidate is a function that is used as a value, with its type as one, nil
// if that is not known.
type candidate struct {
	f         *detect.Func
	signature types.Type
}

type candidatesKey struct{}

// candidatesOf returns the candidates of the package, tests excepted.
func candidatesOf(fx *detect.Facts) *candidates {
	return derived(fx, candidatesKey{}, func() *candidates {
		c := &candidates{methods: make(map[string][]*detect.Func)}
		for _, f := range fx.Funcs {
			if f.File.Test {
				continue
			}
			if f.Decl != nil && f.Decl.Recv != nil {
				c.methods[f.Decl.Name.Name] = append(c.methods[f.Decl.Name.Name], f)
			}
			if len(f.Values) > 0 || slices.ContainsFunc(f.Callers, isPassed) {
				c.values = append(c.values, candidate{f, signature(fx, f)})
			}
		}
		return c
	})
}

func isPassed(c *detect.Call) bool { return c.Mode == detect.Passed }

// signature returns f's type as a function value, nil if it is not known.
func signature(fx *detect.Facts, f *detect.Func) types.Type {
	if f.Lit != nil {
		return fx.Pkg.Info.TypeOf(f.Lit)
	}
	if f.Obj == nil {
		return nil
	}
	sig := f.Obj.Signature()
	return types.NewSignatureType(nil, nil, nil, sig.Params(), sig.Results(), sig.Variadic())
}

func calleeIn(info *types.Info, call *ast.CallExpr) types.Object {
	fun := ast.Unparen(call.Fun)
	switch x := fun.(type) {
	case *ast.IndexExpr:
		fun = x.X
	case *ast.IndexListExpr:
		fun = x.X
	}
	switch fun := ast.Unparen(fun).(type) {
	case *ast.Ident:
		return info.Uses[fun]
	case *ast.SelectorExpr:
		return info.Uses[fun.Sel]
	}
	return nil
}

// codeRun returns the code that the statements may run: themselves, and
// the bodies of the package's functions that they lead to.
func codeRun(fx *detect.Facts, stmts []ast.Stmt) []ast.Node {
	r := reachOf(fx, nodes(stmts)...)
	code := nodes(stmts)
	for _, g := range fx.Funcs {
		if r.funcs[g] && g.Body() != nil {
			code = append(code, g.Body())
		}
	}
	return code
}
