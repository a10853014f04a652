package rewrite

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/singletonfix/singletonfix/detect"
)

// function lets f hold the lock where it uses the variables.
func (l *locking) function(f *detect.Func, all []*detect.Access) *Refusal {
	list := f.Body().List
	first, last := l.stretch(f, all)
	if first < 0 || last < 0 {
		return refuse(ControlFlow, all[0].Pos(), "the lock cannot be taken in front of this")
	}
	if slices.ContainsFunc(f.Calls, func(c *detect.Call) bool { return l.takes(c.Expr) }) {
		return refuse(ControlFlow, all[0].Pos(), "%s takes %s already, but not here", f.Name(), l.mu)
	}
	region, brief := list[first:last+1], !l.fills(f) && !slices.ContainsFunc(all, changes) && l.hasCalls(list[first:]) && !l.measures(list[first:])
	if brief {
		region = nil // the lock is held for no more than a copy
	}
	for _, check := range []func(*detect.Func, []ast.Stmt, []*detect.Access) *Refusal{l.free, l.comesBack, l.oneOrder} {
		if r := check(f, region, all); r != nil {
			return r
		}
	}
	if brief {
		return l.copyOut(f, all)
	}
	if l.fill != nil && !l.kept {
		l.replaceUses(f)
	}
	if l.hasCalls(list[last+1:]) {
		return l.around(f, region)
	}
	if r := l.lastIsPlain(f, region, all); r != nil {
		return r
	}
	l.reviewUse(f, region)
	l.edit(Edit{Op: InsertBefore, At: list[first], Code: l.mu + ".Lock()\ndefer " + l.mu + ".Unlock()"})
	return nil
}

// reviewUse marks the plan for a reviewer's eye where f, which takes the lock
// for region, waits for something there that is not to fill the variable.
func (l *locking) reviewUse(f *detect.Func, region []ast.Stmt) {
	use := slices.DeleteFunc(slices.Clone(region), func(stmt ast.Stmt) bool {
		return slices.ContainsFunc(l.Singleton.Sites, func(s *detect.Site) bool {
			return slices.ContainsFunc(s.Block, func(b ast.Stmt) bool { return contains(stmt, b) })
		})
	})
	if call := l.blocking(&guard{Site: &detect.Site{Func: f, Block: use}}); call != "" {
		l.Review = true
		l.note(call + " may block: other callers of " + f.Name() + " now wait for it")
	}
}

// measures reports whether stmts call nothing that takes time, and use a map
// or slice whose elements change: a copy of that would not do.
func (l *locking) measures(stmts []ast.Stmt) bool {
	if slices.ContainsFunc(stmts, func(s ast.Stmt) bool { return !isBrief(l.pkg.Info, s) }) {
		return false
	}
	return slices.ContainsFunc(l.values(), func(v *detect.Variable) bool {
		return isMapOrSlice(l.fieldType(v)) && slices.ContainsFunc(v.Accesses, func(a *detect.Access) bool { return a.Kind == detect.Element && !early(a) })
	})
}

// stretch returns the first and the last of f's statements that have to do
// with the variables, what a test of them leads to included.
func (l *locking) stretch(f *detect.Func, all []*detect.Access) (first, last int) {
	list := f.Body().List
	first, last = stmtAround(list, all[0].Expr), stmtAround(list, all[len(all)-1].Expr)
	for _, s := range l.Singleton.Sites {
		if s.Func == f && len(s.Block) > 0 {
			last = max(last, stmtAround(list, s.Block[len(s.Block)-1]))
		}
	}
	return first, last
}

// fills reports whether f tests the variable in order to fill it, or has a
// Once that goes do so.
func (l *locking) fills(f *detect.Func) bool {
	return l.fill != nil && !l.kept && l.fill.in == f || slices.ContainsFunc(l.Singleton.Sites, func(s *detect.Site) bool { return s.Func == f })
}

func changes(a *detect.Access) bool { return a.Kind != detect.Read }

func (l *locking) hasCalls(stmts []ast.Stmt) bool {
	return slices.ContainsFunc(stmts, func(s ast.Stmt) bool { return hasCall(s) })
}

