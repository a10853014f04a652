package detect

import (
	"go/ast"
	"go/types"
	"slices"
	"strings"
)

// notLazy reports whether s, though it tests a variable and then writes it,
// initialises no singleton.
func (f *finder) notLazy(s *Site) bool {
	switch {
	case s.Var.Owner != nil && s.Flag && !f.filledInOnce(s) && len(f.filledBeside(s)) == 0:
		return true // closed, started, enabled: what a value is doing
	case f.setBefore(s):
		return true // made anew each time: the test is about what was made
	case f.isMadeAtStart(s):
		return true // the test never holds
	case f.isAccumulator(s):
		return true // grows elsewhere too
	case f.objectsToSecond(s):
		return true // set up once; whoever comes again is told so
	case f.isErrorVar(s):
		return true // a sentinel, or the first error of many
	case f.handedIn(s):
		return true // set, registered or linked, not built here
	case f.isSetting(s), f.isOption(s):
		return true // an option that gets its default value
	case s.Flag && s.Read.Atomic != NotAtomic && len(f.filledBeside(s)) == 0:
		return true // a fact that was found out: whoever stores it stores the same
	case s.Recomputed && s.Read.Atomic != NotAtomic:
		return true // a cache that is renewed, each time whole
	case f.isToggled(s):
		return true // says whether something is running
	case s.Key != nil && !f.looksUp(s):
		return true // registers, and objects to what is there
	case s.Key != nil && !f.handsOut(s.Func) && (f.isUpdated(s) || f.registersIn(s)):
		return true // a table that every call writes
	case f.isConfigured(s):
		return true // a setting whose default has to be asked for, or a state that begins empty
	case f.tearsDown(s):
		return true // ends something once
	}
	return false
}

// setBefore reports whether the function of s gives its variable a value, on
// every way, before it tests it.
func (f *finder) setBefore(s *Site) bool {
	for _, w := range s.Var.Accesses {
		if w.Kind != Write || w.In != s.Func || w.Atomic != NotAtomic || w.Pos() > s.Test.Pos() || w.Path != "" && w.Path != s.Read.Path || w.Value != nil && f.isZero(w.Value) {
			continue
		}
		stmt, ok := s.Func.Cur.FindNode(w.Stmt)
		if !ok {
			continue
		}
		if body, ok := stmt.Parent().Node().(*ast.BlockStmt); ok && (body == s.Func.Body() || body.Pos() <= s.Test.Pos() && s.Test.End() <= body.End()) {
			return true
		}
	}
	return false
}

// isMadeAtStart reports whether the variable of s, which s compares with nil,
// is declared with a value of its own that nothing ever takes away.
func (f *finder) isMadeAtStart(s *Site) bool {
	cmp, ok := ast.Unparen(s.Test).(*ast.BinaryExpr)
	if !ok || !f.Pkg.Info.Types[cmp.X].IsNil() && !f.Pkg.Info.Types[cmp.Y].IsNil() || s.Read.Path != "" || s.Key != nil || s.Var.Obj.Exported() || !f.makesValue(s.Var.Declared()) {
		return false
	}
	return !slices.ContainsFunc(s.Var.Accesses, func(a *Access) bool {
		return a.Kind == Address || a.Kind == Write && !slices.Contains(s.Fills, a)
	})
}

func (f *finder) filledInOnce(s *Site) bool {
	_, ok := lockOfMode(heldByAll(s.Fills), InOnce)
	return ok
}

// isAccumulator reports whether s appends to its variable, which is also
// appended to where s does not lead.
func (f *finder) isAccumulator(s *Site) bool {
	appends := func(w *Access) bool {
		call, ok := w.Value.(*ast.CallExpr)
		return ok && f.isBuiltin(call, "append") && f.mentions(w.Value, w.Var, w.Path)
	}
	if s.Key != nil || !slices.ContainsFunc(s.Fills, appends) {
		return false
	}
	for _, w := range s.Var.Accesses {
		if w.Kind == Write && appends(w) && !f.besideFill(w, s) {
			return true
		}
	}
	return false
}

func (f *finder) isErrorVar(s *Site) bool {
	t := f.Pkg.Info.TypeOf(s.Read.Expr)
	return s.Key == nil && t != nil && types.Identical(t, types.Universe.Lookup("error").Type())
}

// handedIn reports whether all that s stores was passed to its function.
func (f *finder) handedIn(s *Site) bool {
	for _, w := range s.Fills {
		value := w.Value
		if s.Key != nil {
			value = elementValue(w)
		}
		if value == nil || w.In == nil {
			return false
		}
		if s.Key == nil && w.In == s.Func && f.builtBefore(s, value) {
			continue
		}
		if !f.isParamValue(w.In, value) || f.builtByCaller(s, w, value) {
			return false
		}
	}
	return true
}

