package rewrite

import (
	"go/ast"
	"slices"
	"strings"

	"github.com/singletonfix/singletonfix/detect"
)

// teardown plans a function that reads the variable and writes it: what it
// does from the first use to the last, and what little may stand behind,
// happens under the lock.
func (x *atomicVar) teardown(f *detect.Func, all []*detect.Access) *Refusal {
	list := f.Body().List
	first, last := stmtAround(list, all[0].Expr), stmtAround(list, all[len(all)-1].Expr)
	for _, s := range list[last+1:] {
		if hasCall(s) {
			return refuse(Teardown, s.Pos(), "%s goes on after it has emptied %s, and would hold the lock meanwhile", f.Name(), x.v.Name())
		}
	}
	if r := x.mayWait(f, list[first:], nil); r != nil {
		return r
	}
	x.edit(Edit{Op: InsertBefore, At: list[first], Code: strings.TrimSuffix(x.lock(), "\n")}) // in front of any Load that goes there too
	x.locked = true
	defer func() { x.locked = false }()
	for _, a := range all {
		if x.home(a.In) != f {
			return refuse(Teardown, a.Pos(), "%s is used in a function literal of %s", x.v.Name(), f.Name())
		}
		if a.Kind != detect.Write {
			continue
		}
		code, holes, r := x.assign(f, a)
		if r != nil {
			return r
		}
		x.replaceStmt(a.Stmt, code, holes)
	}
	for _, run := range splitAtWrites(all) {
		x.reader(f, run)
	}
	x.proved("teardown-under-lock")
	return nil
}

// stmtAround returns the index of the statement of list that holds n.
func stmtAround(list []ast.Stmt, n ast.Node) int {
	return slices.IndexFunc(list, func(s ast.Stmt) bool { return contains(s, n) })
}
