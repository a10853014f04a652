package rewrite

import (
	"go/ast"
	"go/token"
	"slices"

	"github.com/singletonfix/singletonfix/detect"
)

// A region is a run of statements of one list that holds the lock.
type region struct {
	f           *detect.Func
	list        []ast.Stmt
	first, last int
	body        bool // list is the body of f
	all         []*detect.Access
}

func (r *region) stmts() []ast.Stmt { return r.list[r.first : r.last+1] }
func (r *region) rest() []ast.Stmt  { return r.list[r.last+1:] }

// function lets f hold the lock where it uses the maps: over all of its uses
// where a key is looked up and filled, and in functions that do no such
// thing for each use alone if one lock for all would be held too long.
func (g *registry) function(f *detect.Func, all []*detect.Access) *Refusal {
	if g.own && g.takesLock(f) {
		return g.moveLock(f, all)
	}
	refusal := g.hold(f, all)
	if refusal == nil || len(all) == 1 || g.fills(f) {
		return refusal
	}
	edits := len(g.Edits)
	for _, a := range all {
		if r := g.hold(f, []*detect.Access{a}); r != nil {
			g.Edits = g.Edits[:edits]
			return refusal
		}
	}
	if slices.ContainsFunc(all, changes) {
		g.Review = true
		g.note(f.Name() + " takes the lock for each of its uses of " + g.v.Name() + ": what others store in between is not looked at again")
	}
	return nil
}

// hold takes the lock around the given accesses of f, in the smallest form that fits.
func (g *registry) hold(f *detect.Func, all []*detect.Access) *Refusal {
	r := g.regionOf(f, all)
	if r == nil {
		return refuse(ControlFlow, all[0].Pos(), "the lock cannot be taken in front of this")
	}
	if len(all) == 1 && !changes(all[0]) && g.hoist(r) {
		return g.ordered(r)
	}
	if ref := g.sound(r); ref != nil {
		return ref
	}
	if ref := g.elementsStayIn(r); ref != nil {
		return ref
	}
	if !g.hasWork(r.stmts()) && !leavesAny(r.stmts()) && !g.toEnd(r) && !g.mayPanicAt(all) {
		g.edit(Edit{Op: InsertBefore, At: r.list[r.first], Code: g.mu + ".Lock()"})
		g.edit(Edit{Op: InsertAfter, At: r.list[r.last], Code: g.mu + ".Unlock()"})
		return nil
	}
	if g.toEnd(r) {
		if ref := g.workInside(r); ref != nil {
			return ref
		}
		g.edit(Edit{Op: InsertBefore, At: r.list[r.first], Code: g.mu + ".Lock()\ndefer " + g.mu + ".Unlock()"})
		return nil
	}
	if g.lockPlainly(r) {
		return nil
	}
	return g.extractKeyed(r)
}

// regionOf returns the smallest run of statements with all the accesses, and
// with all that a look-up among them leads to; nil if there is none.
func (g *registry) regionOf(f *detect.Func, all []*detect.Access) *region {
	inside := make([]ast.Node, 0, len(all))
	for _, a := range all {
		inside = append(inside, a.Expr)
	}
	for _, s := range g.Singleton.Sites {
		if s.Func != f || !slices.Contains(all, s.Read) {
			continue
		}
		inside = append(inside, s.Test)
	}
	for _, c := range f.Calls {
		if g.inner[c.Callee] && len(g.usesIn(c.Callee)) > 0 {
			inside = append(inside, c.Expr)
		}
	}
	for c := range all[0].Cur.Enclosing() {
		n := c.Node()
		if n == f.Cur.Node() {
			return nil
		}
		list := stmtsOf(n)
		first, last := len(list), -1
		for _, e := range inside {
			at := stmtAround(list, e)
			if at < 0 || isClause(list[at]) {
				last = -1
				break
			}
			first, last = min(first, at), max(last, at)
		}
		if last < 0 {
			continue
		}
		if _, labelled := list[first].(*ast.LabeledStmt); labelled {
			return nil
		}
		return &region{f: f, list: list, first: first, last: last, body: n == ast.Node(f.Body()), all: all}
	}
	return nil
}

// toEnd reports whether the lock may be held until f returns: nothing that
// takes time stands behind the region, and there is no way past the return.
func (g *registry) toEnd(r *region) bool {
	end := r.list[len(r.list)-1]
	if g.hasWork(r.rest()) || !r.body && (!terminates(end) || jumpsOut(r.list[r.first:])) && !g.idleAround(r) {
		return false
	}
	for _, s := range r.list[r.first:] {
		if g.defersOrGoesBack(s) {
			return false // what is deferred would run under the lock
		}
	}
	return true
}

// idleAround reports whether what comes behind the list of r, up to the
// return of its function, takes no time, and cannot lead to r again.
func (g *registry) idleAround(r *region) bool {
	cur, ok := r.f.Cur.FindNode(r.list[r.first])
	if !ok {
		return false
	}
	for c := cur.Parent(); c.Node() != r.f.Cur.Node(); c = c.Parent() {
		switch c.Node().(type) {
		case *ast.ForStmt, *ast.RangeStmt, *ast.LabeledStmt, *ast.SelectStmt:
			return false
		}
		list := stmtsOf(c.Parent().Node())
		if at := slices.IndexFunc(list, func(s ast.Stmt) bool { return s == c.Node() }); at >= 0 && g.hasWork(list[at+1:]) && !isClause(list[at]) {
			return false
		}
	}
	return true
}

// workInside proves that what takes time under the lock is the making of a
// value: it stands between a failed look-up and the store.
func (g *registry) workInside(r *region) *Refusal {
	var refusal *Refusal
	for _, s := range r.stmts() {
		ast.Inspect(s, func(n ast.Node) bool {
			if refusal != nil {
				return false
			}
			if _, ok := n.(*ast.FuncLit); ok {
				return false
			}
			if e, ok := n.(ast.Expr); ok && g.isWork(e) && !g.makes(r.f, e) {
				refusal = refuse(ControlFlow, e.Pos(), "%s goes on with what it found in %s, and would hold the lock meanwhile", r.f.Name(), g.v.Name())
			}
			return true
		})
	}
	return refusal
}

// makes reports whether n, in f, is part of making a value that is stored.
func (g *registry) makes(f *detect.Func, n ast.Expr) bool {
	for _, s := range g.Singleton.Sites {
		if s.Func != f || !inStmts(s.Block, n) && !contains(s.Stmt, n) {
			continue
		}
		if len(s.Calls) > 0 || s.Key != nil && contains(s.Key, n) {
			return true
		}
		for _, w := range s.Fills {
			if w.In == f && n.Pos() < w.Stmt.End() && inStmts(s.Block, n) {
				return true
			}
		}
	}
	return false
}

// jumpsOut reports whether a break, continue or goto may leave stmts.
func jumpsOut(stmts []ast.Stmt) bool {
	return slices.ContainsFunc(stmts, func(s ast.Stmt) bool {
		found := false
		ast.Inspect(s, func(n ast.Node) bool {
			if _, literal := n.(*ast.FuncLit); literal {
				return false
			}
			_, jump := n.(*ast.BranchStmt)
			found = found || jump
			return !found
		})
		return found && leaves(s) != nil
	})
}

// defersOrGoesBack reports whether s defers a call, or may jump to where the
// lock is taken.
func (g *registry) defersOrGoesBack(s ast.Stmt) bool {
	found := false
	ast.Inspect(s, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.DeferStmt:
			found = found || !g.isLockOp(n.Call)
		case *ast.BranchStmt:
			found = found || n.Tok == token.GOTO
		}
		return !found
	})
	return found
}
