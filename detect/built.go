package detect

import (
	"go/ast"
	"go/types"
)

// BuiltOnce reports whether the value of s is built at most once between
// resets, for each key in a registry: whoever comes while it is being built
// waits, and whoever comes later finds it.
func (s *Singleton) BuiltOnce() bool {
	switch s.Pattern {
	case onceReset.Name, localLock.Name, "sync-map":
		return false
	}
	f := &finder{Facts: s.Facts}
	for _, site := range s.Sites {
		if site.Outer == nil && !f.builtOnceAt(s, site) {
			return false
		}
	}
	return true
}

// builtOnceAt reports whether the last test of site, the building and the
// fill are under one lock that is not given up in between.
func (f *finder) builtOnceAt(c *Singleton, site *Site) bool {
	for _, w := range site.Fills {
		if w.Atomic == AtomicSwap {
			return site.Flag // whoever loses the swap of a value has built one in vain
		}
	}
	locks := f.heldAtFills(site)
	if once, ok := lockOfMode(locks, InOnce); ok {
		return f.kindOf(once, site) != perCallLock
	}
	last := site
	if site.Inner != nil {
		last = site.Inner
	}
	lock, kind := f.guardLock(site, locks)
	if kind != commonLock {
		return f.lockedBySomeCaller(site.Func, site.Read.Pos()) != nil
	}
	return last.Held.Holds(lock, true) && !f.unlockedBetween(last, lock) && !f.builtAhead(c, last) && !f.handedOver(site, lock)
}

// handedOver reports whether the fill is made by a helper that takes the lock
// itself, and is handed a value that was built outside it.
func (f *finder) handedOver(site *Site, lock Lock) bool {
	for _, w := range site.Fills {
		if w.In == nil || w.Value == nil || !f.isParamValue(w.In, w.Value) {
			continue
		}
		for _, c := range site.Calls {
			if c.Callee == w.In && !c.Held.Holds(lock, true) {
				return true
			}
		}
	}
	return false
}

// builtAhead reports whether what site stores was built in front of its
// test: v := build(); lock; if x == nil { x = v }.
func (f *finder) builtAhead(c *Singleton, site *Site) bool {
	for _, w := range site.Fills {
		value := w.Value
		if site.Key != nil {
			value = elementValue(w)
		}
		id, ok := value.(*ast.Ident)
		if !ok {
			continue
		}
		for _, a := range f.locals[f.localVar(id)] {
			if a.value == nil || a.stmt.End() > site.Test.Pos() || f.reads(a.value, c) {
				continue // a parameter, built behind the test, or a copy that the first test looked at
			}
			return true
		}
	}
	return false
}

// reads reports whether e reads a variable of c.
func (f *finder) reads(e ast.Expr, c *Singleton) bool {
	for _, v := range c.Vars {
		for _, a := range v.Accesses {
			if e.Pos() <= a.Pos() && a.Pos() < e.End() {
				return true
			}
		}
	}
	return false
}

// StaysLocked reports whether a panic while s is filled leaves its mutex
// locked, so that every later call waits for ever: no defer statement unlocks it.
func (s *Singleton) StaysLocked() bool {
	f := &finder{Facts: s.Facts}
	for _, site := range s.Sites {
		lock, kind := f.guardLock(site, f.heldAtFills(site))
		if kind != commonLock || isSingleflight(lock.Root.Type()) || f.declaredSingleflight(asVar(lock.Root)) {
			continue
		}
		for _, w := range site.Fills {
			if w.In != nil && w.Held.Holds(lock, true) && !f.unlockedByPanic(w.In, lock, make(map[*Func]bool)) {
				return true
			}
		}
	}
	return false
}

// unlockedByPanic reports whether a panic in fn runs a deferred call, of fn
// or of all that call it, that gives lock up.
func (f *finder) unlockedByPanic(fn *Func, lock Lock, seen map[*Func]bool) bool {
	if seen[fn] || f.defersUnlock(fn, lock) {
		return true
	}
	seen[fn] = true
	if !fn.Entry.Holds(lock, true) {
		return false // its own lock
	}
	for _, c := range fn.Callers {
		if file := f.Pkg.File(c.Expr.Pos()); file != nil && file.Test {
			continue
		}
		if c.Mode == Passed {
			obj, _ := c.Obj.(*types.Func)
			if wrapper := f.Declared(obj); wrapper != nil && f.defersUnlock(wrapper, lock) {
				continue // withLock(func() { ... })
			}
		}
		if c.Caller == nil || !f.unlockedByPanic(c.Caller, lock, seen) {
			return false
		}
	}
	return true
}

// defersUnlock reports whether fn defers a call that gives lock up.
func (f *finder) defersUnlock(fn *Func, lock Lock) bool {
	id := lockID{lock.Root, lock.Path}
	for _, c := range fn.Calls {
		if c.Mode != Deferred {
			continue
		}
		if op, unlocked := f.lockCall(c.Expr); op == opUnlock && unlocked == id {
			return true
		}
		if c.Callee == nil || f.flows[c.Callee] == nil {
			continue
		}
		for released := range f.flows[c.Callee].released {
			if released == id || f.atCall(c, released) == id {
				return true
			}
		}
	}
	return false
}

// FlagFirst reports whether a flag that guards s is set before the value is
// there, so that an initialisation that fails or panics is not tried again.
func (s *Singleton) FlagFirst() bool {
	for _, site := range s.Sites {
		if !site.Flag {
			continue
		}
		for _, flag := range site.Fills {
			if flag.Atomic == AtomicSwap || flag.In == site.Func && site.worksAfter(flag) {
				return true
			}
		}
	}
	return false
}

// worksAfter reports whether something in the guarded block is still to be
// done, by a call or an assignment, after the flag is set.
func (s *Site) worksAfter(flag *Access) bool {
	works := false
	for _, stmt := range s.Block {
		ast.Inspect(stmt, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.CallExpr, *ast.AssignStmt:
				works = works || n.Pos() >= flag.Stmt.End()
			}
			return !works
		})
	}
	return works
}
