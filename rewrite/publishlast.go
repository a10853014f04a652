package rewrite

import (
	"go/ast"
	"go/types"
	"slices"

	"github.com/singletonfix/singletonfix/detect"
)

// planPublishLast plans a value that is stored before it is complete: the
// store moves behind the last statement that works on it.
func planPublishLast(d *draft) *Refusal {
	moved := false
	for _, s := range d.Singleton.Sites {
		for _, w := range s.Fills {
			list := d.listAround(w.Stmt)
			m := &lateStore{draft: d, f: w.In, store: w, list: list, at: slices.Index(list, w.Stmt)}
			if m.at < 0 || d.isMoved(w) {
				continue
			}
			if v := m.local(); v != nil && m.changedBehind(v) {
				if r := m.mayMove(); r != nil {
					return r
				}
				m.move()
				moved = true
			}
		}
	}
	if !moved {
		return refuse(NoForm, d.v.Obj.Pos(), "it is unclear where %s is complete", d.v.Name())
	}
	if a := d.loadedAgain(); a != nil {
		return refuse(ControlFlow, a.Pos(), "%s may be emptied between its test and this, which loads it once more", d.v.Name())
	}
	d.proved("built-before-stored")
	return nil
}

// loadedAgain returns a load, outside of every lock, of an atomic that its
// function has loaded before and that something may empty in between; or nil.
func (d *draft) loadedAgain() *detect.Access {
	if len(d.Singleton.Resets) == 0 {
		return nil
	}
	loaded := make(map[*detect.Func]bool)
	for _, a := range d.v.Accesses {
		if a.Atomic != detect.AtomicLoad || early(a) || len(a.Held) > 0 {
			continue
		}
		if loaded[a.In] {
			return a
		}
		loaded[a.In] = true
	}
	return nil
}

// storeBehind moves the store of the atomic behind what completes the value,
// or fills the values that a flag publishes.
func (x *retest) storeBehind(g *guard) *Refusal {
	for _, w := range g.Fills {
		m := &lateStore{draft: x.draft, f: w.In, store: w, list: g.Block, at: slices.Index(g.Block, w.Stmt)}
		v := m.local()
		if w.Atomic != detect.AtomicStore || !m.fillsBehind() && (v == nil || m.at < 0 || !m.changedBehind(v)) {
			continue
		}
		if m.at < 0 || w.In != g.Func || x.order[g] != nil {
			return refuse(ControlFlow, w.Pos(), "%s is not simply set where the initialisation is done", x.v.Name())
		}
		if r := m.mayMove(); r != nil {
			return r
		}
		x.panicNote(g.fn, g.Block)
		if x.Singleton.Mutex != nil || g.Form == detect.GuardEarly {
			m.move()
		} else {
			x.order[g] = m.reordered()
		}
	}
	x.proved("built-before-stored")
	return nil
}

// panicNote says what becomes of a panic in front of the store, which used to
// stand behind it.
func (d *draft) panicNote(f *detect.Func, block []ast.Stmt) {
	if d.mayPanic(f, block) != nil {
		d.note("where the initialisation panics, the next caller tries again; " + d.v.Name() + " would have said that it is done")
	}
}

// A lateStore is a store of an atomic on its way to the end of its block.
type lateStore struct {
	*draft
	f     *detect.Func
	store *detect.Access
	list  []ast.Stmt
	at    int // of the store in list
}

// listAround returns the list of statements that s is part of.
func (d *draft) listAround(s ast.Stmt) []ast.Stmt {
	cur, ok := d.fx.Insp.Root().FindNode(s)
	if !ok {
		return nil
	}
	return stmtsOf(cur.Parent().Node())
}

// isMoved reports whether an edit has taken the store w away already.
func (d *draft) isMoved(w *detect.Access) bool {
	return slices.ContainsFunc(d.Edits, func(e Edit) bool { return e.Op == Delete && e.At == ast.Node(w.Stmt) })
}

