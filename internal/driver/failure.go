package driver

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"github.com/singletonfix/singletonfix/detect"
)

// errorsOf says what becomes of an error while s is filled: "sticky", later
// calls are not to try again; "retried", they do; "none", it cannot fail, or
// nobody but the first caller hears of it.
func errorsOf(s *detect.Singleton) string {
	isValue, isRegistry := s.Managed()
	switch {
	case (isValue || isRegistry) && s.Fails():
		return "retried"
	case s.Pattern == "lost-once-error" || s.Pattern == "init-func" || s.Pattern == "sync-map":
		return "none"
	case s.Pattern == "eager":
		if declaresError(s) {
			return "sticky"
		}
		return "none"
	case !canFail(s):
		return "none"
	case s.Once != nil && renewsOnce(s):
		return "retried"
	case s.Once != nil || keepsError(s):
		return "sticky"
	}
	return "retried"
}

// renewsOnce reports whether the function that runs the Once of s also
// resets s: on an error, so that the next call tries again.
func renewsOnce(s *detect.Singleton) bool {
	for _, a := range s.Once.Accesses {
		if a.Kind == detect.Address && a.In != nil && slices.Contains(s.Resets, a.In.Outermost()) {
			return true
		}
	}
	return false
}

// keepsError reports whether a failure fills what guards s as a success does:
// a flag that is set anyway, or a value that holds the error.
func keepsError(s *detect.Singleton) bool {
	f := &failure{info: s.Facts.Pkg.Info}
	for _, site := range s.Sites {
		for _, w := range site.Fills {
			if site.Flag && setAnyway(site, w) {
				return true
			}
			if lit := literal(w.Value); lit != nil {
				ast.Inspect(lit, f.visit)
			}
		}
	}
	return f.found
}

// setAnyway reports whether the flag is set whatever the statements before it
// come to: it stands under no condition, and they do not return.
func setAnyway(site *detect.Site, flag *detect.Access) bool {
	block := site.Block
	if flag.In != site.Func && flag.In != nil && flag.In.Body() != nil {
		block = flag.In.Body().List
	}
	for _, stmt := range block {
		holds := stmt.Pos() <= flag.Pos() && flag.Pos() < stmt.End()
		if holds {
			return stmt == flag.Stmt
		}
		if returns(stmt) {
			return false
		}
	}
	return flag.Atomic == detect.AtomicSwap // set by the test itself
}

// returns reports whether stmt may leave its function.
func returns(stmt ast.Stmt) bool {
	found := false
	ast.Inspect(stmt, func(n ast.Node) bool {
		switch n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.ReturnStmt:
			found = true
		}
		return !found
	})
	return found
}

// literal returns the composite literal that e is or points to, or nil.
func literal(e ast.Expr) *ast.CompositeLit {
	if u, ok := e.(*ast.UnaryExpr); ok {
		e = u.X
	}
	lit, _ := e.(*ast.CompositeLit)
	return lit
}

// declaresError reports whether s is declared together with its error: var x, err = f().
func declaresError(s *detect.Singleton) bool {
	info := s.Facts.Pkg.Info
	for _, name := range s.Vars[0].Spec.Names {
		if obj := info.Defs[name]; obj != nil && isError(obj) {
			return true
		}
	}
	return false
}

// canFail reports whether filling s can end with an error that the program
// survives.
func canFail(s *detect.Singleton) bool {
	f := &failure{info: s.Facts.Pkg.Info}
	for _, n := range initialisers(s) {
		f.from, f.to = n.Pos(), n.End()
		ast.Inspect(n, f.visit)
	}
	return f.found
}

