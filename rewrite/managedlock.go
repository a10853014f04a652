package rewrite

import (
	"go/ast"
	"slices"

	"golang.org/x/tools/go/ast/edge"

	"github.com/singletonfix/singletonfix/detect"
)

// A managedLock is the author's mutex, which guards one value and goes: the
// managed value's own lock takes its place wherever it was held.
type managedLock struct {
	*draft
	mu    *detect.Variable
	lock  detect.Lock
	sites map[*detect.Func]bool   // functions whose lock goes with the test
	alone map[*detect.Access]bool // all that their functions do under the lock, which goes
}

// planManagedLocked plans a value that is built, or reset, under a mutex of
// the author's.
func planManagedLocked(d *draft) *Refusal {
	mu := d.Singleton.Mutex
	if mu == nil || d.kind == flagTest {
		return refuse(NoForm, d.v.Obj.Pos(), "it is no value of its own that is tested and built under a mutex here")
	}
	m := &managedLock{draft: d, mu: mu, lock: detect.Lock{Root: mu.Obj, Path: mu.Field}, sites: make(map[*detect.Func]bool)}
	d.author = d.mutexOf(m.lock)
	if r := m.mayGo(); r != nil {
		return r
	}
	guards, r := m.guards()
	if r != nil {
		return r
	}
	for _, check := range []func() *Refusal{
		func() *Refusal { return m.guardsOnly(guards) },
		func() *Refusal { return d.notReentrant(guards...) },
		func() *Refusal { return d.companionsFollow(guards) },
	} {
		if r := check(); r != nil {
			return r
		}
	}
	x, r := d.newAtomic(guards)
	if r != nil {
		return r
	}
	x.after = guards[0]
	if r := x.lengthsTell(); r != nil {
		return r
	}
	for _, g := range guards {
		if r := m.getter(x, g); r != nil {
			return r
		}
	}
	m.alone = make(map[*detect.Access]bool)
	for _, f := range d.fx.Funcs {
		if r := m.elsewhere(x, f); r != nil {
			return r
		}
	}
	for _, a := range d.v.Accesses {
		if a.Kind != detect.Read && !x.done[a] && !m.alone[a] && a.Held.Holds(m.lock, false) {
			return refuse(NoForm, a.Pos(), "%s is changed here, where a caller holds %s", d.v.Name(), mu.Name())
		}
	}
	if r := x.others(); r != nil {
		return r
	}
	x.declare()
	m.drop()
	x.canEmpty()
	x.proved("built-before-stored")
	return nil
}

// mayGo proves that the mutex is used for nothing but to be locked and unlocked,
// by readers, where it tells them from others, in functions that do no more than read.
func (m *managedLock) mayGo() *Refusal {
	mu := m.mu
	if mu.Field != "" || mu.Obj.Exported() || !slices.Contains([]string{"sync.Mutex", "sync.RWMutex"}, mu.Obj.Type().String()) || mu.Spec == nil || len(mu.Spec.Values) > 0 {
		return refuse(NoForm, mu.Obj.Pos(), "%s is no mutex variable that could go: the manager has a lock of its own, which is a plain one", mu.Name())
	}
	for _, f := range m.pkg.Left {
		if m.usesName(f, mu.Name()) {
			return refuse(BuildVariant, mu.Obj.Pos(), "%s, which build constraints leave out, uses %s", fileName(f), mu.Name())
		}
	}
	for _, a := range mu.Accesses {
		switch m.opOf(a) {
		case "Lock", "Unlock":
			continue
		case "RLock", "RUnlock":
			if a.In != nil && m.onlySets(a.In, m.usesIn(a.In)) {
				continue // a Load does as well
			}
			return refuse(NoForm, a.Pos(), "%s lets several in here at once: the manager has a lock for one", mu.Name())
		}
		return refuse(NoForm, a.Pos(), "%s is used here other than to be locked: the manager has a lock of its own", mu.Name())
	}
	return nil
}

// usesIn returns the accesses to the value that f makes itself.
func (m *managedLock) usesIn(f *detect.Func) []*detect.Access {
	return slices.DeleteFunc(slices.Clone(m.v.Accesses), func(a *detect.Access) bool { return a.In != f })
}

// opOf returns the method, Lock, RLock or what gives up either, that a, an
// access to the mutex, calls in a statement of its own; else "".
func (m *managedLock) opOf(a *detect.Access) string {
	cur := a.Cur
	if cur.ParentEdgeKind() != edge.SelectorExpr_X {
		return ""
	}
	sel := cur.Parent().Node().(*ast.SelectorExpr)
	if cur.Parent().ParentEdgeKind() != edge.CallExpr_Fun || !slices.Contains([]string{"Lock", "Unlock", "RLock", "RUnlock"}, sel.Sel.Name) {
		return ""
	}
	switch cur.Parent().Parent().ParentEdgeKind() {
	case edge.ExprStmt_X, edge.DeferStmt_Call:
		return sel.Sel.Name
	}
	return ""
}

