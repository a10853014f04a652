package rewrite

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/singletonfix/singletonfix/detect"
)

// A guard is a site with what stands around it, as the strategies need it.
type guard struct {
	*detect.Site
	fn    *detect.Func // whose body the block is part of: the site's, or a literal's
	stmt  ast.Stmt     // the whole statement of the test, a switch rather than its case
	list  []ast.Stmt   // the statements that stmt is one of
	at    int          // its index in list
	scope *types.Scope // of list
	body  bool         // list is the body of the site's function
	plain bool         // the statement tests nothing else, and has no other branch
	copy  ast.Stmt     // defines Copy: in front of stmt, or its Init; nil where there is no copy
	early []ast.Stmt   // GuardEarly and GuardElse: what runs where the variable is filled
	rest  []ast.Stmt   // the statements behind the guard, those in Block left out
}

// newGuard describes s; nil if its statement stands where none can be added,
// such as behind a label or else.
func newGuard(fx *detect.Facts, s *detect.Site) *guard {
	g := &guard{Site: s, fn: s.Func, stmt: s.Stmt}
	cur, ok := s.Func.Cur.FindNode(s.Stmt)
	if !ok {
		return nil
	}
	if _, ok := s.Stmt.(*ast.CaseClause); ok {
		cur = cur.Parent().Parent()
		g.stmt, ok = cur.Node().(*ast.SwitchStmt)
		if !ok {
			return nil // a select
		}
	}
	switch parent := cur.Parent().Node().(type) {
	case *ast.BlockStmt:
		g.list = parent.List
		g.scope = fx.Pkg.Info.Scopes[parent]
		if g.body = parent == s.Func.Body(); g.body {
			g.scope = fx.Pkg.Info.Scopes[s.Func.Type()]
		}
	case *ast.CaseClause:
		g.list, g.scope = parent.Body, fx.Pkg.Info.Scopes[parent]
	case *ast.CommClause:
		g.list, g.scope = parent.Body, fx.Pkg.Info.Scopes[parent]
	default:
		return nil
	}
	g.at = slices.Index(g.list, g.stmt)
	g.rest = g.list[g.at+1:]
	g.shape()
	return g
}

// shape fills in plain, copy and early.
func (g *guard) shape() {
	switch s := g.stmt.(type) {
	case *ast.IfStmt:
		g.findCopy(s)
		g.plain = (s.Init == nil || s.Init == g.copy) && unnegated(s.Cond) == unnegated(g.Test) && (g.copy != nil || g.Copy == nil && contains(g.Test, g.Read.Expr))
		switch g.Form {
		case detect.GuardThen:
			g.plain = g.plain && s.Else == nil
		case detect.GuardEarly:
			g.early, g.rest = s.Body.List, nil
		case detect.GuardElse:
			g.early = s.Body.List
		}
	case *ast.SwitchStmt:
		if len(s.Body.List) == 1 && s.Init == nil && s.Tag == nil && g.Copy == nil {
			clause := s.Body.List[0].(*ast.CaseClause)
			g.plain = len(clause.List) == 1 && unnegated(clause.List[0]) == unnegated(g.Test)
		}
	}
}

// unnegated returns a condition without parentheses and negations: which way it
// leads to the fill is the site's Form.
func unnegated(cond ast.Expr) ast.Expr {
	for {
		cond = ast.Unparen(cond)
		not, ok := cond.(*ast.UnaryExpr)
		if !ok || not.Op != token.NOT {
			return cond
		}
		cond = not.X
	}
}

// findCopy finds the statement that defines the copy, if it defines nothing
// else and stands where it can be taken together with the test.
func (g *guard) findCopy(s *ast.IfStmt) {
	if g.Copy == nil {
		return
	}
	candidate := s.Init
	if candidate == nil && g.at > 0 {
		candidate = g.list[g.at-1]
	}
	def, ok := candidate.(*ast.AssignStmt)
	if !ok || def.Tok != token.DEFINE || len(def.Lhs) != 1 {
		return
	}
	if id, ok := def.Lhs[0].(*ast.Ident); ok && id.Pos() == g.Copy.Pos() && ast.Unparen(def.Rhs[0]) == g.Read.Expr {
		g.copy = def
	}
}

// first returns the first statement of the guard: the copy's, where that stands in front.
func (g *guard) first() ast.Stmt {
	if g.copy != nil && g.at > 0 && g.list[g.at-1] == g.copy {
		return g.copy
	}
	return g.stmt
}

