package rewrite

import (
	"go/ast"
	"go/types"
	"slices"

	"github.com/singletonfix/singletonfix/detect"
)

// A fieldLocking is a mutex in a struct on its way around every use of its
// lazy fields.
type fieldLocking struct {
	*locking
	f    *fieldDraft
	path string // the mutex below the value: mu in s.mu, Mutex where it is embedded
}

// planFieldMutex lets every function that uses the fields take one mutex of
// the value: the one that guards them elsewhere, or a new one.
func planFieldMutex(f *fieldDraft) *Refusal {
	switch f.Singleton.Pattern {
	case "lazy-field", "broken-double-check", "missing-recheck":
	default:
		return refuse(notThis, f.v.Obj.Pos(), "a mutex does not mend this")
	}
	for _, s := range f.Singleton.Sites {
		if s.Read.In != s.Func {
			return refuse(ControlFlow, s.Read.Pos(), "%s is tested in %s for %s, which fills it", f.v.Name(), s.Read.In.Name(), s.Func.Name())
		}
	}
	l := &fieldLocking{f: f, locking: &locking{draft: f.draft, byFunc: make(map[*detect.Func][]*detect.Access), inner: make(map[*detect.Func]bool)}}
	l.findMutex()
	if r := l.collectUses(); r != nil {
		return r
	}
	if len(l.byFunc) == 0 && f.isKeyed() {
		return l.keysStay()
	}
	if len(l.byFunc) == 0 {
		return l.holdThroughout()
	}
	checks := []func() *Refusal{l.elementsStay, l.inOrder, l.newOrder, l.gainedOrder}
	if f.isKeyed() {
		checks = append(checks, l.keysStay)
	}
	for _, check := range checks {
		if r := check(); r != nil {
			return r
		}
	}
	if r := f.filledBeside(func(fn *detect.Func) bool { return len(l.byFunc[fn]) > 0 && l.siteIn(fn) != nil }); r != nil {
		return r
	}
	for _, fn := range f.fx.Funcs {
		if len(l.byFunc[fn]) == 0 {
			continue
		}
		if r := l.take(fn, l.byFunc[fn]); r != nil {
			return r
		}
	}
	if l.author == nil {
		f.addField(l.path, "sync.Mutex")
	}
	f.proved("lock-order")
	return nil
}

// findMutex finds the mutex that is held at some use of the fields, and
// names a new one where there is none.
func (l *fieldLocking) findMutex() {
	for _, v := range l.Singleton.Vars {
		for _, a := range v.Accesses {
			for _, h := range a.Held {
				if h.Root != a.Base.Root || a.Base.Path != "" || h.Mode != detect.Locked && h.Mode != detect.ReadLocked {
					continue // the lock of another value
				}
				if mu := l.mutexOf(h); mu != nil && l.author == nil {
					l.author, l.path = mu, h.Path
				}
			}
		}
	}
	if l.author == nil {
		l.path = l.f.fieldName("Mu")
	}
}

// collectUses finds the uses that need the lock, by function.
func (l *fieldLocking) collectUses() *Refusal {
	for _, v := range l.Singleton.Vars {
		for _, a := range v.Accesses {
			if early(a) || l.holdsIt(a) {
				continue
			}
			if a.In == nil || a.In.Body() == nil {
				return refuse(InitOrder, a.Pos(), "%s is used while the package is initialised", v.Name())
			}
			if _, ok := l.f.base(a); !ok {
				return refuse(ControlFlow, a.Pos(), "it is unclear whose %s this is", v.Obj.Name())
			}
			l.byFunc[a.In] = append(l.byFunc[a.In], a)
		}
	}
	for _, all := range l.byFunc {
		slices.SortFunc(all, func(a, b *detect.Access) int { return int(a.Pos() - b.Pos()) })
	}
	return nil
}

// holdsIt reports whether a happens under the mutex of its own value.
func (l *fieldLocking) holdsIt(a *detect.Access) bool {
	return l.author != nil && a.Held.Holds(detect.Lock{Root: a.Base.Root, Path: l.path}, a.Kind != detect.Read)
}

// inOrder proves that no function that will take the mutex is called by
// someone who may hold it, whichever value's it is.
func (l *fieldLocking) inOrder() *Refusal {
	for _, fn := range l.fx.Funcs {
		if len(l.byFunc[fn]) == 0 {
			continue
		}
		body := fn.Body().List
		if n := l.f.callsField(fn, body); n != nil {
			return refuse(Reentrant, n.Pos(), "this calls what somebody has put into a field, which may come back to %s", fn.Name())
		}
		if r := l.noOtherOrder(fn, body); r != nil {
			return r
		}
		if l.author == nil {
			continue
		}
		if n := l.takesAgain(fn); n != nil {
			return refuse(Reentrant, n.Pos(), "%s is taken here, which %s would hold, of this value or another", l.path, fn.Name())
		}
		if _, ok := l.firstOf(l.heldByCallers(fn), []*types.Var{l.author}); ok {
			return refuse(LockOrder, fn.Pos(), "a caller of %s may hold %s already", fn.Name(), l.path)
		}
		for _, a := range l.byFunc[fn] {
			for _, h := range a.Held {
				if mu := l.mutexOf(h); mu == l.author || mu != nil && slices.Contains(l.takenUnder(), mu) {
					return refuse(LockOrder, a.Pos(), "%s is held here, and elsewhere taken under %s", h.Name(), l.path)
				}
			}
		}
	}
	return nil
}