// local returns the local variable whose value is stored, or nil.
func (m *lateStore) local() *types.Var {
	id, ok := ast.Unparen(m.store.Value).(*ast.Ident)
	if !ok {
		return nil
	}
	v, _ := m.pkg.Info.Uses[id].(*types.Var)
	return v
}

// changedBehind reports whether a statement behind the store, other than a
// return, uses the stored value.
func (m *lateStore) changedBehind(v *types.Var) bool {
	return slices.ContainsFunc(m.list[m.at+1:], func(s ast.Stmt) bool { return !isReturn(s) && uses(m.pkg.Info, s, v) })
}

// fillsBehind reports whether another variable of the singleton is filled
// behind the store in its function, or used where that may complete it.
func (m *lateStore) fillsBehind() bool {
	return slices.ContainsFunc(m.Singleton.Vars, func(v *detect.Variable) bool {
		return v.Obj != m.v.Obj && slices.ContainsFunc(v.Accesses, func(a *detect.Access) bool {
			completes := a.Kind == detect.Write || inStmts(m.list, a.Expr) && !isReturn(a.Stmt)
			return completes && a.In == m.f && a.Pos() > m.store.Pos()
		})
	})
}

// mayMove proves that the store can happen at the end of the list, in front of
// a return.
func (m *lateStore) mayMove() *Refusal {
	behind := m.list[m.at+1:]
	if len(behind) == 0 {
		return refuse(ControlFlow, m.store.Pos(), "%s is completed elsewhere than behind this", m.v.Name())
	}
	last := lastStmt(behind)
	if isReturn(last) {
		behind = behind[:len(behind)-1]
	}
	for _, s := range behind {
		if n := leaves(s); n != nil {
			return refuse(ControlFlow, n.Pos(), "this leaves %s while %s is stored and not complete", m.f.Name(), m.v.Name())
		}
	}
	return m.unseen(behind, last)
}

// move emits the store at the end of the list.
func (m *lateStore) move() {
	m.edit(Edit{Op: Delete, At: m.store.Stmt})
	e := Edit{Op: InsertAfter, At: lastStmt(m.list), Code: "$store", Holes: hole("store", m.store.Stmt)}
	if isReturn(lastStmt(m.list)) {
		e.Op = InsertBefore
	}
	m.edit(e)
}

// reordered returns the list with the store at its end.
func (m *lateStore) reordered() []ast.Stmt {
	list := slices.Delete(slices.Clone(m.list), m.at, m.at+1)
	end := len(list)
	if isReturn(lastStmt(list)) {
		end--
	}
	return slices.Insert(list, end, m.store.Stmt)
}

// unseen proves that nobody in the statements, nor in what last returns,
// counts on the store that has not happened by then.
func (m *lateStore) unseen(stmts []ast.Stmt, last ast.Stmt) *Refusal {
	if isReturn(last) && hasCall(last) {
		return refuse(ControlFlow, last.Pos(), "what is returned here is called while %s is not complete", m.v.Name())
	}
	r := reachOf(m.fx, nodes(stmts)...)
	for _, a := range m.v.Accesses {
		if inStmts(stmts, a.Expr) || a.In != nil && r.funcs[a.In] {
			return refuse(Reentrant, a.Pos(), "this uses %s, and may run before it is complete", m.v.Name())
		}
	}
	if n := m.callsRegistered(stmts); n != nil {
		return refuse(Reentrant, n.Pos(), "this calls what other packages have registered, which may come back to %s", m.f.Name())
	}
	if v := m.local(); v != nil && assignedIn(m.pkg.Info, v, stmts, 0) {
		return refuse(ControlFlow, m.store.Pos(), "%s is another value by the time that it is complete", v.Name())
	}
	if n := m.meets(m.f, stmts); n != nil {
		return refuse(ControlFlow, n.Pos(), "%s is stored before another goroutine goes on here, or is waited for; the fix would store it later", m.v.Name())
	}
	return nil
}
