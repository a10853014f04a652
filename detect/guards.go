package detect

import (
	"go/token"
	"go/types"
)

// A lockKind says whom a lock excludes.
type lockKind int

const (
	noLock      lockKind = iota
	perCallLock          // nobody: it is new at each call
	commonLock           // everybody
)

// guardLock returns the mutex, of those held at all fills of s, that does
// most for s.
func (f *finder) guardLock(s *Site, locks Locks) (Lock, lockKind) {
	var best Lock
	kind := noLock
	for _, l := range locks {
		if l.Mode != Locked {
			continue
		}
		k := f.kindOf(l, s)
		if k > kind || k == kind && s.Held.Holds(l, false) && !s.Held.Holds(best, false) {
			best, kind = l, k
		}
	}
	return best, kind
}

func (f *finder) kindOf(l Lock, s *Site) lockKind {
	if l.Global() || l.under(s.Read.Base) {
		return commonLock
	}
	fn := s.Func
	for outer := fn; outer != nil; outer = outer.Parent {
		v := asVar(l.Root)
		if !isParam(f.Facts, outer, v) {
			continue
		}
		if !isPointerish(v.Type()) && v.Type() != types.Typ[types.Invalid] {
			return perCallLock // in a copy of the caller's value
		}
		return noLock // the lock of one value of many
	}
	if v := asVar(l.Root); v != nil && v.Pos() < fn.Cur.Node().Pos() && fn.Lit != nil {
		return commonLock // captured: lives as long as the closure
	}
	if v := asVar(l.Root); v != nil && l.Path == "" && (!isPointerish(v.Type()) || f.isFresh(v)) {
		return perCallLock
	}
	return noLock
}

func asVar(obj types.Object) *types.Var {
	v, _ := obj.(*types.Var)
	return v
}

// heldAtFills returns the locks held at every fill of s: those that helpers
// take, and those held where they are called.
func (f *finder) heldAtFills(s *Site) Locks {
	locks := heldByAll(s.Fills)
	if len(s.Calls) == 0 {
		return locks
	}
	for _, l := range s.Calls[0].Held {
		all := !locks.Holds(l, false)
		for _, c := range s.Calls {
			all = all && c.Held.Holds(l, l.Mode != ReadLocked)
		}
		if all {
			locks = append(locks, l)
		}
	}
	return locks
}

// heldByAll returns the locks held at every one of as.
func heldByAll(as []*Access) Locks {
	if len(as) == 0 {
		return nil
	}
	var common Locks
	for _, l := range as[0].Held {
		all := true
		for _, a := range as[1:] {
			all = all && a.Held.Holds(l, l.Mode != ReadLocked)
		}
		if all {
			common = append(common, l)
		}
	}
	return common
}

func lockOfMode(ls Locks, mode LockMode) (Lock, bool) {
	for _, l := range ls {
		if l.Mode == mode {
			return l, true
		}
	}
	return Lock{}, false
}

func holdsMutex(ls Locks, l Lock) bool {
	for _, have := range ls {
		if have.same(l) && have.Mode == Locked {
			return true
		}
	}
	return false
}

// variableOf returns the package variable that l is or belongs to, or nil.
func (f *finder) variableOf(l Lock) *Variable {
	v := f.byVarObj(l.Root)
	if v == nil {
		return nil
	}
	return f.FieldVariable(v, l.Path)
}

func (f *finder) byVarObj(obj types.Object) *Variable {
	v, ok := obj.(*types.Var)
	if !ok {
		return nil
	}
	return f.Facts.byVar[v]
}

// unlockedBetween reports whether the function of s gives lock up, and takes
// it again, between the test and the fill.
func (f *finder) unlockedBetween(s *Site, lock Lock) bool {
	id := lockID{lock.Root, lock.Path}
	for _, w := range s.Fills {
		if w.In != s.Func {
			continue // within a helper
		}
		for _, again := range s.Func.Calls {
			op, got := f.lockCall(again.Expr)
			if op == opLock && got == id && s.Test.End() < again.Expr.Pos() && again.Expr.Pos() < w.Pos() && again.Mode == Plain {
				return true
			}
		}
	}
	return false
}

// lockedBySomeCaller returns a mutex of the package that is held on some way
// to pos in fn, though not on all that the static calls show: locked under a
// condition, or by the callers of an unexported function that is recursive
// through function values. Its author thought of it; nil if some way comes
// from outside without it.
func (f *finder) lockedBySomeCaller(fn *Func, pos token.Pos) *Lock {
	lock, open := f.lockOnTheWay(fn, pos, make(map[*Func]bool))
	if open {
		return nil
	}
	return lock
}

// lockOnTheWay returns a mutex that callers of fn hold, and whether some way
// from outside the package leads to pos without one.
func (f *finder) lockOnTheWay(fn *Func, pos token.Pos, seen map[*Func]bool) (lock *Lock, open bool) {
	if fn == nil {
		return nil, true
	}
	if seen[fn] {
		return nil, false
	}
	seen[fn] = true
	if l := f.lockedUnderCondition(fn, pos); l != nil {
		return l, false
	}
	if fn.Exported() || f.valueOutsideTests(fn) {
		return nil, true
	}
	if len(fn.Callers) == 0 {
		// A method that only an interface can lead to may be what the locked
		// initialiser itself comes back through; a handler's is not.
		return nil, fn.Decl == nil || fn.Decl.Recv == nil || f.handles(fn) != ""
	}
	for _, c := range fn.Callers {
		if file := f.Pkg.File(c.Expr.Pos()); file == nil || file.Test {
			continue
		}
		held, isOpen := heldMutex(c.Held), c.Mode == Started
		if held == nil && !isOpen {
			held, isOpen = f.lockOnTheWay(c.Caller, c.Expr.Pos(), seen)
		}
		if held != nil {
			lock = held
		}
		open = open || isOpen
	}
	return lock, open
}

// heldMutex returns a mutex of the package, locked for writing, of ls; or nil.
func heldMutex(ls Locks) *Lock {
	for _, l := range ls {
		if l.Mode == Locked && l.Global() {
			return &l
		}
	}
	return nil
}

// lockedUnderCondition returns a mutex of the package that fn locks before
// pos and unlocks by defer.
func (f *finder) lockedUnderCondition(fn *Func, pos token.Pos) *Lock {
	for _, c := range fn.Calls {
		op, id := f.lockCall(c.Expr)
		if op != opUnlock || c.Mode != Deferred || c.Expr.Pos() > pos || !f.locksBefore(fn, id, pos) {
			continue
		}
		if l := (Lock{id.root, id.path, Locked}); l.Global() {
			return &l
		}
	}
	return nil
}

// locksBefore reports whether fn locks id, for writing, before pos.
func (f *finder) locksBefore(fn *Func, id lockID, pos token.Pos) bool {
	for _, c := range fn.Calls {
		if op, locked := f.lockCall(c.Expr); op == opLock && locked == id && c.Expr.Pos() < pos {
			return true
		}
	}
	return false
}
