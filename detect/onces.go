package detect

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"golang.org/x/tools/go/ast/edge"
	"golang.org/x/tools/go/ast/inspector"
)

// addOnces files what every Once and OnceValue of the package fills, and
// what is assigned over them.
func (f *finder) addOnces() {
	for _, v := range f.Facts.Vars {
		switch {
		case isSyncType(v.Obj.Type(), "Once"):
			f.addOnce(v)
		case f.isOnceValue(v):
			f.addOnce(v)
		default:
			f.addOnceFields(v)
		}
	}
	f.addLocalOnces()
}

// addLocalOnces files the variables that a Once fills which is itself a local
// variable of the function that calls Do.
func (f *finder) addLocalOnces() {
	for _, fn := range f.Facts.Funcs {
		for _, c := range fn.Calls {
			if c.Mode != ByOnce || fn.Phase != Shared || fn.Parent != nil {
				continue
			}
			id, ok := f.onceOf(c)
			once := Lock{Root: id.root, Path: id.path}
			if !ok || f.kindOf(once, &Site{Func: fn, Read: &Access{}}) != perCallLock {
				continue
			}
			for _, v := range f.filledBy(once) {
				if s := f.candidate(v); len(s.Sites) == 0 {
					s.Reasons = append(s.Reasons, Note{"local-lock", once.Name() + " is a local variable, new at each call: every call runs its function", c.Expr.Pos()})
				}
			}
		}
	}
}

// addOnceFields files what the Onces that are fields of the struct variable v fill.
func (f *finder) addOnceFields(v *Variable) {
	st, ok := v.Obj.Type().Underlying().(*types.Struct)
	if p, isPtr := v.Obj.Type().Underlying().(*types.Pointer); isPtr && f.fixed[v.Obj] {
		st, ok = p.Elem().Underlying().(*types.Struct)
	}
	if !ok {
		return
	}
	for i := range st.NumFields() {
		if isSyncType(st.Field(i).Type(), "Once") {
			f.addOnce(f.FieldVariable(v, st.Field(i).Name()))
		}
	}
}

// isOnceValue reports whether v is declared as the result of sync.OnceFunc, OnceValue or OnceValues.
func (f *finder) isOnceValue(v *Variable) bool {
	call, ok := v.Declared().(*ast.CallExpr)
	return ok && isOnceFunc(f.callee(call))
}

func (f *finder) addOnce(once *Variable) {
	var c *Singleton
	id := Lock{Root: once.Obj, Path: once.Field}
	for _, v := range f.filledBy(id) {
		switch other := f.byVar[keyOf(v)]; {
		case other != nil && c == nil:
			c = other
		case other != nil && other != c:
			f.merge(c, other)
		case other == nil && c != nil:
			c.Vars = append(c.Vars, v)
			f.byVar[keyOf(v)] = c
		case other == nil:
			c = f.candidate(v)
		}
	}
	if c == nil {
		if !f.isUsed(once) {
			return
		}
		c = f.candidate(once)
	} else if f.overwritten(once) != nil {
		c.Vars = append(c.Vars, once)
	}
	if c.Once == nil {
		c.Once = once
	}
}

// filledBy returns the variables, and fields of variables, that are written
// in the function that the Once runs. What is counted there is not filled.
func (f *finder) filledBy(once Lock) []*Variable {
	var vars []*Variable
	seen := make(map[varKey]bool)
	for _, v := range f.Facts.Vars {
		for _, w := range v.Accesses {
			if w.Kind != Write && w.Kind != Element || w.Atomic == AtomicOther || w.Phase != Shared || v.Obj == once.Root && w.Path == once.Path {
				continue
			}
			if !slices.ContainsFunc(w.Held, func(l Lock) bool { return l.same(once) && l.Mode == InOnce }) {
				continue
			}
			if key := (varKey{v.Obj, w.Path}); !seen[key] {
				seen[key] = true
				vars = append(vars, f.FieldVariable(v, w.Path))
			}
		}
	}
	return vars
}

// isUsed reports whether the Once is run after the package is initialised, outside tests.
func (f *finder) isUsed(once *Variable) bool {
	if once.Obj.Exported() && once.Field == "" {
		return true
	}
	for _, a := range once.Accesses {
		if a.Phase <= Startup && a.Kind != Write {
			return true
		}
	}
	return false
}

// overwritten returns an assignment over the Once, or over the struct that it
// is a field of, while it may be in use; or nil. A function of the package
// that only tests call comes last; what a test itself assigns is its own
// affair: the goroutines of the test before are gone.
func (f *finder) overwritten(once *Variable) *Access {
	var inTest *Access
	for _, w := range once.Accesses {
		if w.File.Test || w.Kind != Write && !f.throughPointer(w) || f.excludesDo(once, w) {
			continue
		}
		switch {
		case w.Phase == Shared:
			return w
		case w.Phase == Testing, w.In != nil && calledByTests(w.In):
			inTest = w
		}
	}
	return inTest
}

// throughPointer reports whether w is *once = sync.Once{}.
func (f *finder) throughPointer(w *Access) bool {
	return w.Kind == Element && w.Cur.ParentEdgeKind() == edge.StarExpr_X
}

// excludesDo reports whether the assignment w over the Once shares a mutex
// with every other use of it.
func (f *finder) excludesDo(once *Variable, w *Access) bool {
	for _, a := range once.Accesses {
		if a != w && a.Phase == Shared && !shareMutex(a, w) {
			return false
		}
	}
	return len(w.Held) > 0
}