// initialisers returns the code that runs only where s is empty.
func initialisers(s *detect.Singleton) []ast.Node {
	var code []ast.Node
	for _, site := range s.Sites {
		if len(site.Block) > 0 {
			code = append(code, &ast.BlockStmt{Lbrace: site.Block[0].Pos(), List: site.Block, Rbrace: site.Block[len(site.Block)-1].End() - 1})
		}
		for _, w := range site.Fills {
			if w.In != nil && w.In != site.Func && w.In.Body() != nil {
				code = append(code, w.In.Body())
			}
		}
	}
	if len(s.Sites) > 0 || s.Once == nil {
		return code
	}
	for _, fn := range s.Facts.Funcs {
		for _, c := range fn.Callers {
			if c.Mode == detect.ByOnce && fn.Body() != nil && runBy(s, c) {
				code = append(code, fn.Body())
			}
		}
	}
	return code
}

// runBy reports whether the call c hands a function to the Once of s: to its
// Do method, or in its declaration.
func runBy(s *detect.Singleton, c *detect.Call) bool {
	if spec := s.Once.Spec; spec != nil && spec.Pos() <= c.Expr.Pos() && c.Expr.Pos() < spec.End() {
		return true
	}
	for _, a := range s.Once.Accesses {
		if c.Expr.Pos() <= a.Pos() && a.Pos() < c.Expr.End() {
			return true
		}
	}
	return false
}

// A failure looks for an error that somebody outside the code gets to see.
type failure struct {
	info     *types.Info
	from, to token.Pos // of the code
	found    bool
}

func (f *failure) visit(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.IfStmt:
		if endsProgram(n.Body) {
			if n.Else != nil {
				ast.Inspect(n.Else, f.visit)
			}
			return false
		}
	case *ast.AssignStmt:
		for _, lhs := range n.Lhs {
			if !f.isOwn(lhs) {
				ast.Inspect(lhs, f.visit)
			}
		}
		for _, rhs := range n.Rhs {
			ast.Inspect(rhs, f.visit)
		}
		return false
	case *ast.ReturnStmt:
		for _, e := range n.Results {
			if call, ok := e.(*ast.CallExpr); ok {
				f.found = f.found || yieldsError(f.info.TypeOf(call))
			}
		}
	case *ast.Ident:
		if obj := f.info.ObjectOf(n); obj != nil && isError(obj) {
			f.found = true
		}
	}
	return !f.found
}

// isOwn reports whether e is a variable that is declared within the code: to
// assign an error to it tells nobody.
func (f *failure) isOwn(e ast.Expr) bool {
	id, ok := e.(*ast.Ident)
	if !ok {
		return false
	}
	obj := f.info.ObjectOf(id)
	return obj == nil || f.from <= obj.Pos() && obj.Pos() < f.to
}

// endsProgram reports whether body ends by a panic, or with the process.
func endsProgram(body *ast.BlockStmt) bool {
	if len(body.List) == 0 {
		return false
	}
	stmt, ok := body.List[len(body.List)-1].(*ast.ExprStmt)
	if !ok {
		return false
	}
	call, ok := stmt.X.(*ast.CallExpr)
	if !ok {
		return false
	}
	switch fun := call.Fun.(type) {
	case *ast.Ident:
		return fun.Name == "panic"
	case *ast.SelectorExpr:
		name := fun.Sel.Name
		return name == "Exit" || strings.HasPrefix(name, "Fatal") || strings.HasPrefix(name, "Panic")
	}
	return false
}

// isError reports whether obj is a variable of type error, or one that is
// called so and whose type was not loaded.
func isError(obj types.Object) bool {
	v, ok := obj.(*types.Var)
	return ok && (isErrorType(v.Type()) || v.Type() == types.Typ[types.Invalid] && v.Name() == "err")
}

// yieldsError reports whether t, the type of a call, is or ends with error.
func yieldsError(t types.Type) bool {
	if tuple, ok := t.(*types.Tuple); ok {
		return tuple.Len() > 0 && isErrorType(tuple.At(tuple.Len()-1).Type())
	}
	return t != nil && isErrorType(t)
}

func isErrorType(t types.Type) bool {
	return types.Identical(t, types.Universe.Lookup("error").Type())
}