// anchor returns the declaration behind which the new function stands.
func (g *guard) anchor() ast.Node {
	f := g.Func.Outermost()
	if f.Decl != nil {
		return f.Decl
	}
	for _, decl := range f.File.Syntax.Decls {
		if contains(decl, f.Lit) {
			return decl
		}
	}
	return f.Lit
}

// unconditional reports whether every call of the guard's function comes to the guard.
func (g *guard) unconditional() bool {
	return g.body && !leavesAny(g.list[:g.at])
}

func leavesAny(stmts []ast.Stmt) bool {
	for _, s := range stmts {
		if leaves(s) != nil {
			return true
		}
	}
	return false
}

// leaves returns the first node of s by which control can leave it other
// than at its end, or by which it means something else in another function:
// a return, goto, label, defer or recover, or a break or continue that
// belongs to a loop around s. Function literals are not looked into.
func leaves(s ast.Stmt) ast.Node {
	var found ast.Node
	var visit func(n ast.Node, inLoop, inSwitch bool)
	visit = func(root ast.Node, inLoop, inSwitch bool) {
		ast.Inspect(root, func(n ast.Node) bool {
			if found != nil || n == nil {
				return false
			}
			switch n := n.(type) {
			case *ast.FuncLit:
				return false
			case *ast.ReturnStmt, *ast.LabeledStmt, *ast.DeferStmt:
				found = n
			case *ast.BranchStmt:
				inside := n.Label == nil && (n.Tok == token.FALLTHROUGH || inLoop || n.Tok == token.BREAK && inSwitch)
				if !inside {
					found = n
				}
			case *ast.CallExpr:
				if id, ok := n.Fun.(*ast.Ident); ok && id.Name == "recover" {
					found = n
				}
			case *ast.ForStmt, *ast.RangeStmt:
				if n != root {
					visit(n, true, true)
					return false
				}
			case *ast.SwitchStmt, *ast.TypeSwitchStmt, *ast.SelectStmt:
				if n != root {
					visit(n, inLoop, true)
					return false
				}
			}
			return true
		})
	}
	visit(&ast.BlockStmt{Lbrace: s.Pos(), List: []ast.Stmt{s}, Rbrace: s.End()}, false, false)
	return found
}

// inner returns the functions that only run as part of the blocks: all their
// calls stand in one, or in another such function.
func (d *draft) inner(guards []*guard) map[*detect.Func]bool {
	in := make(map[*detect.Func]bool)
	inBlock := func(c *detect.Call) bool {
		if c.Mode == detect.Started {
			return false // may still run when the block is done
		}
		if c.Caller != nil && in[c.Caller] {
			return true
		}
		for _, g := range guards {
			for _, s := range g.Block {
				if contains(s, c.Expr) {
					return true
				}
			}
		}
		return false
	}
	for changed := true; changed; {
		changed = false
		for _, f := range d.fx.Funcs {
			if in[f] || f.Escapes() || len(f.Callers) == 0 {
				continue
			}
			all := true
			for _, c := range f.Callers {
				all = all && inBlock(c)
			}
			if all {
				in[f], changed = true, true
			}
		}
	}
	return in
}

// mayPanic returns a call by which the code is seen to panic or to end the
// process: panic itself, Must functions, log.Fatal and the like, and what the
// package's own functions do; nil if there is none.
func (d *draft) mayPanic(f *detect.Func, stmts []ast.Stmt) ast.Node {
	var found ast.Node
	for _, n := range codeRun(d.fx, stmts) {
		ast.Inspect(n, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.CallExpr:
				if found == nil && (neverReturns(d.pkg.Info, n) || isMust(calleeIn(d.pkg.Info, n))) {
					found = n
				}
			case *ast.TypeAssertExpr:
				if tuple, ok := d.pkg.Info.TypeOf(n).(*types.Tuple); found == nil && n.Type != nil && (!ok || tuple.Len() < 2) {
					found = n
				}
			}
			return found == nil
		})
	}
	return found
}

// isMust reports whether obj is called Must something, as functions are that panic.
func isMust(obj types.Object) bool {
	return obj != nil && len(obj.Name()) >= 4 && (obj.Name()[:4] == "Must" || obj.Name()[:4] == "must")
}
