package detect

import (
	"go/ast"
	"go/types"
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
	id := Lock{Root: once.Obj}
	for _, v := range f.Facts.Vars {
		if v == once || !f.filledIn(v, id) {
			continue
		}
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

// filledIn reports whether v is written in the function that the Once runs.
func (f *finder) filledIn(v *Variable, once Lock) bool {
	for _, w := range v.Accesses {
		if w.Kind != Write && w.Kind != Element || w.File.Test {
			continue
		}
		for _, l := range w.Held {
			if l.same(once) && l.Mode == InOnce {
				return true
			}
		}
	}
	return false
}

// isUsed reports whether the Once is run anywhere outside tests.
func (f *finder) isUsed(once *Variable) bool {
	for _, a := range once.Accesses {
		if !a.File.Test && a.Kind != Write {
			return true
		}
	}
	return false
}

// overwritten returns an assignment over the Once that is in use, or nil.
func (f *finder) overwritten(once *Variable) *Access {
	var inTest *Access
	for _, w := range once.Accesses {
		if w.Kind != Write {
			continue
		}
		switch w.Phase {
		case Shared:
			return w
		case Testing:
			inTest = w
		}
	}
	return inTest
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

// lostError returns where the function that once runs leaves its error in a
// variable of the call's own, which later calls do not get to see.
func (f *finder) lostError(once *Variable) *Note {
	for _, fn := range f.Facts.Funcs {
		for _, c := range fn.Calls {
			if c.Mode != ByOnce || c.Callee == nil || c.Callee.Lit == nil {
				continue
			}
			if id, ok := f.onceOf(c); !ok || id.root != once.Obj {
				continue
			}
			if v := f.lostVar(c.Callee, fn); v != nil {
				return &Note{"lost-error", v.Name() + " is set by the first call only: later calls return neither an error nor a value", c.Expr.Pos()}
			}
		}
	}
	return nil
}

// lostVar returns the error variable of outer that the literal lit assigns
// and that outer returns, or nil.
func (f *finder) lostVar(lit, outer *Func) *types.Var {
	for v, as := range f.locals {
		if !types.Identical(v.Type(), types.Universe.Lookup("error").Type()) {
			continue
		}
		if within(lit.Lit, v) || !within(outer.Cur.Node(), v) {
			continue // its own, or somebody else's
		}
		for _, a := range as {
			if lit.Lit.Pos() <= a.stmt.Pos() && a.stmt.End() <= lit.Lit.End() && f.returned(outer, v) {
				return v
			}
		}
	}
	return nil
}

func within(n ast.Node, v *types.Var) bool { return n.Pos() <= v.Pos() && v.Pos() < n.End() }

// returned reports whether f returns the local variable v.
func (f *finder) returned(fn *Func, v *types.Var) bool {
	found := false
	if fn.Type().Results != nil {
		for _, field := range fn.Type().Results.List {
			for _, name := range field.Names {
				found = found || f.Pkg.Info.Defs[name] == v
			}
		}
	}
	ast.Inspect(fn.Body(), func(n ast.Node) bool {
		ret, ok := n.(*ast.ReturnStmt)
		if !ok {
			_, isLit := n.(*ast.FuncLit)
			return !isLit
		}
		for _, r := range ret.Results {
			ast.Inspect(r, func(n ast.Node) bool {
				if id, ok := n.(*ast.Ident); ok && f.Pkg.Info.Uses[id] == v {
					found = true
				}
				return true
			})
		}
		return true
	})
	return found
}
