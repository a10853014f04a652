package rewrite

import (
	"go/ast"
	"go/token"
	"slices"

	"github.com/singletonfix/singletonfix/detect"
)

// others plans every use of the variable outside the sites, function by
// function.
func (x *atomicVar) others() *Refusal {
	x.restoreInTests()
	byFunc := make(map[*detect.Func][]*detect.Access)
	var order []*detect.Func
	for _, a := range x.v.Accesses {
		if x.done[a] {
			continue
		}
		f := x.home(a.In)
		if byFunc[f] == nil {
			order = append(order, f)
		}
		byFunc[f] = append(byFunc[f], a)
	}
	for _, f := range order {
		if r := x.function(f, byFunc[f]); r != nil {
			return r
		}
	}
	return nil
}

// home returns the function that what f does is a part of: f, or the one
// that defers it, where that uses the variable too. A teardown may empty the
// variable so, and must not let go of the lock in between.
func (x *atomicVar) home(f *detect.Func) *detect.Func {
	for f != nil && f.Parent != nil && !x.alone(f) && isDeferredHere(f) && x.usedIn(f.Parent) {
		f = f.Parent
	}
	return f
}

// isDeferredHere reports whether f is a literal that is deferred where it stands.
func isDeferredHere(f *detect.Func) bool {
	return len(f.Callers) == 1 && f.Callers[0].Mode == detect.Deferred && ast.Unparen(f.Callers[0].Expr.Fun) == ast.Expr(f.Lit)
}

// usedIn reports whether f uses the variable itself, outside the sites.
func (x *atomicVar) usedIn(f *detect.Func) bool {
	return slices.ContainsFunc(x.v.Accesses, func(a *detect.Access) bool { return a.In == f && !x.done[a] })
}

func (x *atomicVar) function(f *detect.Func, all []*detect.Access) *Refusal {
	for _, a := range all {
		if a.Kind == detect.Element && x.pointer {
			x.note("what " + x.v.Name() + " points to is changed in " + nameOf(f) + "; if that happens at the same time as other uses, it needs a lock of its own")
		}
		if a.Kind == detect.Element && !x.pointer {
			return refuse(MutatedAfterPublish, a.Pos(), "what %s holds is changed here, where others may be using it", x.v.Name())
		}
	}
	if slices.ContainsFunc(all, func(a *detect.Access) bool { return a.Kind == detect.Write || a.Kind == detect.Address }) {
		if x.inner[f] {
			return refuse(Reentrant, all[0].Pos(), "%s runs while the lock is held, and assigns %s", nameOf(f), x.v.Name())
		}
		return x.writer(f, all)
	}
	x.reader(f, all)
	return nil
}

func nameOf(f *detect.Func) string {
	if f == nil {
		return "an initialiser"
	}
	return f.Name()
}

// reader lets the reads of f load the variable: into a local variable where
// several reads in a row can share it, by themselves elsewhere.
func (x *atomicVar) reader(f *detect.Func, reads []*detect.Access) {
	for _, run := range x.stretches(f, reads) {
		if len(run) == 1 {
			x.replace(run[0].Expr, x.load())
			continue
		}
		x.share(f, run)
	}
}

// stretches splits reads, in source order, where something may have changed
// the variable in between: a call that reaches a write of it.
func (x *atomicVar) stretches(f *detect.Func, reads []*detect.Access) [][]*detect.Access {
	if f == nil || f.Body() == nil {
		return singles(reads)
	}
	var runs [][]*detect.Access
	for i, a := range reads {
		if i > 0 && !x.changedBetween(f, reads[i-1].Pos(), a.Pos()) {
			runs[len(runs)-1] = append(runs[len(runs)-1], a)
			continue
		}
		runs = append(runs, []*detect.Access{a})
	}
	for _, run := range runs {
		if len(run) > 1 && x.inChangingLoop(f, run) {
			return singles(reads)
		}
	}
	return x.splitBranches(f, runs)
}

// splitBranches splits runs further, so that nothing changes the variable
// between the statement in front of which a run can be loaded and its first
// read: where that statement has branches, one of them may.
func (x *atomicVar) splitBranches(f *detect.Func, runs [][]*detect.Access) [][]*detect.Access {
	var out [][]*detect.Access
	for _, run := range runs {
		for len(run) > 0 {
			n := len(run)
			for n > 1 && !x.sharable(f, run[:n]) {
				n--
			}
			out, run = append(out, run[:n]), run[n:]
		}
	}
	return out
}

// sharable reports whether one load serves the run: in the condition of the if
// that holds it all, or in front of the first statement that does.
func (x *atomicVar) sharable(f *detect.Func, run []*detect.Access) bool {
	if s := ownIf(run); s != nil && !x.changedBetween(f, s.Pos(), run[0].Pos()) {
		return true
	}
	list, at := x.commonList(f, run)
	return list != nil && !x.changedBetween(f, list[at].Pos(), run[0].Pos())
}