// gainedOrder proves that no mutex which the functions that gain the author's
// take under it is held where the author's is taken already.
func (l *fieldLocking) gainedOrder() *Refusal {
	for _, fn := range l.fx.Funcs {
		if len(l.byFunc[fn]) == 0 {
			continue
		}
		if r := l.authorsOrder(fn); r != nil {
			return r
		}
	}
	return nil
}

// authorsOrder proves that what fn takes is held nowhere else where the
// author's mutex is taken: fn will take it under that.
func (l *fieldLocking) authorsOrder(fn *detect.Func) *Refusal {
	if l.author == nil {
		return nil // a new one: see newOrder
	}
	taken := l.locksTaken(fn, fn.Body().List)
	for _, g := range l.fx.Funcs {
		for _, c := range g.Calls {
			if g == fn || l.lockedBy(c.Expr) != l.author {
				continue
			}
			if held, ok := l.firstOf(append(slices.Clone(c.Held), l.heldByCallers(g)...), taken); ok {
				return refuse(LockOrder, c.Expr.Pos(), "%s is held here, and %s would take it under %s", held.Name(), fn.Name(), l.path)
			}
		}
	}
	return nil
}

// takesAgain returns a call by which fn, or what it may run, takes the
// author's mutex, but for the one that moves to the front of fn; else nil.
func (l *fieldLocking) takesAgain(fn *detect.Func) ast.Node {
	r := reachOf(l.fx, fn.Body())
	moves := l.Singleton.Pattern != "lazy-field" && l.siteIn(fn) != nil
	for _, g := range l.fx.Funcs {
		if g != fn && !r.funcs[g] {
			continue
		}
		for _, c := range g.Calls {
			if l.lockedBy(c.Expr) != l.author {
				continue
			}
			if g == fn && moves {
				moves = false
				continue
			}
			return c.Expr
		}
	}
	return nil
}

// takenUnder returns the mutexes that are taken somewhere while the author's is held.
func (l *fieldLocking) takenUnder() []*types.Var {
	var all []*types.Var
	for _, fn := range l.fx.Funcs {
		for _, c := range fn.Calls {
			if mu := l.lockedBy(c.Expr); mu != nil && slices.ContainsFunc(c.Held, func(h detect.Lock) bool { return l.mutexOf(h) == l.author }) {
				all = append(all, mu)
			}
		}
	}
	return all
}

// take lets fn hold the mutex of the one value whose fields it uses.
func (l *fieldLocking) take(fn *detect.Func, all []*detect.Access) *Refusal {
	for _, a := range all[1:] {
		if !sameBase(a, all[0]) {
			return refuse(ControlFlow, a.Pos(), "%s uses %s of two values", fn.Name(), l.v.Obj.Name())
		}
	}
	base, _ := l.f.base(all[0])
	l.mu = l.mutexAt(base)
	if l.Singleton.Pattern != "lazy-field" {
		if g := l.siteIn(fn); g != nil {
			return l.lockFirst(g)
		}
	}
	at := stmtAround(fn.Body().List, all[0].Expr)
	if at < 0 || inStmts(fn.Body().List[at:], identAt(all[0].Base.Root)) {
		return refuse(ControlFlow, all[0].Pos(), "the lock cannot be taken in front of this")
	}
	return l.function(fn, all)
}

// mutexAt returns the mutex of the value base as it is written.
func (l *fieldLocking) mutexAt(base string) string {
	if l.author != nil && l.author.Embedded() {
		return base
	}
	return base + "." + l.path
}

// siteIn describes the outer test that stands in fn, or nil.
func (l *fieldLocking) siteIn(fn *detect.Func) *guard {
	for _, s := range l.Singleton.Sites {
		if s.Func == fn && s.Outer == nil {
			return newGuard(l.fx, s)
		}
	}
	return nil
}

// lockFirst takes the author's lock in front of the first test. A second one
// behind the lock then makes the first superfluous.
func (l *fieldLocking) lockFirst(g *guard) *Refusal {
	block := g.Block
	if g.Form == detect.GuardEarly {
		return l.lockEarly(g)
	}
	if !g.plain || !g.body || g.Form != detect.GuardThen || g.Copy != nil || len(block) < 3 || !l.isLock(block[0]) || !l.isUnlock(block[1]) {
		return refuse(ControlFlow, g.stmt.Pos(), "%s is not taken first of all where %s is found empty, and held to the end", l.mu, l.v.Name())
	}
	for _, s := range g.rest {
		if !isBrief(l.pkg.Info, s) {
			return refuse(ControlFlow, s.Pos(), "%s goes on with %s, and would hold the lock meanwhile", g.Func.Name(), l.v.Name())
		}
	}
	if r := l.comesBack(g.Func, block[2:], l.byFunc[g.Func]); r != nil {
		return r
	}
	if g.Inner != nil && len(block) == 3 && block[2] == g.Inner.Stmt {
		l.replaceStmt(g.stmt, "$block", map[string][]ast.Node{"block": nodes(block)})
		return nil
	}
	l.edit(Edit{Op: Delete, At: block[0]})
	l.edit(Edit{Op: Delete, At: block[1]})
	l.edit(Edit{Op: InsertBefore, At: g.stmt, Code: l.mu + ".Lock()\ndefer " + l.mu + ".Unlock()"})
	return nil
}

func (l *fieldLocking) isLock(s ast.Stmt) bool {
	e, ok := s.(*ast.ExprStmt)
	return ok && l.source(e, nil) == l.mu+".Lock()"
}

func (l *fieldLocking) isUnlock(s ast.Stmt) bool {
	d, ok := s.(*ast.DeferStmt)
	return ok && l.source(d.Call, nil) == l.mu+".Unlock()"
}
