package load

import (
	"go/ast"
	"go/token"
	"slices"
	"strings"

	"github.com/singletonfix/singletonfix/detect"
)

// early returns one of the calls of the function called name, among found,
// if each program of the module that holds u's package surely gets to one
// while it starts, before it starts anything itself.
func (t *startTracer) early(u *unit, found []foundUse, name string) (call detect.Use, ok bool) {
	fills := make(map[*folder]bool)
	for _, use := range found {
		if use.of != name {
			continue
		}
		for _, main := range t.startedBy(use, maxStartDepth) {
			if len(fills) == 0 {
				call = use.Use
			}
			fills[main] = true
		}
	}
	if len(fills) == 0 {
		return call, false
	}
	return call, !slices.ContainsFunc(t.programs(u.folder), func(main *folder) bool { return !fills[main] })
}

// startedBy returns the programs whose start surely gets to use, which is
// known by no more than depth functions on the way.
func (t *startTracer) startedBy(use foundUse, depth int) []*folder {
	switch {
	case use.Kind == detect.UsedInit:
		return t.programs(use.by)
	case !use.sure || depth == 0:
		return nil
	case use.Kind == detect.UsedMain && !use.Via:
		return []*folder{use.by}
	case use.Kind != usedInFunc:
		return nil
	}
	var programs []*folder
	for _, by := range t.uses(startFunc{use.by, use.In}) {
		programs = append(programs, t.startedBy(by, depth-1)...)
	}
	return programs
}

// programs returns the packages main of the module that f is part of.
func (t *startTracer) programs(f *folder) []*folder {
	if mains, known := t.mains[f.dir]; known {
		return mains
	}
	var mains []*folder
	if f.name == "main" {
		mains = append(mains, f)
	}
	for _, user := range t.set.dependents(f) {
		if user.name == "main" {
			mains = append(mains, user)
		}
	}
	t.mains[f.dir] = mains
	return mains
}

// surely reports whether the function on top of the stack is called whenever
// the declared function around it is, before that has started anything.
func (v *useFinder) surely() bool {
	if !v.called() {
		return false
	}
	for i, n := range slices.Backward(v.stack[:len(v.stack)-1]) {
		child := v.stack[i+1]
		switch n := n.(type) {
		case *ast.GoStmt, *ast.DeferStmt, *ast.CaseClause, *ast.CommClause:
			return false
		case *ast.FuncLit:
			if !v.inPlace(i) {
				return false
			}
		case *ast.BinaryExpr:
			if child == n.Y && (n.Op == token.LAND || n.Op == token.LOR) {
				return false
			}
		case *ast.IfStmt:
			if child == n.Else {
				return false
			}
		case *ast.ForStmt:
			if child == n.Post {
				return false
			}
		case *ast.BlockStmt:
			if slices.ContainsFunc(before(n.List, child), startsOrLeaves) {
				return false
			}
			if _, lit := v.stack[i-1].(*ast.FuncLit); !lit {
				decl, ok := v.stack[i-1].(*ast.FuncDecl)
				return ok && decl.Body == n
			}
		}
	}
	return false
}

// before returns the statements that stand before stmt.
func before(list []ast.Stmt, stmt ast.Node) []ast.Stmt {
	for i, s := range list {
		if s == stmt {
			return list[:i]
		}
	}
	return list
}

// startsOrLeaves reports whether stmt may start something that goes on by
// itself or for ever, or leave its function otherwise than for an error.
func startsOrLeaves(stmt ast.Stmt) bool {
	found := false
	ast.Inspect(stmt, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.IfStmt:
			if cond, ok := n.Cond.(*ast.BinaryExpr); ok && cond.Op == token.NEQ && isNil(cond.Y) {
				return n.Init != nil && startsOrLeaves(n.Init) // what it does then, it does for an error
			}
		case *ast.GoStmt, *ast.ReturnStmt, *ast.BranchStmt, *ast.SelectStmt:
			found = true
		case *ast.CallExpr:
			found = found || registers(n) || startsByName(n)
		}
		return !found
	})
	return found
}

// startsByName reports whether call is of a method or function whose name
// says that it serves, runs or starts something.
func startsByName(call *ast.CallExpr) bool {
	name := ""
	switch fun := call.Fun.(type) {
	case *ast.Ident:
		name = fun.Name
	case *ast.SelectorExpr:
		name = fun.Sel.Name
	}
	if name == "" {
		return false
	}
	name = strings.ToUpper(name[:1]) + name[1:]
	return slices.ContainsFunc([]string{"Listen", "Serve", "Run", "Start", "Execute", "Wait"}, func(verb string) bool { return strings.HasPrefix(name, verb) })
}
