package rewrite

import (
	"go/ast"
	"go/token"

	"github.com/singletonfix/singletonfix/detect"
)

// A readLocked is a function that tests a field under RLock, and goes on to
// fill it under Lock:
//
//	mu.RLock()
//	x := s.field
//	mu.RUnlock()
//	if x != nil {
//		return x
//	}
//	... // makes x
//	mu.Lock()
//	s.field = x
//	mu.Unlock()
//	return x
type readLocked struct {
	copied       *ast.AssignStmt // x := s.field
	test         *ast.IfStmt
	lock, unlock ast.Stmt // around the assignment
}

// readLockedIn returns the parts of fn's body, or nil where it is no such function.
func (l *fieldLocking) readLockedIn(fn *detect.Func) *readLocked {
	list := fn.Body().List
	ops := make(map[string][]int)
	for i, s := range list {
		for _, op := range []string{"RLock", "RUnlock", "Lock", "Unlock"} {
			if e, ok := s.(*ast.ExprStmt); ok && l.source(e, nil) == l.mu+"."+op+"()" {
				ops[op] = append(ops[op], i)
			}
		}
	}
	total := 0
	for _, c := range fn.Calls {
		if l.lockedBy(c.Expr) == l.author {
			total++
		}
	}
	for _, op := range []string{"RLock", "RUnlock", "Lock", "Unlock"} {
		if len(ops[op]) != 1 {
			return nil
		}
	}
	read, write, end := ops["RLock"][0], ops["Lock"][0], ops["Unlock"][0]
	if total != 2 || ops["RUnlock"][0] != read+2 || write < read+4 || end != write+2 {
		return nil
	}
	r := &readLocked{lock: list[write], unlock: list[end]}
	var ok bool
	r.copied, ok = list[read+1].(*ast.AssignStmt)
	if !ok || r.copied.Tok != token.DEFINE || len(r.copied.Lhs) != 1 || len(l.in(r.copied)) != 1 || hasCall(r.copied) {
		return nil
	}
	r.test, ok = list[read+3].(*ast.IfStmt)
	if !ok || r.test.Init != nil || r.test.Else != nil || hasCall(r.test) || len(r.test.Body.List) != 1 || !isReturn(r.test.Body.List[0]) || len(l.in(r.test)) != 0 {
		return nil
	}
	return r
}

// retest emits the second test, under the lock that is now held from there on.
func (l *fieldLocking) retest(r *readLocked) {
	again := l.source(r.copied.Lhs[0], nil) + " = " + l.source(r.copied.Rhs[0], nil)
	l.edit(Edit{Op: InsertAfter, At: r.test, Code: l.mu + ".Lock()\ndefer " + l.mu + ".Unlock()\nif " + again + "; " + l.source(r.test.Cond, nil) + " {\n" +
		l.source(r.test.Body.List[0], nil) + "\n}"})
	l.edit(Edit{Op: Delete, At: r.lock})
	l.edit(Edit{Op: Delete, At: r.unlock})
}