// calledByTests reports whether a test file calls f.
func calledByTests(f *Func) bool {
	for _, c := range f.Callers {
		if c.Caller != nil && c.Caller.File.Test {
			return true
		}
	}
	return false
}

// judgeOnce decides on a singleton that only a Once fills.
func (f *finder) judgeOnce(c *Singleton) {
	c.Safe, c.Pattern = true, "once"
	if f.isOnceValue(c.Once) {
		c.Pattern = "once-value"
	}
	if w := f.overwritten(c.Once); w != nil {
		c.Safe, c.Pattern = false, onceReset.Name
		c.Reasons = append(c.Reasons, Note{"once-overwritten", c.Once.Name() + " is assigned while another goroutine may be inside its Do", w.Pos()})
		return
	}
	if note := f.lostError(c.Once); note != nil {
		c.Safe, c.Pattern = false, lostOnceError.Name
		c.Reasons = append(c.Reasons, *note)
	}
}

// missed returns the test for nil, behind the Do of the Once of c, by which those
// who come after a failure learn that what it fills is not there; or nil.
func (f *finder) missed(c *Singleton) []Note {
	if c.Pattern != lostOnceError.Name {
		return nil
	}
	for _, v := range c.Vars {
		for _, a := range v.Accesses {
			if a.Kind != Read || a.In == nil || !f.callsDo(a.In, c.Once, a.Pos()) {
				continue
			}
			cmp, ok := a.Cur.Parent().Node().(*ast.BinaryExpr)
			if ok && cmp.Op == token.EQL && f.Pkg.Info.Types[cmp.Y].IsNil() && a.Cur.Parent().ParentEdgeKind() == edge.IfStmt_Cond {
				return []Note{{"", fmt.Sprintf("later calls find %s nil here: they only miss the reason", v.Name()), a.Pos()}}
			}
		}
	}
	return nil
}

// callsDo reports whether fn calls the Do of once before pos.
func (f *finder) callsDo(fn *Func, once *Variable, pos token.Pos) bool {
	return slices.ContainsFunc(fn.Calls, func(c *Call) bool {
		id, ok := f.onceOf(c)
		return ok && c.Mode == ByOnce && id.root == once.Obj && id.path == once.Field && c.Expr.End() <= pos
	})
}

// lostError returns where the function that once runs leaves its error in a
// variable of the call's own, which later calls do not get to see.
func (f *finder) lostError(once *Variable) *Note {
	for _, fn := range f.Facts.Funcs {
		for _, c := range fn.Calls {
			if c.Mode != ByOnce || c.Callee == nil || c.Callee.Lit == nil || fn.Phase == Initial || fn.Phase == Startup && !f.runsCommand(fn) {
				continue
			}
			if id, ok := f.onceOf(c); !ok || id.root != once.Obj || id.path != once.Field {
				continue
			}
			if v := f.lostVar(c.Callee, fn); v != nil {
				return &Note{"lost-error", v.Name() + " is set by the first call only: later calls do not return it", c.Expr.Pos()}
			}
		}
	}
	return nil
}

// lostVar returns the first error variable of outer that the literal lit
// assigns and that outer returns, or nil.
func (f *finder) lostVar(lit, outer *Func) *types.Var {
	var lost *types.Var
	for v, as := range f.locals {
		if within(lit.Lit, v) || !within(outer.Cur.Node(), v) {
			continue // its own, or somebody else's
		}
		if lost != nil && lost.Pos() < v.Pos() || !f.tellsError(outer, v) {
			continue
		}
		for _, a := range as {
			if lit.Lit.Pos() <= a.stmt.Pos() && a.stmt.End() <= lit.Lit.End() {
				lost = v
			}
		}
	}
	return lost
}

func within(n ast.Node, v *types.Var) bool { return n.Pos() <= v.Pos() && v.Pos() < n.End() }

// tellsError reports whether fn returns the local variable v, an error, or
// makes an error that it returns from it.
func (f *finder) tellsError(fn *Func, v *types.Var) bool {
	isError := types.Identical(v.Type(), types.Universe.Lookup("error").Type())
	if results := fn.Type().Results; isError && results != nil {
		for _, field := range results.List {
			for _, name := range field.Names {
				if f.Pkg.Info.Defs[name] == v {
					return true
				}
			}
		}
	}
	for cur := range fn.Cur.Preorder((*ast.ReturnStmt)(nil)) {
		if f.Enclosing(cur) != fn {
			continue // of a literal within
		}
		for id := range cur.Preorder((*ast.Ident)(nil)) {
			if f.Pkg.Info.Uses[id.Node().(*ast.Ident)] == v && (isError || f.insideCall(id, cur) && returnsError(f.Facts, fn)) {
				return true
			}
		}
	}
	return false
}

// insideCall reports whether the identifier at cur is an argument of a call within the statement stmt.
func (f *finder) insideCall(cur, stmt inspector.Cursor) bool {
	for c := cur; c != stmt; c = c.Parent() {
		if c.ParentEdgeKind() == edge.CallExpr_Args {
			return true
		}
	}
	return false
}

// returnsError reports whether the last result of fn is an error.
func returnsError(fx *Facts, fn *Func) bool {
	results := fn.Type().Results
	if results == nil || len(results.List) == 0 {
		return false
	}
	t := fx.Pkg.Info.TypeOf(results.List[len(results.List)-1].Type)
	return t != nil && types.Identical(t, types.Universe.Lookup("error").Type())
}
