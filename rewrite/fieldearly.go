package rewrite

import (
	"go/ast"
	"slices"

	"github.com/singletonfix/singletonfix/detect"
)

// lockEarly takes the author's lock, which the code behind an early return
// takes, in front of the test that leads to the return:
//
//	if s.field != "" || !s.has() {
//		return s.field
//	}
//	name := s.name()
//	s.mu.Lock()
//	defer s.mu.Unlock()
//	... // fills the field
func (l *fieldLocking) lockEarly(g *guard) *Refusal {
	test, ok := g.stmt.(*ast.IfStmt)
	at := slices.IndexFunc(g.Block, l.isLock)
	if !ok || !g.body || g.Copy != nil || test.Init != nil || at < 0 || at+2 >= len(g.Block) || !l.isUnlock(g.Block[at+1]) {
		return refuse(ControlFlow, g.stmt.Pos(), "%s is not taken where %s is found empty, and held to the end", l.mu, l.v.Name())
	}
	for _, a := range l.byFunc[g.Func] {
		if a.In == g.Func && a.Pos() < test.Pos() {
			return refuse(ControlFlow, a.Pos(), "%s is used in front of the test of it", l.v.Name())
		}
	}
	before := append([]ast.Stmt{test}, g.Block[:at]...)
	if r := l.comesBack(g.Func, append(slices.Clone(before), g.Block[at+2:]...), l.byFunc[g.Func]); r != nil {
		return r
	}
	if n := l.stays(g.Func, before); n != nil {
		return refuse(ControlFlow, n.Pos(), "this does not end, and others would wait for the lock")
	}
	if call := l.blocking(&guard{Site: &detect.Site{Func: g.Func, Block: before}}); call != "" {
		l.Review = true
		l.note(call + " may block: other callers of " + g.Func.Name() + " now wait for it")
	}
	l.note("callers of " + g.Func.Name() + " that find " + l.v.Name() + " filled now take " + l.mu + " too")
	switch again := l.sameTest(test, g.Block[at+2]); {
	case again && at == 0:
		l.edit(Edit{Op: Delete, At: test})
		return nil
	case again:
		l.edit(Edit{Op: Delete, At: g.Block[at+2]})
	case g.Inner != nil:
		return refuse(ControlFlow, g.Inner.Stmt.Pos(), "%s is tested otherwise here than in front of the lock", l.v.Name())
	}
	l.edit(Edit{Op: Delete, At: g.Block[at]})
	l.edit(Edit{Op: Delete, At: g.Block[at+1]})
	l.edit(Edit{Op: InsertBefore, At: test, Code: l.mu + ".Lock()\ndefer " + l.mu + ".Unlock()"})
	return nil
}

// sameTest reports whether s is the test once more.
func (l *fieldLocking) sameTest(test *ast.IfStmt, s ast.Stmt) bool {
	again, ok := s.(*ast.IfStmt)
	return ok && again.Init == nil && again.Else == nil && len(again.Body.List) == 1 && len(test.Body.List) == 1 &&
		l.source(again.Cond, nil) == l.source(test.Cond, nil) && l.source(again.Body.List[0], nil) == l.source(test.Body.List[0], nil)
}
