package detect

import (
	"go/ast"
	"go/types"
	"strings"
)

// A question is what the patterns are asked about: a site, and what guards it.
type question struct {
	*finder
	site *Site
	once *Lock // the Once in whose function the site fills, or nil
	// lock is the mutex held at all fills; kind says whom it excludes.
	lock     Lock
	kind     lockKind
	mutex    *Variable // lock, where it is a variable of the package
	retested bool      // tested again under lock
	bare     bool      // nothing at all guards the fill
	byCaller bool      // lock is taken by callers, on the ways that count
}

// ask gathers what guards s.
func (f *finder) ask(s *Site) *question {
	q := &question{finder: f, site: s}
	locks := f.heldAtFills(s)
	if once, ok := lockOfMode(locks, InOnce); ok {
		q.once = &once
		return q
	}
	q.lock, q.kind = f.guardLock(s, locks)
	switch {
	case q.kind == commonLock:
		q.mutex = f.variableOf(q.lock)
		q.retested = s.Inner != nil && holdsMutex(s.Inner.Held, q.lock)
	case q.kind == noLock && !q.atomic():
		if l := f.lockedBySomeCaller(s.Func, s.Read.Pos()); l != nil {
			q.mutex, q.byCaller = f.variableOf(*l), true
			break
		}
		q.bare = true
	}
	return q
}

// atomic reports whether the site tests by an atomic operation.
func (q *question) atomic() bool { return q.site.Read.Atomic != NotAtomic }

// pattern returns the pattern that the site matches, with the reasons; nil if it is safe.
func (q *question) pattern() (*Pattern, []Note) {
	for _, p := range Patterns {
		if p.match == nil {
			continue // about more than one site
		}
		if reasons := p.match(q); reasons != nil {
			return p, reasons
		}
	}
	return nil, nil
}

// unsynchronized returns the reasons of a site that nothing guards.
func (q *question) unsynchronized() []Note {
	reasons := []Note{q.readOutside("it is tested without synchronisation")}
	for _, w := range q.site.Fills {
		reasons = append(reasons, Note{"unsynchronized-write", "and filled without synchronisation", w.Pos()})
	}
	return reasons
}

// readOutside returns the reason that the site's test is not synchronised.
func (q *question) readOutside(why string) Note {
	return Note{"unsynchronized-read", why, q.site.Test.Pos()}
}

// form returns the name of the safe form that the site has.
func (q *question) form() string {
	s := q.site
	switch {
	case q.once != nil:
		return "once"
	case q.atomic() && q.onlySwaps():
		return "atomic-swap"
	case q.leavesWithContext(s.Func):
		return "context-aware"
	case q.atomic():
		return "atomic-double-check"
	case q.byCaller:
		return "caller-locked"
	case isSingleflight(q.lock.Root.Type()), q.declaredSingleflight(asVar(q.lock.Root)):
		return "singleflight"
	case s.Key != nil && q.keyedByType(s):
		return "manager"
	case !s.Held.Holds(q.lock, true):
		return "rwmutex-double-check"
	case s.Func.Entry.Holds(q.lock, true):
		return "caller-locked"
	}
	return "locked"
}

// onlySwaps reports whether every fill is a compare-and-swap.
func (q *question) onlySwaps() bool {
	for _, w := range q.site.Fills {
		if w.Atomic != AtomicSwap {
			return false
		}
	}
	return true
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
