package detect

import (
	"go/ast"
	"go/types"
	"slices"
)

// onlyAnnounces reports whether c is a flag that guards no variable and
// nothing of this package: a warning that is given once.
func (f *finder) onlyAnnounces(c *Singleton) bool {
	if c.Pattern != flagGuard.Name || len(c.Vars) > 1 {
		return false
	}
	if c.Risk == Low && !f.testSupport() && !slices.ContainsFunc(f.users(c, true), f.mayBeOpen) {
		return true
	}
	for _, s := range c.Sites {
		for _, stmt := range s.Block {
			if !f.announces(stmt) {
				return false
			}
		}
	}
	return true
}

// mayBeOpen reports whether code that is not in sight can call fn, unless
// names tell who does.
func (f *finder) mayBeOpen(fn *Func) bool {
	return f.openedBy(fn, false, make(map[*Func]bool)) != nil
}

// announces reports whether stmt sets a variable to a constant, or does no
// more than call functions of other packages for what they print.
func (f *finder) announces(stmt ast.Stmt) bool {
	switch s := stmt.(type) {
	case *ast.AssignStmt:
		return len(s.Rhs) == 1 && f.Pkg.Info.Types[s.Rhs[0]].Value != nil
	case *ast.ReturnStmt:
		return len(s.Results) == 0
	case *ast.IfStmt:
		return s.Else == nil && !slices.ContainsFunc(s.Body.List, func(stmt ast.Stmt) bool { return !f.announces(stmt) })
	case *ast.ExprStmt:
		call, ok := s.X.(*ast.CallExpr)
		if !ok {
			return false
		}
		obj := f.callee(call)
		if obj == nil {
			return true // of a package that was not loaded
		}
		_, isFunc := obj.(*types.Func)
		return isFunc && obj.Pkg() != f.Pkg.Types
	}
	return false
}

// oneGoroutine reports whether everything that uses the variables of c runs
// on one worker goroutine, or in the function that starts it, before that: a
// go statement outside any loop starts a function that never ends.
func (f *finder) oneGoroutine(c *Singleton) bool {
	var worker *Call
	for _, v := range c.Vars {
		for _, a := range v.Accesses {
			if a.Phase == Shared && a.In != nil && worker == nil {
				worker = f.workerOf(a.In, make(map[*Func]bool))
			}
		}
	}
	if worker == nil || worker.Caller == nil || f.inLoop(worker) || !f.worksForEver(worker.Callee) {
		return false
	}
	for _, v := range c.Vars {
		for _, a := range v.Accesses {
			if a.Phase != Shared || a.In == worker.Caller && a.Pos() < worker.Expr.Pos() {
				continue
			}
			if !f.onlyFrom(worker, a.In, make(map[*Func]bool)) {
				return false
			}
		}
	}
	return true
}

// workerOf returns a go statement that leads to fn by plain calls, or nil.
func (f *finder) workerOf(fn *Func, seen map[*Func]bool) *Call {
	if fn == nil || seen[fn] {
		return nil
	}
	seen[fn] = true
	for _, c := range fn.Callers {
		if c.Mode == Started {
			return c
		}
		if w := f.workerOf(c.Caller, seen); w != nil {
			return w
		}
	}
	return nil
}

// onlyFrom reports whether every way to fn comes from the go statement
// worker, or from its function before it.
func (f *finder) onlyFrom(worker *Call, fn *Func, seen map[*Func]bool) bool {
	if fn == nil || fn.Exported() || f.valueOutsideTests(fn) || len(fn.Callers) == 0 {
		return false
	}
	if seen[fn] {
		return true
	}
	seen[fn] = true
	for _, c := range fn.Callers {
		switch {
		case f.Pkg.File(c.Expr.Pos()).Test: // a test has no such goroutine
		case c == worker:
		case c.Mode != Plain && c.Mode != Deferred:
			return false
		case c.Caller == worker.Caller && c.Expr.Pos() < worker.Expr.Pos():
		case !f.onlyFrom(worker, c.Caller, seen):
			return false
		}
	}
	return true
}

// worksForEver reports whether f loops without a condition, or over a
// channel: there is one such goroutine, not one a call.
func (f *finder) worksForEver(fn *Func) bool {
	if fn == nil {
		return false
	}
	for cur := range fn.Cur.Preorder((*ast.ForStmt)(nil), (*ast.RangeStmt)(nil)) {
		switch n := cur.Node().(type) {
		case *ast.ForStmt:
			if n.Cond == nil {
				return true
			}
		case *ast.RangeStmt:
			if t := f.Pkg.Info.TypeOf(n.X); t != nil {
				if _, ok := t.Underlying().(*types.Chan); ok {
					return true
				}
			}
		}
	}
	return false
}
