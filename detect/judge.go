package detect

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"
)

// judge decides whether c is safe and what to call it; it reports whether c
// is a singleton at all.
func (f *finder) judge(c *Singleton) bool {
	f.findResets(c)
	switch {
	case len(c.Sites) > 0:
		f.judgeSites(c)
		if c.Safe && c.Once != nil {
			f.judgeOnce(c)
		}
	case c.Once != nil:
		f.judgeOnce(c)
	case len(c.Reasons) > 0:
		c.Pattern = localLock.Name
	case c.Pattern != "":
		c.Safe = true
		return true // made before anybody can ask, or a map that locks by itself
	default:
		return false
	}
	if c.Safe && c.Vars[0].Owner == nil {
		f.judgeOthers(c)
	}
	f.orderVars(c)
	if !c.Safe {
		f.assess(c)
	}
	return true
}

// judgeSites gives c the pattern of its worst site.
func (f *finder) judgeSites(c *Singleton) {
	c.Safe = true
	for _, s := range c.Sites {
		if s.Outer != nil {
			continue // judged with its outer test
		}
		v := f.judgeSite(s)
		if v.mutex != nil && c.Mutex == nil {
			c.Mutex = v.mutex
		}
		if v.once != nil && c.Once == nil {
			c.Once = v.once
		}
		c.Reasons = append(c.Reasons, v.reasons...)
		if v.safe != "" {
			if c.Safe && c.Pattern == "" {
				c.Pattern = v.safe
			}
			continue
		}
		if c.Safe {
			c.Safe, c.Pattern = false, v.pattern
		}
	}
	if c.Safe {
		c.Reasons = nil
	}
}

// A verdict is what was found out about one site.
type verdict struct {
	safe    string // the safe form, or ""
	pattern string // the pattern, where it is not safe
	mutex   *Variable
	once    *Variable
	reasons []Note
}

func (f *finder) judgeSite(s *Site) verdict {
	locks := f.heldAtFills(s)
	if once, ok := lockOfMode(locks, InOnce); ok {
		return f.judgeOnceSite(s, once)
	}
	if s.Read.Atomic != NotAtomic {
		return f.judgeAtomicSite(s, locks)
	}
	lock, kind := f.guardLock(s, locks)
	switch kind {
	case noLock:
		if mu := f.lockedBySomeCaller(s.Func, s.Read.Pos()); mu != nil {
			return verdict{safe: "caller-locked", mutex: f.variableOf(*mu)}
		}
		return f.unguarded(s)
	case perCallLock:
		return verdict{pattern: localLock.Name, reasons: []Note{{"local-lock", lock.Name() + " is a local variable, new at each call: it excludes nobody", s.Test.Pos()}}}
	}
	v := verdict{mutex: f.variableOf(lock)}
	inner := s.Inner != nil && holdsMutex(s.Inner.Held, lock)
	switch {
	case s.Held.Holds(lock, true) && f.unlockedBetween(s, lock):
		if inner || s.Key != nil {
			v.safe = "locked" // a cache whose entries may be made twice
			break
		}
		v.pattern = missingRecheck.Name
		v.reasons = []Note{{"not-tested-again", lock.Name() + " is given up between the test and the write, and there is no second test: two goroutines may both build it", s.Test.Pos()}}
	case s.Held.Holds(lock, true):
		v.safe = f.lockedForm(s, lock)
	case s.Held.Holds(lock, false):
		if inner || s.Key != nil {
			v.safe = "rwmutex-double-check"
			break
		}
		v.pattern = missingRecheck.Name
		v.reasons = []Note{{"not-tested-again", f.Describe(s.Var) + " is tested under RLock, and filled under Lock without a second test: two goroutines may both build it", s.Test.Pos()}}
	case inner:
		v.pattern = brokenDoubleCheck.Name
		v.reasons = []Note{unsynchronizedRead(s, "its first test, outside "+lock.Name()+", is not synchronised with the write inside")}
	default:
		v.pattern = missingRecheck.Name
		v.reasons = []Note{unsynchronizedRead(s, "it is tested outside "+lock.Name()+" and not tested again inside")}
	}
	return v
}

// lockedForm returns the name of the safe form of s, tested and filled under lock.
func (f *finder) lockedForm(s *Site, lock Lock) string {
	switch {
	case isSingleflight(lock.Root.Type()):
		return "singleflight"
	case f.leavesWithContext(s.Func):
		return "context-aware"
	case s.Key != nil && f.keyedByType(s):
		return "manager"
	case s.Func.Entry.Holds(lock, true):
		return "caller-locked"
	}
	return "locked"
}

