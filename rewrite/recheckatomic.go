package rewrite

import (
	"go/ast"
	"slices"

	"github.com/singletonfix/singletonfix/detect"
)

// isAtomic reports whether the variable is an atomic already.
func (d *draft) isAtomic() bool {
	return len(d.v.Accesses) > 0 && !slices.ContainsFunc(d.v.Accesses, func(a *detect.Access) bool { return a.Atomic == detect.NotAtomic })
}

// testAgain plans an atomic that is tested outside the lock only: the same
// test goes behind the lock once more.
func (d *draft) testAgain() *Refusal {
	guards, r := d.outerGuards()
	if r != nil {
		return r
	}
	if r := d.loadedTwice(guards, d.underAuthors); r != nil {
		return r
	}
	rc := &recheck{atomicVar: &atomicVar{draft: d, mu: d.Singleton.Mutex.Name()}}
	for _, g := range guards {
		f, ok := g.stmt.(*ast.IfStmt)
		from, to := rc.critical(g.Block)
		if !ok || g.Inner != nil || from < 0 || f.Else != nil || !contains(f, g.Read.Expr) {
			return refuse(ControlFlow, g.stmt.Pos(), "the test of %s cannot be made twice", d.v.Name())
		}
		if loads := d.loadsAgain(g, guards, d.underAuthors); len(loads) > 0 {
			return loadedAgain(loads[0])
		}
		under := g.Block[from:to]
		switch {
		case g.Form == detect.GuardEarly && len(f.Body.List) == 1 && isReturn(f.Body.List[0]):
			d.edit(Edit{Op: InsertBefore, At: under[0], Code: d.secondTest(f, nil)})
		case g.Form == detect.GuardThen && f.Init == nil && !leavesAny(under):
			d.edit(Edit{Op: ReplaceStmts, At: under[0], Last: lastStmt(under), Holes: map[string][]ast.Node{"block": nodes(under)},
				Code: "if " + d.source(f.Cond, nil) + " {\n$block\n}"})
		default:
			return refuse(ControlFlow, g.stmt.Pos(), "the test of %s cannot be made twice", d.v.Name())
		}
	}
	return nil
}

// underAuthors reports whether the author's lock is held at a.
func (d *draft) underAuthors(a *detect.Access) bool { return a.Held.Holds(d.authorsLock(), false) }

// authorsLock returns the mutex that the author fills the variable under.
func (d *draft) authorsLock() detect.Lock {
	return detect.Lock{Root: d.Singleton.Mutex.Obj, Path: d.Singleton.Mutex.Field}
}