// ownIf returns the if that looks at the variable in its condition, holds all
// of the run, and can take a statement in front of its condition; else nil.
func ownIf(run []*detect.Access) *ast.IfStmt {
	for c := range run[0].Cur.Enclosing((*ast.IfStmt)(nil)) {
		s := c.Node().(*ast.IfStmt)
		if contains(s.Cond, run[0].Expr) && canTakeInit(s) && allIn(s, run) {
			return s
		}
		return nil
	}
	return nil
}

func singles(reads []*detect.Access) [][]*detect.Access {
	var runs [][]*detect.Access
	for _, a := range reads {
		runs = append(runs, []*detect.Access{a})
	}
	return runs
}

// changedBetween reports whether a call of f between two positions may
// write the variable.
func (d *draft) changedBetween(f *detect.Func, from, to token.Pos) bool {
	for _, c := range f.Calls {
		if from < c.Expr.Pos() && c.Expr.Pos() < to && d.mayWrite(f, c.Expr) {
			return true
		}
	}
	return false
}

// mayWrite reports whether what n, part of f, calls may write the variable.
func (d *draft) mayWrite(f *detect.Func, n ast.Node) bool {
	r := reachOf(d.fx, n)
	for _, a := range d.v.Accesses {
		if a.Kind != detect.Read && a.In != nil && r.funcs[a.In] {
			return true
		}
	}
	return false
}

// inChangingLoop reports whether some of run, but not all of it, stands in a
// loop that may write the variable.
func (d *draft) inChangingLoop(f *detect.Func, run []*detect.Access) bool {
	for _, a := range run {
		for c := range a.Cur.Enclosing((*ast.ForStmt)(nil), (*ast.RangeStmt)(nil), (*ast.FuncLit)(nil), (*ast.FuncDecl)(nil)) {
			switch n := c.Node().(type) {
			case *ast.ForStmt, *ast.RangeStmt:
				if !allIn(n, run) && d.mayWrite(f, n) {
					return true
				}
				continue
			}
			break
		}
	}
	return false
}

func allIn(n ast.Node, run []*detect.Access) bool {
	for _, a := range run {
		if !contains(n, a.Expr) {
			return false
		}
	}
	return true
}

// share loads the variable once for a run of reads: in the condition of the
// if that holds them all, or in front of the first statement.
func (x *atomicVar) share(f *detect.Func, run []*detect.Access) {
	local := x.pickAnother(f)
	own := ownIf(run)
	list, at := x.commonList(f, run)
	if own == nil && list == nil {
		for _, a := range run {
			x.replace(a.Expr, x.load())
		}
		return
	}
	for _, a := range run {
		x.replace(a.Expr, local)
	}
	code := local + " := " + x.load()
	if own != nil {
		x.replaceStmt(own, "if "+code+"; $cond {\n$body\n}", map[string][]ast.Node{"cond": {own.Cond}, "body": nodes(own.Body.List)})
		return
	}
	x.edit(Edit{Op: InsertBefore, At: list[at], Code: code})
}

// canTakeInit reports whether s can be written anew with a statement in
// front of its condition.
func canTakeInit(s *ast.IfStmt) bool {
	return s.Init == nil && s.Else == nil && len(s.Body.List) > 0
}

// commonList returns the innermost list of statements that holds the run,
// and the index of the first statement that does.
func (x *atomicVar) commonList(f *detect.Func, run []*detect.Access) ([]ast.Stmt, int) {
	for c := range run[0].Cur.Enclosing() {
		var list []ast.Stmt
		switch n := c.Node().(type) {
		case *ast.BlockStmt:
			list = n.List
		case *ast.CaseClause:
			list = n.Body
		case *ast.CommClause:
			list = n.Body
		case *ast.FuncDecl, *ast.FuncLit:
			return nil, 0
		default:
			continue
		}
		if !allIn(c.Node(), run) {
			continue
		}
		at := slices.IndexFunc(list, func(s ast.Stmt) bool { return contains(s, run[0].Expr) })
		if at < 0 || isClause(list[at]) || jumpedOver(f, list, at) {
			continue
		}
		return list, at
	}
	return nil, 0
}

// jumpedOver reports whether a goto of f leads from in front of list[at] to a
// label there or behind it: no variable may be declared in between.
func jumpedOver(f *detect.Func, list []ast.Stmt, at int) bool {
	found := false
	for _, s := range list[at:] {
		label, ok := s.(*ast.LabeledStmt)
		if !ok {
			continue
		}
		ast.Inspect(f.Body(), func(n ast.Node) bool {
			jump, ok := n.(*ast.BranchStmt)
			found = found || ok && jump.Tok == token.GOTO && jump.Label.Name == label.Label.Name && jump.Pos() < list[at].Pos()
			return !found
		})
	}
	return found
}