// guardsOnly proves that nothing else that changes is used under the mutex,
// but for what the builders do: that lock is the value's own from now on.
func (m *managedLock) guardsOnly(guards []*guard) *Refusal {
	inner := m.inner(guards)
	for _, v := range m.fx.Vars {
		if v.Obj == m.mu.Obj || slices.ContainsFunc(m.Singleton.Vars, func(w *detect.Variable) bool { return w.Obj == v.Obj }) {
			continue
		}
		if !slices.ContainsFunc(v.Accesses, func(a *detect.Access) bool { return a.Kind != detect.Read && !early(a) }) {
			continue
		}
		for _, a := range v.Accesses {
			if a.Held.Holds(m.lock, false) && !inBlocks(guards, a) && !inner[a.In] {
				return refuse(NoForm, a.Pos(), "%s guards %s too, so it cannot become the manager's", m.mu.Name(), v.Name())
			}
		}
	}
	return nil
}

// getter lets a function that only returns the value ask the manager for it.
func (m *managedLock) getter(x *atomicVar, g *guard) *Refusal {
	if t, ok := x.flatTail(g); !ok || !x.handsOut(g, t) {
		return refuse(NoForm, g.stmt.Pos(), "%s does more than to return %s, some of it under %s", g.Func.Name(), m.v.Name(), m.mu.Name())
	}
	for _, a := range m.mu.Accesses {
		if inStmts(g.Block, a.Expr) {
			m.edit(Edit{Op: Delete, At: a.Stmt})
		}
	}
	return x.site(g)
}

// elsewhere plans f, outside the sites, if it takes the mutex.
func (m *managedLock) elsewhere(x *atomicVar, f *detect.Func) *Refusal {
	locks := slices.DeleteFunc(slices.Clone(m.mu.Accesses), func(a *detect.Access) bool { return a.In != f })
	if len(locks) == 0 || m.sites[f] {
		return nil
	}
	uses := slices.DeleteFunc(x.in(f.Body()), func(a *detect.Access) bool { return a.In != f || x.done[a] })
	if len(uses) == 0 {
		return refuse(NoForm, locks[0].Pos(), "%s is taken here for something else than %s", m.mu.Name(), m.v.Name())
	}
	if m.onlySets(f, uses) {
		for _, a := range locks {
			m.edit(Edit{Op: Delete, At: a.Stmt})
		}
		m.alone[uses[0]] = true
		return nil // see others
	}
	for _, a := range locks {
		m.replace(a.Expr, m.v.Obj.Name())
	}
	for _, a := range uses {
		x.done[a] = true
		if a.Kind == detect.Read {
			continue
		}
		if !a.Held.Holds(m.lock, true) || plainAssign(a) == nil {
			return refuse(ControlFlow, a.Pos(), "%s is changed here other than by a plain assignment under %s", m.v.Name(), m.mu.Name())
		}
		x.locked = true
		code, holes, r := x.assign(f, a)
		x.locked = false
		if r != nil {
			return r
		}
		x.replaceStmt(a.Stmt, code, holes)
	}
	for _, run := range splitAtWrites(uses) {
		x.reader(f, run)
	}
	return nil
}

// onlySets reports whether all that f does is to assign the variable under the
// mutex, or to return something of it: the manager takes its lock itself.
func (m *managedLock) onlySets(f *detect.Func, uses []*detect.Access) bool {
	list := f.Body().List
	if len(list) != 3 || len(uses) != 1 {
		return false
	}
	use, mu := uses[0], m.mu.Name()
	switch {
	case m.source(list[0], nil) == mu+".RLock()" && m.source(list[1], nil) == "defer "+mu+".RUnlock()":
		return use.Stmt == list[2] && use.Kind == detect.Read && isReturn(list[2]) && !hasCall(list[2])
	case isLockAndDefer(m.draft, list, mu):
		return use.Stmt == list[2] && (use.Kind == detect.Write || use.Kind == detect.Read && isReturn(list[2]) && !hasCall(list[2]))
	case m.source(list[0], nil) == mu+".Lock()" && m.source(list[2], nil) == mu+".Unlock()":
		return use.Stmt == list[1] && use.Kind == detect.Write
	}
	return false
}

// isLockAndDefer reports whether list begins with mu.Lock() and defer mu.Unlock().
func isLockAndDefer(d *draft, list []ast.Stmt, mu string) bool {
	return len(list) > 1 && d.source(list[0], nil) == mu+".Lock()" && d.source(list[1], nil) == "defer "+mu+".Unlock()"
}

// drop deletes the declaration of the mutex.
func (m *managedLock) drop() {
	spec := m.mu.Spec
	if spec.Doc != nil || spec.Comment != nil || m.mu.Decl.Doc != nil && len(m.mu.Decl.Specs) == 1 {
		m.note("the comment of " + m.mu.Name() + ", which goes, moves to " + m.v.Name())
	}
	if len(spec.Names) > 1 {
		m.edit(Edit{Op: Delete, At: m.mu.Ident()})
		return
	}
	m.edit(Edit{Op: Delete, At: spec, CommentsTo: m.v.Spec})
}
