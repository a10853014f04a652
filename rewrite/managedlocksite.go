package rewrite

import (
	"go/ast"
	"slices"

	"github.com/singletonfix/singletonfix/detect"
)

// guards describes the first tests, each with what builds the value as its
// block: what stands between that and the test is about the mutex.
func (m *managedLock) guards() ([]*guard, *Refusal) {
	var guards []*guard
	for _, s := range m.Singleton.Sites {
		if s.Outer != nil {
			continue // the second test of one of the others
		}
		g := newGuard(m.fx, s)
		switch {
		case g == nil || s.Read.In != s.Func || len(s.Calls) > 0 || !g.plain || !g.body || len(s.Block) == 0:
			return nil, refuse(NoForm, s.Stmt.Pos(), "the test of %s, and what fills it, are not all that this function does", m.v.Name())
		case s.Var.Obj != m.v.Obj || s.Var.Field != m.v.Field || kindOf(m.pkg.Info, s.Test) != m.kind:
			return nil, refuse(NoForm, s.Stmt.Pos(), "%s is tested in different ways", m.v.Name())
		}
		block := m.building(g)
		if len(block) == 0 {
			return nil, refuse(ControlFlow, s.Stmt.Pos(), "it is not seen that %s is taken for the initialisation of %s, and for nothing else", m.mu.Name(), m.v.Name())
		}
		site := *g.Site
		site.Block = block
		g.Site = &site
		m.sites[s.Func] = true
		guards = append(guards, g)
	}
	if len(guards) == 0 {
		return nil, refuse(NoForm, m.v.Obj.Pos(), "nothing tests %s before it is filled", m.v.Name())
	}
	return guards, nil
}

// building returns the statements that build the value where g finds none, or
// nil if those around them do more than to take the mutex and to test again.
func (m *managedLock) building(g *guard) []ast.Stmt {
	if g.Held.Holds(m.lock, true) {
		if g.Inner != nil || !isLockAndDefer(m.draft, g.list, m.mu.Name()) || g.list[2] != g.first() {
			return nil
		}
		m.edit(Edit{Op: Delete, At: g.list[0]})
		m.edit(Edit{Op: Delete, At: g.list[1]})
		return g.Block
	}
	rc := &recheck{atomicVar: &atomicVar{draft: m.draft, mu: m.mu.Name()}, lock: m.lock}
	from, to := rc.critical(g.Block)
	if from < 0 || len(g.Held) > 0 || !m.endsAlike(g, rc, g.Block[to:]) {
		return nil
	}
	under := g.Block[from:to]
	if g.Inner == nil {
		return under
	}
	inner := newGuard(m.fx, g.Inner)
	if inner == nil || !inner.plain || inner.Copy != nil || inner.Func != g.Func || inner.first() != under[0] || inner.Read.In != g.Func {
		return nil
	}
	switch inner.Form {
	case detect.GuardThen:
		if m.endsAlike(g, rc, under[1:]) {
			return inner.Block
		}
	case detect.GuardEarly:
		if m.endsAlike(g, rc, inner.early) {
			return under[1:]
		}
	}
	return nil
}

// endsAlike reports whether stmts give up the mutex, and return what g's
// function returns where it finds the value, or nothing at all.
func (m *managedLock) endsAlike(g *guard, rc *recheck, stmts []ast.Stmt) bool {
	last := g.rest
	if g.Form == detect.GuardEarly {
		last = g.early
	}
	return !slices.ContainsFunc(stmts, func(s ast.Stmt) bool {
		return !rc.isLockOp(s, "Unlock") && !(isReturn(s) && len(last) == 1 && m.source(s, nil) == m.source(last[0], nil))
	})
}
