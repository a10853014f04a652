package rewrite

import (
	"strings"

	"github.com/singletonfix/singletonfix/detect"
)

// A recheck is a variable that is tested outside the author's own mutex and
// filled under it, on its way to an atomic that is tested again inside.
type recheck struct {
	*atomicVar
	lock detect.Lock
}

// planRecheck makes the variable atomic and lets all else stand: the tests
// load it, what fills it stores it last.
func planRecheck(d *draft) *Refusal {
	mu := d.Singleton.Mutex
	if mu == nil || d.once != nil {
		return refuse(NoForm, d.v.Obj.Pos(), "it is unclear which mutex guards %s", d.v.Name())
	}
	if r := d.goAtLeast("go1.19", "atomic.Pointer"); r != nil {
		return r
	}
	if d.isAtomic() {
		return d.testAgain()
	}
	if d.v.Field != "" || !strings.HasPrefix(d.typeText(), "*") {
		return refuse(NoForm, d.v.Obj.Pos(), "%s is no pointer variable: the lock has to be taken in front of the test", d.v.Name())
	}
	outer, r := d.outerGuards()
	if r != nil {
		return r
	}
	for _, check := range []func(...*guard) *Refusal{d.notReentrant, func(g ...*guard) *Refusal { return d.companionsFollow(g) }} {
		if r := check(outer...); r != nil {
			return r
		}
	}
	x, r := d.newAtomic(outer)
	if r != nil {
		return r
	}
	x.mu, x.holder = mu.Name(), ""
	rc := &recheck{atomicVar: x, lock: detect.Lock{Root: mu.Obj, Path: mu.Field}}
	d.author = d.mutexOf(rc.lock)
	if r := rc.writersHold(outer); r != nil {
		return r
	}
	for _, g := range outer {
		if r := rc.site(g); r != nil {
			return r
		}
	}
	rc.loadEach(outer)
	if r := x.others(); r != nil {
		return r
	}
	x.declare()
	x.canEmpty()
	x.proved("built-before-stored")
	return nil
}

// typeText returns the type of the variable as it is declared, or "".
func (d *draft) typeText() string {
	if d.v.Spec == nil || d.v.Spec.Type == nil {
		return ""
	}
	return d.source(d.v.Spec.Type, nil)
}

// outerGuards describes the first tests, which are made outside the lock.
func (d *draft) outerGuards() ([]*guard, *Refusal) {
	var guards []*guard
	for _, s := range d.Singleton.Sites {
		if s.Outer != nil {
			continue // the second test of one of the others
		}
		g := newGuard(d.fx, s)
		if g == nil || s.Read.In != s.Func || s.Var.Obj != d.v.Obj || len(s.Held) > 0 || len(s.Calls) > 0 {
			return nil, refuse(NoForm, s.Stmt.Pos(), "the test of %s and what fills it do not stand in one function", d.v.Name())
		}
		guards = append(guards, g)
	}
	if len(guards) == 0 {
		return nil, refuse(NoForm, d.v.Obj.Pos(), "nothing tests %s before it is filled", d.v.Name())
	}
	return guards, nil
}

// writersHold proves that whoever writes the variable holds the mutex, and
// that nothing empties it: two loads of a getter could then disagree.
func (rc *recheck) writersHold(guards []*guard) *Refusal {
	for _, a := range rc.v.Accesses {
		if a.Kind == detect.Read || early(a) {
			continue
		}
		if !a.Held.Holds(rc.lock, true) {
			return refuse(NoForm, a.Pos(), "%s is changed here without %s", rc.v.Name(), rc.mu)
		}
		if a.Kind == detect.Write && !inBlocks(guards, a) && (a.Value == nil || rc.newFilling(rc.v.Obj, rc.kind, 0).value(a.Value) != filled) {
			return refuse(NoForm, a.Pos(), "%s may be emptied here, so that a test and the read behind it may disagree", rc.v.Name())
		}
		if a.Kind == detect.Write && a.Value != nil && rc.empties(rc.v, a.Value) {
			return refuse(NoForm, a.Pos(), "%s is emptied here, so that a test and the read behind it may disagree", rc.v.Name())
		}
	}
	return nil
}

// loadEach lets the other reads in the functions of the sites load the
// variable one by one: a copy from before the fill would be stale behind it.
func (rc *recheck) loadEach(guards []*guard) {
	for _, g := range guards {
		for _, a := range rc.in(g.Func.Body()) {
			if a.Kind == detect.Read && a.In == g.Func && !rc.done[a] {
				rc.done[a] = true
				rc.replace(a.Expr, rc.load())
			}
		}
	}
}
