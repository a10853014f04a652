package load

import (
	"go/ast"
	"go/token"
	"go/types"
	"strings"
)

// A lockUse is what a function does with a lock, as that is written in it.
type lockUse struct {
	locks    bool // by a plain Lock or RLock
	loose    bool // no statement in the same block unlocks what one of them locks
	deferred bool // a defer statement unlocks it
	other    bool // something else, or in a literal, which may run at another time
}

// balanced returns the locks, as they are written, that a function locks and
// unlocks again, by defer or further down: it leaves them as they were.
func (f *filter) balanced(decl *ast.FuncDecl) map[string]bool {
	uses, paired := make(map[string]*lockUse), pairedLocks(decl.Body)
	ast.Inspect(decl.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			noteLocks(uses, n.Body, func(use *lockUse, _ string) { use.other = true })
			return false
		case *ast.DeferStmt:
			noteLocks(uses, n.Call.Fun, func(use *lockUse, op string) {
				use.deferred = use.deferred || strings.HasSuffix(op, "Unlock")
				use.other = use.other || !strings.HasSuffix(op, "Unlock")
			})
			for _, arg := range n.Call.Args {
				noteLocks(uses, arg, func(use *lockUse, _ string) { use.other = true })
			}
			return false
		case *ast.SelectorExpr:
			noteLock(uses, n, func(use *lockUse, op string) {
				locks := op == "Lock" || op == "RLock"
				use.locks = use.locks || locks
				use.loose = use.loose || locks && !paired[n]
				use.other = use.other || strings.HasPrefix(op, "Try")
			})
		}
		return true
	})
	found := make(map[string]bool)
	for lock, use := range uses {
		root, _, _ := strings.Cut(lock, ".")
		if use.locks && (use.deferred || !use.loose) && !use.other && f.vars[root] != nil && !declares(decl, root) {
			found[lock] = true
		}
	}
	return found
}

// pairedLocks returns the calls of Lock and RLock, by what they call, that are
// statements of a block in which another statement unlocks the same, and is
// reached.
func pairedLocks(body *ast.BlockStmt) map[*ast.SelectorExpr]bool {
	paired := make(map[*ast.SelectorExpr]bool)
	ast.Inspect(body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.BlockStmt:
			pairLocks(paired, n.List)
		case *ast.CaseClause:
			pairLocks(paired, n.Body)
		case *ast.CommClause:
			pairLocks(paired, n.Body)
		}
		return true
	})
	return paired
}

func pairLocks(paired map[*ast.SelectorExpr]bool, list []ast.Stmt) {
	open := make(map[string]*ast.SelectorExpr) // by the lock as it is written
	for _, stmt := range list {
		if !passes(stmt) {
			clear(open)
		}
		sel := calledMethod(stmt)
		if sel == nil {
			continue
		}
		lock := types.ExprString(sel.X)
		switch sel.Sel.Name {
		case "Lock", "RLock":
			open[lock] = sel
		case "Unlock", "RUnlock":
			if open[lock] != nil {
				paired[open[lock]] = true
			}
			delete(open, lock)
		}
	}
}

// calledMethod returns what a statement calls that is no more than the call of
// a method, else nil.
func calledMethod(stmt ast.Stmt) *ast.SelectorExpr {
	expr, ok := stmt.(*ast.ExprStmt)
	if !ok {
		return nil
	}
	call, ok := expr.X.(*ast.CallExpr)
	if !ok {
		return nil
	}
	sel, _ := call.Fun.(*ast.SelectorExpr)
	return sel
}

// passes reports whether what follows a statement is reached on some way: it
// is of a kind that does not end the block, whatever is in it.
func passes(stmt ast.Stmt) bool {
	switch s := stmt.(type) {
	case *ast.ExprStmt:
		if sel := calledMethod(s); sel != nil {
			return isLockMethod(sel.Sel.Name) || !mayEnd(sel.Sel.Name)
		}
		call, ok := s.X.(*ast.CallExpr)
		if !ok {
			return true
		}
		id, ok := call.Fun.(*ast.Ident)
		return ok && !mayEnd(id.Name)
	case *ast.IfStmt:
		return s.Else == nil
	case *ast.ForStmt:
		return s.Cond != nil
	case *ast.AssignStmt, *ast.DeclStmt, *ast.IncDecStmt, *ast.RangeStmt, *ast.DeferStmt, *ast.GoStmt, *ast.SendStmt, *ast.EmptyStmt:
		return true
	}
	return false
}

// mayEnd reports whether a function of that name may not come back.
func mayEnd(name string) bool {
	return name == "panic" || name == "Exit" || name == "Goexit" || strings.HasPrefix(name, "Fatal") || strings.HasPrefix(name, "Panic")
}

// noteLocks notes the uses of locks in n.
func noteLocks(uses map[string]*lockUse, n ast.Node, note func(use *lockUse, op string)) {
	ast.Inspect(n, func(n ast.Node) bool {
		if sel, ok := n.(*ast.SelectorExpr); ok {
			noteLock(uses, sel, note)
		}
		return true
	})
}

// noteLock notes the use of a lock that sel may be.
func noteLock(uses map[string]*lockUse, sel *ast.SelectorExpr, note func(use *lockUse, op string)) {
	if !isLockMethod(sel.Sel.Name) {
		return
	}
	lock := types.ExprString(sel.X)
	if uses[lock] == nil {
		uses[lock] = new(lockUse)
	}
	note(uses[lock], sel.Sel.Name)
}

func isLockMethod(name string) bool {
	switch name {
	case "Lock", "RLock", "Unlock", "RUnlock", "TryLock", "TryRLock":
		return true
	}
	return false
}

// declares reports whether a function has a variable of its own by that name.
func declares(decl *ast.FuncDecl, name string) bool {
	found := false
	is := func(e ast.Expr) {
		id, ok := e.(*ast.Ident)
		found = found || ok && id.Name == name
	}
	ast.Inspect(decl, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			for _, lhs := range n.Lhs {
				if n.Tok == token.DEFINE {
					is(lhs)
				}
			}
		case *ast.RangeStmt:
			is(n.Key)
			is(n.Value)
		case *ast.ValueSpec:
			for _, id := range n.Names {
				is(id)
			}
		case *ast.Field:
			for _, id := range n.Names {
				is(id)
			}
		}
		return !found
	})
	return found
}