// lastIsPlain proves that the lock is not held for more than the variables
// need: the statements behind the last change may read, not call.
func (l *locking) lastIsPlain(f *detect.Func, region []ast.Stmt, all []*detect.Access) *Refusal {
	last := 0
	for _, a := range slices.Backward(all) {
		if changes(a) {
			last = stmtAround(region, a.Expr)
			break
		}
	}
	for _, g := range l.Singleton.Sites {
		if g.Func == f && len(g.Block) > 0 {
			last = max(last, stmtAround(region, l.lastOfFirstCall(g))) // may fill through a helper
		}
	}
	if n := l.stays(f, region[:last+1]); n != nil {
		return refuse(ControlFlow, n.Pos(), "%s is filled before this, which does not end; others would wait for it", l.v.Name())
	}
	for _, s := range region[last+1:] {
		if !isBrief(l.pkg.Info, s) {
			return refuse(ControlFlow, s.Pos(), "%s goes on with %s, and would hold the lock meanwhile", f.Name(), l.v.Name())
		}
	}
	return nil
}

// lastOfFirstCall returns the last statement of g's block that only the call
// runs that fills the variable: of the code behind an early return, all of it
// where that return is all that later calls do. A return is for every call.
func (l *locking) lastOfFirstCall(g *detect.Site) ast.Stmt {
	early, ok := g.Stmt.(*ast.IfStmt)
	if g.Form != detect.GuardEarly || !ok || !isBrief(l.pkg.Info, early.Body) {
		return g.Block[0]
	}
	last := g.Block[0]
	for _, s := range g.Block {
		if !isReturn(s) {
			last = s
		}
	}
	return last
}

// isBrief reports whether s calls nothing but what makes an error, a string or a number.
func isBrief(info *types.Info, s ast.Stmt) bool {
	brief := true
	ast.Inspect(s, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit, *ast.SendStmt, *ast.SelectStmt, *ast.ForStmt, *ast.RangeStmt:
			brief = false
		case *ast.UnaryExpr:
			brief = brief && n.Op != token.ARROW
		case *ast.CallExpr:
			brief = brief && briefCall(info, n)
		}
		return brief
	})
	return brief
}

func briefCall(info *types.Info, call *ast.CallExpr) bool {
	if tv := info.Types[call.Fun]; tv.IsType() || tv.IsBuiltin() {
		return true
	}
	obj := calleeIn(info, call)
	if obj == nil || obj.Pkg() == nil {
		return false
	}
	switch obj.Pkg().Path() {
	case "errors", "strings", "strconv", "path", "unicode", "unicode/utf8", "math":
		return callsNone(obj)
	case "path/filepath":
		return !asksDisk[obj.Name()]
	}
	switch obj.Pkg().Path() + "." + obj.Name() {
	case "fmt.Errorf", "fmt.Sprintf", "fmt.Sprint", "fmt.Sprintln":
		return true
	}
	return false
}

// asksDisk are the functions of path/filepath that look at files.
var asksDisk = map[string]bool{"Abs": true, "EvalSymlinks": true, "Glob": true, "Walk": true, "WalkDir": true}

// callsNone reports whether obj is a function that calls none that it is given.
func callsNone(obj types.Object) bool {
	fn, ok := obj.(*types.Func)
	if !ok || fn.Signature().Recv() != nil {
		return false
	}
	for p := range fn.Signature().Params().Variables() {
		if _, calls := p.Type().Underlying().(*types.Signature); calls {
			return false
		}
	}
	return true
}

// around takes the lock for a stretch in the middle of f that neither calls nor leaves.
func (l *locking) around(f *detect.Func, region []ast.Stmt) *Refusal {
	if leavesAny(region) || l.hasCalls(region) || l.fill != nil {
		return refuse(ControlFlow, region[0].Pos(), "%s goes on after its use of %s, and would hold the lock meanwhile", f.Name(), l.v.Name())
	}
	l.edit(Edit{Op: InsertBefore, At: region[0], Code: l.mu + ".Lock()"})
	l.edit(Edit{Op: InsertAfter, At: region[len(region)-1], Code: l.mu + ".Unlock()"})
	return nil
}