// isSingleflight reports whether t is the Group of a package named singleflight.
func isSingleflight(t types.Type) bool {
	if p, ok := types.Unalias(t).(*types.Pointer); ok {
		t = p.Elem()
	}
	named, ok := types.Unalias(t).(*types.Named)
	return ok && named.Obj().Name() == "Group" && named.Obj().Pkg() != nil && strings.HasSuffix(named.Obj().Pkg().Path(), "singleflight")
}

// leavesWithContext reports whether fn waits in a select that a context's end also leaves.
func (f *finder) leavesWithContext(fn *Func) bool {
	for cur := range fn.Cur.Preorder((*ast.CommClause)(nil)) {
		clause := cur.Node().(*ast.CommClause)
		if clause.Comm == nil {
			continue
		}
		for c := range cur.Preorder((*ast.CallExpr)(nil)) {
			call := c.Node().(*ast.CallExpr)
			if call.Pos() < clause.Comm.End() && callName(call) == "Done" && len(call.Args) == 0 {
				return true
			}
		}
	}
	return false
}

// keyedByType reports whether the registry of s has types for keys.
func (f *finder) keyedByType(s *Site) bool {
	t := f.Pkg.Info.TypeOf(s.Read.Expr)
	if t == nil {
		return false
	}
	m, ok := t.Underlying().(*types.Map)
	return ok && isStdType(m.Key(), "reflect", "Type")
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

// unguarded returns the verdict on a site that nothing synchronises.
func (f *finder) unguarded(s *Site) verdict {
	v := verdict{pattern: nilCheck.Name}
	switch {
	case s.Var.Owner != nil:
		v.pattern = lazyField.Name
	case s.Key != nil:
		v.pattern = lazyRegistry.Name
	case s.Flag:
		v.pattern = flagGuard.Name
	case len(s.Calls) > 0:
		v.pattern = helperInit.Name
	}
	v.reasons = append(v.reasons, unsynchronizedRead(s, "it is tested without synchronisation"))
	for _, w := range s.Fills {
		v.reasons = append(v.reasons, Note{"unsynchronized-write", "and filled without synchronisation", w.Pos()})
	}
	return v
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
	if fn.Exported() || f.valueOutsideTests(fn) || len(fn.Callers) == 0 {
		return nil, true
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

func unsynchronizedRead(s *Site, why string) Note {
	return Note{"unsynchronized-read", why, s.Test.Pos()}
}

func (f *finder) judgeOnceSite(s *Site, once Lock) verdict {
	v := verdict{once: f.variableOf(once)}
	if f.kindOf(once, s) == perCallLock {
		v.pattern = localLock.Name
		v.reasons = []Note{{"local-lock", once.Name() + " is a local variable, new at each call: every call runs its function", s.Test.Pos()}}
		return v
	}
	if s.Held.Holds(once, false) {
		v.safe = "once"
		return v
	}
	if s.Read.Atomic == AtomicLoad {
		v.safe = "once"
		return v
	}
	v.pattern = checkedOnce.Name
	v.reasons = []Note{unsynchronizedRead(s, "it is tested in front of "+once.Name()+".Do, outside what the Once orders")}
	return v
}

func (f *finder) judgeAtomicSite(s *Site, locks Locks) verdict {
	if w := f.filledAfterFlag(s); w != nil {
		return verdict{pattern: racyAtomic.Name, reasons: []Note{unsynchronizedRead(s, "its flag is set before the value is there"), {"flag-before-value", "this is filled after the flag was set: whoever sees it set may read too early", w.Pos()}}}
	}
	if v := f.publishedEarly(s); v != nil {
		return *v
	}
	swap := true
	for _, w := range s.Fills {
		swap = swap && w.Atomic == AtomicSwap
	}
	if swap {
		return verdict{safe: "atomic-swap"}
	}
	lock, kind := f.guardLock(s, locks)
	if kind == noLock || kind == perCallLock {
		return verdict{pattern: racyAtomic.Name, reasons: []Note{{"two-instances", "it is loaded, found empty and stored with neither lock nor compare-and-swap: two goroutines may both build it", s.Test.Pos()}}}
	}
	v := verdict{mutex: f.variableOf(lock)}
	if s.Held.Holds(lock, true) || s.Inner != nil && holdsMutex(s.Inner.Held, lock) {
		v.safe = "atomic-double-check"
		if f.leavesWithContext(s.Func) {
			v.safe = "context-aware"
		}
		return v
	}
	v.pattern = missingRecheck.Name
	v.reasons = []Note{{"not-tested-again", "it is filled under " + lock.Name() + " without a second test inside", s.Test.Pos()}}
	return v
}

func holdsMutex(ls Locks, l Lock) bool {
	for _, have := range ls {
		if have.same(l) && have.Mode == Locked {
			return true
		}
	}
	return false
}

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
	if v := asVar(l.Root); v != nil && l.Path == "" && (!isPointerish(v.Type()) || f.madeHere(v)) {
		return perCallLock
	}
	return noLock
}

// madeHere reports whether the local pointer v points to what its function has just made.
func (f *finder) madeHere(v *types.Var) bool {
	switch x := f.soleValue(v).(type) {
	case *ast.UnaryExpr:
		_, ok := x.X.(*ast.CompositeLit)
		return ok
	case *ast.CallExpr:
		return f.isBuiltin(x, "new")
	}
	return false
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

// Describe returns how to call v in a sentence.
func (fx *Facts) Describe(v *Variable) string { return v.Name() }

// findResets notes the functions that empty or replace a value of c outside its sites.
func (f *finder) findResets(c *Singleton) {
	seen := make(map[*Func]bool)
	for _, v := range c.Vars {
		for _, w := range v.Accesses {
			if w.Kind != Write || w.In == nil || w.File.Test || w.Phase == Initial || f.isSiteFill(c, w) {
				continue
			}
			fn := w.In.Outermost()
			if !seen[fn] {
				seen[fn] = true
				c.Resets = append(c.Resets, fn)
			}
		}
	}
}

func (f *finder) isSiteFill(c *Singleton, w *Access) bool {
	if lock, ok := lockOfMode(w.Held, InOnce); ok && c.Once != nil && lock.Root == c.Once.Obj {
		return true
	}
	for _, s := range c.Sites {
		if f.besideFill(w, s) {
			return true
		}
		for _, fill := range s.Fills {
			if fill == w {
				return true
			}
		}
	}
	return false
}

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
		for _, b := range v.Accesses {
			if b == a || b.Phase != Shared || a.Kind == Read && b.Kind == Read || !overlaps(a.Path, b.Path) {
				continue
			}
			if !shareMutex(a, b) {
				return false
			}
		}
	}
	return true
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
// fills c: from then on the variable is filled for it.
func (f *finder) afterGetter(c *Singleton, a *Access) bool {
	if a.In == nil || len(c.Resets) > 0 {
		return false
	}
	for _, s := range c.Sites {
		if a.In == s.Func {
			if a.Pos() > s.Test.Pos() {
				return true // the getter itself goes on after its guard
			}
			continue
		}
		for _, call := range a.In.Calls {
			if call.Expr.Pos() < a.Pos() && call.Callee != nil && f.reaches(call.Callee, s.Func, make(map[*Func]bool)) {
				return true
			}
		}
	}
	return false
}

func (f *finder) reaches(from, to *Func, seen map[*Func]bool) bool {
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

// bypass makes c unsafe for the access a that nothing orders.
func (f *finder) bypass(c *Singleton, v *Variable, a *Access) {
	guard := "its lock"
	switch {
	case c.Once != nil:
		guard = "what " + c.Once.Name() + " orders"
	case c.Mutex != nil:
		guard = c.Mutex.Name()
	}
	switch {
	case a.Kind == Write:
		if a.Held != nil && c.Mutex == nil && c.Once == nil {
			return
		}
		if c.Safe || c.Pattern == unlockedRead.Name {
			c.Pattern = unlockedReset.Name
		}
		c.Safe = false
		c.Reasons = append(c.Reasons, Note{"unsynchronized-write", v.Name() + " is written outside " + guard, a.Pos()})
	case a.Kind == Read && c.Once == nil:
		if c.Safe {
			c.Pattern = unlockedRead.Name
		}
		c.Safe = false
		c.Reasons = append(c.Reasons, Note{"unsynchronized-read", v.Name() + " is read outside " + guard, a.Pos()})
	}
}

// orderVars puts the variable that holds the value first: not a flag, not an
// error, not a Once.
func (f *finder) orderVars(c *Singleton) {
	rank := func(v *Variable) int {
		switch {
		case f.isSync(v):
			return 3
		case f.isFlag(c, v):
			return 2
		case types.Identical(v.Obj.Type(), types.Universe.Lookup("error").Type()):
			return 1
		}
		return 0
	}
	for i := 1; i < len(c.Vars); i++ {
		for j := i; j > 0 && rank(c.Vars[j]) < rank(c.Vars[j-1]); j-- {
			c.Vars[j], c.Vars[j-1] = c.Vars[j-1], c.Vars[j]
		}
	}
}

func (f *finder) isFlag(c *Singleton, v *Variable) bool {
	for _, s := range c.Sites {
		if s.Flag && keyOf(s.Var) == keyOf(v) {
			return true
		}
	}
	return false
}
