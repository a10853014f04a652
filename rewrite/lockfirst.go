package rewrite

import (
	"go/ast"
	"slices"

	"github.com/singletonfix/singletonfix/detect"
)

// planLockFirst takes the author's mutex in front of the first test, for
// variables that cannot become atomic. It is what a registry gets whose lock
// is taken too late.
func planLockFirst(d *draft) *Refusal {
	mu := d.Singleton.Mutex
	if mu == nil || d.once != nil {
		return refuse(NoForm, d.v.Obj.Pos(), "it is unclear which mutex guards %s", d.v.Name())
	}
	g := d.newRegistry()
	g.own = true
	g.useAuthors(mu)
	for _, s := range d.Singleton.Sites {
		if s.Read.In != s.Func {
			return refuse(ControlFlow, s.Read.Pos(), "%s is tested in %s for %s, which fills it", d.v.Name(), s.Read.In.Name(), s.Func.Name())
		}
	}
	if r := g.elementsStay(); r != nil {
		return r
	}
	g.raiseLock()
	g.note("every call takes " + g.mu + " now, also where " + d.v.Name() + " is filled")
	return g.plan()
}

// raiseLock lets the helpers that fill the variable, and that only the sites
// call, leave it to those to take the mutex.
func (g *registry) raiseLock() {
	guards := g.anyGuards()
	inner := g.draft.inner(guards)
	g.locking.inner, g.raised = make(map[*detect.Func]bool), make(map[*detect.Func]bool)
	for _, x := range guards {
		helper := soleFiller(x)
		if helper == nil || !inner[helper] || g.raised[helper] || !g.locksThroughout(helper) {
			continue
		}
		g.locking.inner[helper], g.raised[helper] = true, true
		body := helper.Body().List
		g.edit(Edit{Op: Delete, At: body[0]})
		g.edit(Edit{Op: Delete, At: body[1]})
		g.note(helper.Name() + " is called with " + g.mu + " held, and no longer takes it")
	}
}

// locksThroughout reports whether f takes the author's mutex first of all,
// gives it up when it returns, and does more than that.
func (g *registry) locksThroughout(f *detect.Func) bool {
	body := f.Body().List
	ops := g.lockOps(f)
	if len(body) < 3 || len(ops) != 2 {
		return false
	}
	isOp := func(s ast.Stmt, name string) bool {
		return slices.ContainsFunc(ops, func(c *detect.Call) bool {
			return isCallStmt(s, c.Expr) && c.Expr.Fun.(*ast.SelectorExpr).Sel.Name == name
		})
	}
	deferred, ok := body[1].(*ast.DeferStmt)
	return isOp(body[0], "Lock") && ok && isOp(deferred, "Unlock")
}