// builtBefore reports whether value is a local variable that was given its
// value before the test of s, whatever the test says: a node that is linked.
func (f *finder) builtBefore(s *Site, value ast.Expr) bool {
	id, ok := ast.Unparen(value).(*ast.Ident)
	if !ok || s.Stmt == nil {
		return false
	}
	v := f.localVar(id)
	if v == nil || v == s.Copy || len(f.locals[v]) == 0 {
		return false
	}
	for _, a := range f.locals[v] {
		if a.stmt.Pos() >= s.Stmt.Pos() || a.value == nil {
			return false
		}
	}
	return true
}

// builtByCaller reports whether the helper that makes the fill w is handed a
// value that the function of s builds: if x == nil { setX(newX()) }.
func (f *finder) builtByCaller(s *Site, w *Access, value ast.Expr) bool {
	for _, c := range s.Calls {
		for _, arg := range c.Expr.Args {
			if c.Callee == w.In && !f.isParamValue(s.Func, arg) {
				return true
			}
		}
	}
	return false
}

// elementValue returns what the access w, m[k] = v, stores, nil if v is one of several results.
func elementValue(w *Access) ast.Expr {
	s, ok := w.Stmt.(*ast.AssignStmt)
	if !ok || len(s.Lhs) != len(s.Rhs) {
		return nil
	}
	for i, lhs := range s.Lhs {
		if ix, ok := ast.Unparen(lhs).(*ast.IndexExpr); ok && ast.Unparen(ix.X) == w.Expr {
			return s.Rhs[i]
		}
	}
	return nil
}

// isParamValue reports whether e is a parameter of fn, or of a function
// around it, or what is selected from one without calling anything.
func (f *finder) isParamValue(fn *Func, e ast.Expr) bool {
	switch x := ast.Unparen(e).(type) {
	case *ast.Ident:
		v := f.localVar(x)
		if v == nil {
			return false
		}
		for outer := fn; outer != nil; outer = outer.Parent {
			if isParam(f.Facts, outer, v) {
				return len(f.locals[v]) == 0 && !(outer.Lit != nil && f.runsInPlace(outer))
			}
		}
		if as := f.locals[v]; len(as) == 1 {
			if loop, ok := as[0].stmt.(*ast.RangeStmt); ok {
				return f.isParamValue(fn, loop.X) // one of the values that were passed
			}
		}
		if value := f.soleValue(v); value != nil {
			return f.isParamValue(fn, value)
		}
	case *ast.SelectorExpr:
		return f.isParamValue(fn, x.X)
	case *ast.UnaryExpr:
		return f.isParamValue(fn, x.X)
	case *ast.StarExpr:
		return f.isParamValue(fn, x.X)
	}
	return false
}

// isSetting reports whether s gives a string, number or bool that is not a
// flag a constant for its default.
func (f *finder) isSetting(s *Site) bool {
	if s.Flag || s.Key != nil {
		return false
	}
	for _, w := range s.Fills {
		if w.Value == nil || f.Pkg.Info.Types[w.Value].Value == nil {
			return false
		}
	}
	if f.isNumber(s.Read) && len(f.filledBeside(s)) > 0 {
		s.Flag = true // a state of what is filled beside it
		return false
	}
	return true
}

// isOption reports whether the variable of s is bound to a command-line
// option: its address is passed to a function named StringVar or the like.
func (f *finder) isOption(s *Site) bool {
	for _, a := range s.Var.Accesses {
		if a.Kind != Address {
			continue
		}
		for c := range a.Cur.Enclosing((*ast.CallExpr)(nil)) {
			sel, ok := c.Node().(*ast.CallExpr).Fun.(*ast.SelectorExpr)
			if ok && (strings.HasSuffix(sel.Sel.Name, "Var") || strings.HasSuffix(sel.Sel.Name, "VarP")) {
				return true
			}
			break
		}
	}
	return false
}

// isToggled reports whether s tests a flag that is also cleared outside of
// tests: by its own function, or anywhere if it guards no variable.
func (f *finder) isToggled(s *Site) bool {
	if !s.Flag {
		return false
	}
	guards := len(f.filledBeside(s)) > 0
	for _, w := range s.Var.Accesses {
		if w.Kind != Write || w.Phase == Testing || w.Phase == Initial || w.In == nil {
			continue
		}
		if w.Value == nil && f.besideFill(w, s) || w.Value != nil && f.isZero(w.Value) == f.declaredTrue(w) {
			continue // sets it
		}
		if !guards || w.In.Outermost() == s.Func.Outermost() {
			return true
		}
	}
	return false
}
