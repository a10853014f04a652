package rewrite

import (
	"go/types"

	"github.com/singletonfix/singletonfix/detect"
)

// holdThroughout lets the one function that tests the field, and gives the
// author's mutex up before it fills it, keep the mutex: all other uses of the
// field are under it already.
func (l *fieldLocking) holdThroughout() *Refusal {
	fn, all := l.Singleton.Sites[0].Func, l.in(l.Singleton.Sites[0].Func.Body())
	for _, s := range l.Singleton.Sites {
		if s.Func != fn {
			return refuse(ControlFlow, s.Stmt.Pos(), "%s is tested in %s too", l.v.Name(), s.Func.Name())
		}
	}
	for _, a := range all {
		if a.In != fn || !sameBase(a, all[0]) {
			return refuse(ControlFlow, a.Pos(), "%s uses %s of two values, or in a function literal", fn.Name(), l.v.Obj.Name())
		}
	}
	base, ok := l.f.base(all[0])
	if !ok {
		return refuse(ControlFlow, all[0].Pos(), "it is unclear whose %s this is", l.v.Obj.Name())
	}
	if n := l.f.callsField(fn, fn.Body().List); n != nil {
		return refuse(Reentrant, n.Pos(), "this calls what somebody has put into a field, which may come back to %s", fn.Name())
	}
	if _, ok := l.firstOf(l.heldByCallers(fn), []*types.Var{l.author}); ok {
		return refuse(LockOrder, fn.Pos(), "a caller of %s may hold %s already", fn.Name(), l.path)
	}
	for _, r := range []*Refusal{l.noOtherOrder(fn, fn.Body().List), l.authorsOrder(fn)} {
		if r != nil {
			return r
		}
	}
	g := l.newRegistry()
	g.own, g.mu = true, l.mutexAt(base)
	g.lock = detect.Lock{Root: all[0].Base.Root, Path: l.path}
	for _, other := range l.fx.Funcs {
		if other != fn {
			g.locking.inner[other] = true // under the mutex of its own value: see collectUses
		}
	}
	g.Review = true
	g.note(g.mu + " was given up while " + l.v.Name() + " is made, and is held now")
	emitted := len(l.Edits)
	if r := g.plan(); r != nil {
		return r
	}
	l.mu = g.mu
	if r := l.readLockedIn(fn); r != nil {
		l.Edits = l.Edits[:emitted] // the same, but that a call that finds the field filled takes RLock as before
		l.retest(r)
	}
	return nil
}
