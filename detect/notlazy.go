package detect

import (
	"go/ast"
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/ast/edge"
)

// notLazy reports whether s, though it tests a variable and then writes it,
// initialises no singleton.
func (f *finder) notLazy(s *Site) bool {
	switch {
	case s.Var.Owner != nil && s.Flag && !f.filledInOnce(s) && len(f.filledBeside(s)) == 0:
		return true // closed, started, enabled: what a value is doing
	case f.setBefore(s):
		return true // made anew each time: the test is about what was made
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
		if w.Kind != Write || w.In != s.Func || w.Atomic != NotAtomic || w.Pos() > s.Test.Pos() || w.Value != nil && f.isZero(w.Value) {
			continue
		}
		if body, ok := w.Cur.Parent().Parent().Node().(*ast.BlockStmt); ok && (body == s.Func.Body() || body.Pos() <= s.Test.Pos() && s.Test.End() <= body.End()) {
			return true
		}
	}
	return false
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

// looksUp reports whether the function of the registry site s uses the value
// that it finds under the key: it returns it, or goes on with it.
func (f *finder) looksUp(s *Site) bool {
	if s.Copy != nil {
		return true // v := m[k]; if v == nil
	}
	for _, a := range s.Var.Accesses {
		if a.Kind != Read || a.In == nil || a.In.Outermost() != s.Func.Outermost() {
			continue
		}
		cur := a.Cur
		for cur.Node() != a.Expr {
			cur = cur.Parent()
		}
		if cur.ParentEdgeKind() != edge.IndexExpr_X {
			continue
		}
		if f.valueUsed(s, cur.Parent().Node().(*ast.IndexExpr)) {
			return true
		}
	}
	return false
}

// isUpdated reports whether the function of the registry site s also stores an
// element under the key where it finds one there: a record that is inserted or
// brought up to date.
func (f *finder) isUpdated(s *Site) bool {
	stmt, ok := s.Stmt.(*ast.IfStmt)
	if !ok {
		return false
	}
	var found ast.Node = stmt.Body
	if s.Form == GuardThen {
		if stmt.Else == nil {
			return false
		}
		found = stmt.Else
	}
	return slices.ContainsFunc(s.Var.Accesses, func(w *Access) bool {
		return w.Kind == Element && w.In == s.Func && found.Pos() <= w.Pos() && w.Pos() < found.End() && elementValue(w) != nil && !slices.Contains(s.Fills, w)
	})
}

// registersIn reports whether the function of the registry site s goes on to
// append something to what is under a key, or to store in it what it was
// handed, or objects.
func (f *finder) registersIn(s *Site) bool {
	mayObject := returnsError(f.Facts, s.Func) // else it sets what was found out
	for cur := range s.Func.Cur.Preorder((*ast.AssignStmt)(nil)) {
		assign := cur.Node().(*ast.AssignStmt)
		if assign.Pos() < s.Test.Pos() || len(assign.Lhs) != len(assign.Rhs) {
			continue
		}
		for i, lhs := range assign.Lhs {
			ix, ok := ast.Unparen(lhs).(*ast.IndexExpr)
			if !ok {
				continue
			}
			if call, ok := assign.Rhs[i].(*ast.CallExpr); ok && f.isBuiltin(call, "append") && f.mentions(ix.X, s.Read.Var, s.Read.Path) && f.mentions(call.Args[0], s.Read.Var, s.Read.Path) {
				return true
			}
			if mayObject && f.isParamValue(s.Func, assign.Rhs[i]) && !slices.ContainsFunc(s.Fills, func(w *Access) bool { return w.Expr == ast.Unparen(ix.X) }) {
				return true
			}
		}
	}
	return false
}

// isConfigured reports whether s gives a string or a number, or an empty map
// or slice to what its function does not return and somebody else assigns,
// too: what reads the configuration, say.
func (f *finder) isConfigured(s *Site) bool {
	t := f.Pkg.Info.TypeOf(s.Read.Expr)
	if t == nil || s.Flag || s.Key != nil || s.Copy != nil || f.returnsVar(s) {
		return false
	}
	if basic, ok := t.Underlying().(*types.Basic); (!ok || basic.Info()&(types.IsNumeric|types.IsString) == 0) && !f.fillsEmpty(s) {
		return false
	}
	return slices.ContainsFunc(s.Var.Accesses, func(w *Access) bool {
		return w.Kind == Write && w.Phase == Shared && w.In != nil && w.In.Outermost() != s.Func.Outermost() && (w.Value == nil || !f.isZero(w.Value)) && !f.besideFill(w, s) && !slices.Contains(s.Fills, w)
	})
}

// fillsEmpty reports whether all that s stores is a map or a slice without elements.
func (f *finder) fillsEmpty(s *Site) bool {
	return !slices.ContainsFunc(s.Fills, func(w *Access) bool {
		switch x := w.Value.(type) {
		case *ast.CompositeLit:
			return len(x.Elts) > 0 || !isContainer(f.Pkg.Info.TypeOf(x))
		case *ast.CallExpr:
			return !f.isBuiltin(x, "make") || !isContainer(f.Pkg.Info.TypeOf(x))
		}
		return true
	})
}

func isContainer(t types.Type) bool {
	if t == nil {
		return false
	}
	switch t.Underlying().(type) {
	case *types.Map, *types.Slice:
		return true
	}
	return false
}

// tearsDown reports whether what the flag of s guards does nothing but end
// something: it closes a channel, stops and waits.
func (f *finder) tearsDown(s *Site) bool {
	if !s.Flag || len(f.filledBeside(s)) > 0 {
		return false
	}
	ends := false
	for _, stmt := range s.Block {
		switch x := stmt.(type) {
		case *ast.AssignStmt, *ast.ReturnStmt:
		case *ast.ExprStmt:
			call, ok := x.X.(*ast.CallExpr)
			if !ok || !f.isBuiltin(call, "close") && !isEnd(call) {
				return false
			}
			ends = true
		default:
			return false
		}
	}
	return ends
}

// isEnd reports whether call is of a method by whose name something ends.
func isEnd(call *ast.CallExpr) bool {
	sel, ok := call.Fun.(*ast.SelectorExpr)
	if !ok {
		return false
	}
	switch sel.Sel.Name {
	case "Close", "Stop", "Wait", "Shutdown", "Cancel", "Flush":
		return true
	}
	return false
}

// returnsVar reports whether the function of s returns the variable, or what
// it makes of it.
func (f *finder) returnsVar(s *Site) bool {
	for cur := range s.Func.Cur.Preorder((*ast.ReturnStmt)(nil)) {
		for _, r := range cur.Node().(*ast.ReturnStmt).Results {
			if f.mentions(r, s.Read.Var, s.Read.Path) {
				return true
			}
		}
	}
	return false
}

// handsOut reports whether fn returns more than how it went.
func (f *finder) handsOut(fn *Func) bool {
	if fn.Type().Results == nil {
		return false
	}
	return slices.ContainsFunc(fn.Type().Results.List, func(r *ast.Field) bool {
		id, ok := r.Type.(*ast.Ident)
		return !ok || id.Name != "error" && id.Name != "bool"
	})
}

// valueUsed reports whether the element ix, read from a map, is used for
// more than the test of s.
func (f *finder) valueUsed(s *Site, ix *ast.IndexExpr) bool {
	cur, ok := f.Insp.Root().FindNode(ix)
	if !ok {
		return false
	}
	switch kind, _ := cur.ParentEdge(); kind {
	case edge.AssignStmt_Lhs:
		return false
	case edge.AssignStmt_Rhs:
		id, ok := cur.Parent().Node().(*ast.AssignStmt).Lhs[0].(*ast.Ident)
		return !ok || id.Name != "_" && !f.onlyComplains(s, id)
	case edge.BinaryExpr_X, edge.BinaryExpr_Y:
		return cur.Parent().Node() != s.Test
	}
	return true
}
