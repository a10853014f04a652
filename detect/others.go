package detect

import (
	"go/token"
	"slices"
)

// judgeOthers looks at the accesses to the safe singleton c beyond its
// sites: one that does without the lock makes it unsafe.
func (f *finder) judgeOthers(c *Singleton) {
	for _, v := range c.Vars {
		for _, a := range v.Accesses {
			if a.Phase != Shared || a.Atomic != NotAtomic || f.isSiteFill(c, a) || f.isSiteRead(c, a) || f.orders(c, a) {
				continue
			}
			f.bypass(c, v, a)
		}
	}
}

func (f *finder) isSiteRead(c *Singleton, a *Access) bool {
	for _, s := range c.Sites {
		if s.Read == a {
			return true
		}
	}
	return false
}

// orders reports whether what makes c safe also orders the access a.
func (f *finder) orders(c *Singleton, a *Access) bool {
	if f.sharesLocks(c, a) || f.startedByGetter(c, a.In) {
		return true
	}
	if c.Once != nil {
		return a.Held.Holds(Lock{Root: c.Once.Obj, Path: c.Once.Field}, false)
	}
	if c.Mutex != nil {
		if mu := f.lockedBySomeCaller(a.In, a.Pos()); mu != nil && mu.Root == c.Mutex.Obj {
			return true
		}
		return a.Held.Holds(Lock{Root: c.Mutex.Obj, Path: c.Mutex.Field}, a.Kind != Read) || a.Kind == Read && f.afterGetter(c, a)
	}
	if c.lock.Root != nil {
		return a.Held.Holds(c.lock, a.Kind != Read) || a.Kind == Read && f.afterGetter(c, a)
	}
	return true // atomics, and locks that have no name of their own
}

// sharesLocks reports whether a has a mutex in common with every access that
// it could conflict with.
func (f *finder) sharesLocks(c *Singleton, a *Access) bool {
	if a.Kind != Read && !slices.ContainsFunc(a.Held, func(l Lock) bool { return l.Mode == Locked }) {
		return false // two goroutines may write at the same time
	}
	for _, v := range c.Vars {
		if v.Obj != a.Var {
			continue
		}
		for _, b := range f.unlike(v) {
			if b.Phase != Shared || a.Kind == Read && b.Kind == Read || !overlaps(a.Path, b.Path) {
				continue
			}
			if !shareMutex(a, b) {
				return false
			}
		}
	}
	return true
}

// unlike returns accesses to v of which no two are alike as far as locks go:
// there are few of them, where a generated function has a hundred thousand.
func (f *finder) unlike(v *Variable) []*Access {
	if found, ok := f.unlikes[v]; ok {
		return found
	}
	var found []*Access
	for _, a := range v.Accesses {
		if !slices.ContainsFunc(found, a.alike) {
			found = append(found, a)
		}
	}
	if f.unlikes == nil {
		f.unlikes = make(map[*Variable][]*Access)
	}
	f.unlikes[v] = found
	return found
}

func (a *Access) alike(b *Access) bool {
	return a.Phase == b.Phase && (a.Kind == Read) == (b.Kind == Read) && a.Path == b.Path && slices.Equal(a.Held, b.Held)
}

// shareMutex reports whether one mutex keeps a and b apart.
func shareMutex(a, b *Access) bool {
	for _, l := range a.Held {
		if l.Mode == Locked && b.Held.Holds(l, false) || l.Mode == ReadLocked && b.Held.Holds(l, true) {
			return true
		}
	}
	return false
}

// startedByGetter reports whether fn only runs on goroutines that a function
// with a site of c starts, after the value is there.
func (f *finder) startedByGetter(c *Singleton, fn *Func) bool {
	if fn == nil || len(c.Resets) > 0 || len(fn.Callers) == 0 || f.valueOutsideTests(fn) || fn.Exported() {
		return false
	}
	for _, call := range fn.Callers {
		started := false
		for _, s := range c.Sites {
			started = started || call.Mode == Started && call.Caller == s.Func && call.Expr.Pos() > s.Test.Pos()
		}
		if !started {
			return false
		}
	}
	return true
}

// afterGetter reports whether the function of a calls, earlier, one that
// fills c: from then on the variable is filled for it. What a function around
// it has called before the literal of a was made counts as well.
func (f *finder) afterGetter(c *Singleton, a *Access) bool {
	if len(c.Resets) > 0 {
		return false
	}
	pos := a.Pos()
	for fn := a.In; fn != nil; fn = fn.Parent {
		if f.filledBefore(c, fn, pos) {
			return true
		}
		pos = fn.Pos()
	}
	return false
}

// filledBefore reports whether fn, by the time it gets to pos, has gone
// through a site of c, or called a function that goes through one.
func (f *finder) filledBefore(c *Singleton, fn *Func, pos token.Pos) bool {
	for _, s := range c.Sites {
		if fn == s.Func {
			if pos > s.Test.Pos() {
				return true // the getter itself goes on after its guard
			}
			continue
		}
		for _, call := range fn.Calls {
			if call.Expr.Pos() < pos && call.Mode == Plain && call.Callee != nil && f.reaches(call.Callee, s.Func, make(map[*Func]bool)) {
				return true
			}
		}
	}
	return false
}

// reaches reports whether from is to, or leads there by plain calls.
func (f *Facts) reaches(from, to *Func, seen map[*Func]bool) bool {
	if from == to {
		return true
	}
	if seen[from] {
		return false
	}
	seen[from] = true
	for _, c := range from.Calls {
		if c.Callee != nil && c.Mode == Plain && f.reaches(c.Callee, to, seen) {
			return true
		}
	}
	return false
}

// mayChange reports whether the variable can still be written when the read a
// comes: it is a registry that grows, it is reset, or a is in a function that
// anybody can call without having called the getter. A method's receiver, or
// a helper's caller, may well have come from the getter.
func (f *finder) mayChange(c *Singleton, v *Variable, a *Access) bool {
	if len(c.Resets) > 0 || a.In == nil {
		return true
	}
	for _, w := range v.Accesses {
		if w.Kind == Element && w.Phase == Shared {
			return true
		}
	}
	fn := a.In.Outermost()
	return fn.Decl != nil && fn.Decl.Recv == nil && (fn.Exported() || f.handles(fn) != "")
}

// bypass makes c unsafe for the access a that nothing orders.
func (f *finder) bypass(c *Singleton, v *Variable, a *Access) {
	guard := "its lock"
	switch {
	case c.Once != nil:
		guard = "what " + c.Once.Name() + " orders"
	case c.Mutex != nil:
		guard = c.Mutex.Name()
	case c.lock.Root != nil:
		guard = c.lock.Name()
	}
	switch {
	case a.Kind == Write:
		if a.Held != nil && c.Mutex == nil && c.Once == nil && c.lock.Root == nil {
			return
		}
		if c.Safe || c.Pattern == unlockedRead.Name {
			c.Pattern = unlockedReset.Name
		}
		c.Safe = false
		c.Reasons = append(c.Reasons, Note{"unsynchronized-write", v.Name() + " is written outside " + guard, a.Pos()})
	case a.Kind == Read && c.Once == nil && f.mayChange(c, v, a):
		if c.Safe {
			c.Pattern = unlockedRead.Name
		}
		c.Safe = false
		c.Reasons = append(c.Reasons, Note{"unsynchronized-read", v.Name() + " is read outside " + guard, a.Pos()})
	}
}
