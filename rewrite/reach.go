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

// reachOf follows the calls of f that stand within the statements.
func reachOf(fx *detect.Facts, f *detect.Func, stmts ...ast.Node) *reach {
	r := &reach{fx: fx, funcs: make(map[*detect.Func]bool), roots: stmts, done: make(map[any]bool)}
	for _, n := range stmts {
		r.followNode(f, n)
	}
	return r
}

// runHere returns the statements of f and the bodies of what they run on
// their own goroutine: one that they start can wait for a lock that they hold.
func runHere(fx *detect.Facts, f *detect.Func, stmts []ast.Stmt) []ast.Node {
	bodies := nodes(stmts)
	r := &reach{fx: fx, funcs: make(map[*detect.Func]bool), roots: bodies, here: true, done: make(map[any]bool)}
	for _, n := range bodies {
		r.followNode(f, n)
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

// followNode adds what the code in n, part of f, may run.
func (r *reach) followNode(f *detect.Func, n ast.Node) {
	ast.Inspect(n, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			r.add(r.fx.FuncOf(n))
			return false // added as a function of its own
		case *ast.GoStmt:
			if r.here {
				for _, arg := range n.Call.Args {
					r.followNode(f, arg)
				}
				return false
			}
		case *ast.Ident:
			obj, _ := r.fx.Pkg.Info.Uses[n].(*types.Func)
			r.add(r.fx.Declared(obj)) // called, or handed out
		case *ast.CallExpr:
			r.followCall(n)
		}
		return true
	})
}

func (r *reach) add(f *detect.Func) {
	if f == nil || r.funcs[f] {
		return
	}
	r.funcs[f] = true
	if f.Body() != nil {
		r.followNode(f, f.Body())
	}
}

// followCall adds what call may run and does not name: the methods of what
// it hands to another package, and whatever a function value or an
// interface's method may turn out to be.
func (r *reach) followCall(call *ast.CallExpr) {
	info := r.fx.Pkg.Info
	if tv := info.Types[call.Fun]; tv.IsType() || tv.IsBuiltin() {
		return
	}
	obj := calleeIn(info, call)
	switch f := obj.(type) {
	case *types.Func:
		if recv := f.Signature().Recv(); recv != nil && types.IsInterface(recv.Type()) {
			r.addMethods(f.Name())
		}
		if r.fx.Declared(f) != nil {
			return // its body shows what it does
		}
		r.followArgs(call)
	case *types.Var:
		r.addValues(f)
		r.followArgs(call)
	default:
		r.followArgs(call)
	}
}

// followArgs adds the methods of the package's own types that another
// package may call on what it is handed: those of the parameter's interface,
// and for any value those that printing and encoding look for.
func (r *reach) followArgs(call *ast.CallExpr) {
	sig, _ := r.fx.Pkg.Info.TypeOf(call.Fun).(*types.Signature)
	for i, arg := range call.Args {
		t := r.fx.Pkg.Info.TypeOf(arg)
		if p, ok := t.(*types.Pointer); ok {
			t = p.Elem()
		}
		named, ok := types.Unalias(t).(*types.Named)
		if !ok || named.Obj().Pkg() != r.fx.Pkg.Types {
			continue
		}
		for m := range named.Methods() {
			if wellKnown[m.Name()] || takesMethod(sig, i, m.Name()) {
				r.add(r.fx.Declared(m))
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

// addMethods adds every method of that name: any of them may be behind an interface.
func (r *reach) addMethods(name string) {
	if r.done[name] {
		return
	}
	r.done[name] = true
	for _, f := range r.fx.Funcs {
		if f.Decl != nil && f.Decl.Recv != nil && f.Decl.Name.Name == name && !f.File.Test {
			r.add(f)
		}
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
	for _, f := range r.fx.Funcs {
		if f.File.Test || len(f.Values) == 0 && !slices.ContainsFunc(f.Callers, isPassed) {
			continue // never a value that the package itself sees
		}
		sig := r.signature(f)
		if sig == nil || types.Identical(sig, typ) {
			r.add(f)
		}
	}
}

func isPassed(c *detect.Call) bool { return c.Mode == detect.Passed }

// signature returns f's type as a function value, nil if it is not known.
func (r *reach) signature(f *detect.Func) types.Type {
	if f.Lit != nil {
		return r.fx.Pkg.Info.TypeOf(f.Lit)
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

// codeRun returns the code that the statements of f may run: themselves, and
// the bodies of the package's functions that they lead to.
func codeRun(fx *detect.Facts, f *detect.Func, stmts []ast.Stmt) []ast.Node {
	r := reachOf(fx, f, nodes(stmts)...)
	code := nodes(stmts)
	for _, g := range fx.Funcs {
		if r.funcs[g] && g.Body() != nil {
			code = append(code, g.Body())
		}
	}
	return code
}
