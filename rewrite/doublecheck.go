package rewrite

import (
	"slices"

	"github.com/singletonfix/singletonfix/detect"
)

var doublecheck = &Strategy{
	Name: "doublecheck",
	Doc: `the variable becomes atomic, and is tested again under a lock

	var (
		instance   atomic.Pointer[T]
		instanceMu sync.Mutex
	)

	func Get() (*T, error) {
		if v := instance.Load(); v != nil {
			return v, nil
		}
		instanceMu.Lock()
		defer instanceMu.Unlock()
		if v := instance.Load(); v != nil {
			return v, nil
		}
		v, err := newT()
		if err != nil {
			return nil, err
		}
		instance.Store(v)
		return v, nil
	}

One goroutine at a time builds the value, and nobody sees it before it is stored, last. A failure
is tried again by the next caller, as before; a reset takes the same lock. Once the value is
there, a call costs one atomic load. It needs go 1.19 in go.mod.`,
	plan: planDoubleCheck,
}

func planDoubleCheck(d *draft) *Refusal {
	if d.Singleton.Pattern == "broken-double-check" || d.Singleton.Pattern == "missing-recheck" {
		return planRecheck(d)
	}
	switch d.Singleton.Pattern {
	case "nil-check", "helper-init", "flag-guard", "checked-once", "once-reset", "unlocked-reset", "unlocked-read":
	case "racy-atomic":
		return planRacyAtomic(d)
	case "early-publish":
		return planPublishLast(d)
	case "lost-once-error":
		return planLostRetry(d)
	case "local-lock":
		return refuse(notThis, d.v.Obj.Pos(), "the lock is right, but for where it stands or what it leaves behind")
	default:
		return refuse(NoForm, d.v.Obj.Pos(), "there is no fix for the pattern %s yet", d.Singleton.Pattern)
	}
	if d.v.Field != "" {
		return refuse(NoForm, d.v.Obj.Pos(), "%s is a field of a package variable", d.v.Name())
	}
	if d.Singleton.Mutex != nil && d.once == nil {
		return refuse(notThis, d.v.Obj.Pos(), "the getter has a lock already")
	}
	if d.once != nil {
		return planOnceDoubleCheck(d)
	}
	if d.kind == flagTest || d.numberFlag() {
		return planFlag(d)
	}
	if r := d.goAtLeast("go1.19", "atomic.Pointer"); r != nil {
		return r
	}
	guards, r := d.guards()
	if r != nil {
		return r
	}
	return d.makeAtomic(guards)
}

// guards describes every site; the sites must be ones of which the
// variable's name tells all.
func (d *draft) guards() ([]*guard, *Refusal) {
	var guards []*guard
	for _, s := range d.Singleton.Sites {
		g := newGuard(d.fx, s)
		switch {
		case g == nil:
			return nil, refuse(ControlFlow, s.Stmt.Pos(), "no lock can be put in front of this test of %s", d.v.Name())
		case holdsMutex(s):
			return nil, refuse(NoForm, s.Stmt.Pos(), "%s is tested under a lock that others do not take", d.v.Name())
		case s.Inner != nil:
			return nil, refuse(NoForm, s.Stmt.Pos(), "%s is tested a second time under a lock of its own", d.v.Name())
		case s.Var.Obj != d.v.Obj || s.Var.Field != d.v.Field:
			return nil, refuse(NoForm, s.Stmt.Pos(), "%s and %s guard each other", d.v.Name(), s.Var.Name())
		case kindOf(d.pkg.Info, s.Test) != d.kind:
			return nil, refuse(NoForm, s.Stmt.Pos(), "%s is tested in different ways", d.v.Name())
		}
		guards = append(guards, g)
	}
	if len(guards) == 0 {
		return nil, refuse(NoForm, d.v.Obj.Pos(), "nothing tests %s before it is filled", d.v.Name())
	}
	return guards, nil
}

// holdsMutex reports whether a mutex of the package is held at the test.
func holdsMutex(s *detect.Site) bool {
	return slices.ContainsFunc(s.Read.Held, func(l detect.Lock) bool {
		return l.Global() && (l.Mode == detect.Locked || l.Mode == detect.ReadLocked)
	})
}

// makeAtomic plans the whole form: the declaration, the sites, and every
// other use of the variable.
func (d *draft) makeAtomic(guards []*guard) *Refusal {
	if r := d.notReentrant(guards...); r != nil {
		return r
	}
	if r := d.companionsFollow(guards); r != nil {
		return r
	}
	x, r := d.newAtomic(guards)
	if r != nil {
		return r
	}
	return x.finish(guards)
}

// finish plans the sites, every other use of the variable, and its declaration.
func (x *atomicVar) finish(guards []*guard) *Refusal {
	x.after = guards[0]
	if r := x.lengthsTell(); r != nil {
		return r
	}
	x.findContext(guards)
	x.findSlow(guards)
	for _, g := range guards {
		if r := x.site(g); r != nil {
			return r
		}
	}
	if r := x.others(); r != nil {
		return r
	}
	x.declare()
	x.canEmpty()
	x.proved("built-before-stored")
	return nil
}
