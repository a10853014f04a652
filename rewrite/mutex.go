package rewrite

import (
	"go/ast"
	"slices"

	"github.com/singletonfix/singletonfix/detect"
)

var mutex = &Strategy{
	Name: "mutex",
	Doc: `whoever writes the variable takes the lock that its getter takes

	func Reset() {
		instanceMu.Lock()
		defer instanceMu.Unlock()
		instance = nil
	}

It fits where the getter holds a mutex already. Nothing else changes.`,
	plan: planMutex,
}

func planMutex(d *draft) *Refusal {
	s := d.Singleton
	if s.Pattern != "unlocked-reset" || s.Mutex == nil || s.Once != nil {
		return refuse(notThis, d.v.Obj.Pos(), "the getter holds no mutex")
	}
	lock := detect.Lock{Root: s.Mutex.Obj, Path: s.Mutex.Field}
	byFunc := make(map[*detect.Func][]*detect.Access)
	for _, v := range s.Vars {
		for _, a := range v.Accesses {
			if a.Held.Holds(lock, a.Kind != detect.Read) || d.beforeSharing(a) {
				continue
			}
			if a.In == nil {
				return refuse(InitOrder, a.Pos(), "%s is used while the package is initialised", v.Name())
			}
			byFunc[a.In] = append(byFunc[a.In], a)
		}
	}
	for _, f := range d.fx.Funcs {
		if len(byFunc[f]) == 0 {
			continue
		}
		if r := d.takeLock(f, byFunc[f], s.Mutex.Name(), lock); r != nil {
			return r
		}
	}
	return nil
}

// beforeSharing reports whether a happens before anything runs at the same
// time, or in a test.
func (d *draft) beforeSharing(a *detect.Access) bool {
	return a.Phase == detect.Initial || a.Phase == detect.Testing
}

// takeLock lets f hold the mutex from its first use of the variables on.
func (d *draft) takeLock(f *detect.Func, all []*detect.Access, mu string, lock detect.Lock) *Refusal {
	slices.SortFunc(all, func(a, b *detect.Access) int { return int(a.Pos() - b.Pos()) })
	list := f.Body().List
	first, last := stmtAround(list, all[0]), stmtAround(list, all[len(all)-1])
	if slices.ContainsFunc(f.Calls, func(c *detect.Call) bool { return lockName(d, c.Expr) == mu }) {
		return refuse(ControlFlow, all[0].Pos(), "%s takes %s already, but not here", f.Name(), mu)
	}
	if mine := f.Entry; mine.Holds(lock, false) || slices.Contains(d.heldByCallers(f), mu) {
		return refuse(LockOrder, all[0].Pos(), "a caller of %s may hold %s already", f.Name(), mu)
	}
	if r := d.oneOrder(all, mu, lock); r != nil {
		return r
	}
	x := &atomicVar{draft: d}
	if r := x.mayWait(f, list[first:]); r != nil {
		return r
	}
	if r := d.takesLock(f, list[first:], mu); r != nil {
		return r
	}
	d.proved("lock-order")
	if !slices.ContainsFunc(list[last+1:], func(s ast.Stmt) bool { return hasCall(s) }) {
		d.edit(Edit{Op: InsertBefore, At: list[first], Code: mu + ".Lock()\ndefer " + mu + ".Unlock()"})
		return nil
	}
	if leavesAny(list[first:last+1]) || slices.ContainsFunc(list[first:last+1], func(s ast.Stmt) bool { return hasCall(s) }) {
		return refuse(Teardown, list[last+1].Pos(), "%s goes on after its use of %s, and would hold %s meanwhile", f.Name(), d.v.Name(), mu)
	}
	d.edit(Edit{Op: InsertBefore, At: list[first], Code: mu + ".Lock()"})
	d.edit(Edit{Op: InsertAfter, At: list[last], Code: mu + ".Unlock()"})
	return nil
}

// takesLock proves that what the statements call does not take the mutex again.
func (d *draft) takesLock(f *detect.Func, stmts []ast.Stmt, mu string) *Refusal {
	r := reachOf(d.fx, f, nodes(stmts)...)
	for _, g := range d.fx.Funcs {
		if !r.funcs[g] {
			continue
		}
		for _, c := range g.Calls {
			if lockName(d, c.Expr) == mu {
				return refuse(Reentrant, c.Expr.Pos(), "%s calls %s, which takes %s again", f.Name(), g.Name(), mu)
			}
		}
	}
	return nil
}

// oneOrder proves that what is held where the mutex will be taken is nowhere
// taken by someone who holds the mutex.
func (d *draft) oneOrder(all []*detect.Access, mu string, lock detect.Lock) *Refusal {
	for _, f := range d.fx.Funcs {
		for _, c := range f.Calls {
			inner := lockName(d, c.Expr)
			if inner == "" || !c.Held.Holds(lock, false) {
				continue
			}
			for _, a := range all {
				if slices.ContainsFunc(a.Held, func(l detect.Lock) bool { return l.Name() == inner }) {
					return refuse(LockOrder, c.Expr.Pos(), "%s is taken here under %s; the fix would take them the other way round", inner, mu)
				}
			}
		}
	}
	return nil
}
