package rewrite

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/singletonfix/singletonfix/detect"
)

// keepsPace proves that no statement behind the write w of the block, where
// others see the variable filled, lets another goroutine go on or waits for
// one: that one may count on the variable, which the fix sets only at the end,
// or come to the lock, which is held until then.
func (d *draft) keepsPace(f *detect.Func, block []ast.Stmt, w *detect.Access) *Refusal {
	at := slices.IndexFunc(block, func(s ast.Stmt) bool { return contains(s, w.Expr) })
	if at < 0 {
		return nil // filled by a helper, whose own body is looked at
	}
	if s, ok := block[at].(*ast.AssignStmt); ok && s == w.Stmt {
		at++ // the right side is evaluated before anybody sees the value
	}
	if n := d.meets(f, block[at:]); n != nil {
		return refuse(ControlFlow, n.Pos(), "%s is filled before another goroutine goes on here, or is waited for; the fix would fill it later", d.v.Name())
	}
	if n := d.stays(f, block[at:]); n != nil {
		return refuse(ControlFlow, n.Pos(), "%s is filled before this, which does not end; others would wait for it", d.v.Name())
	}
	return nil
}

// meets returns the first node in stmts of f, or in what they call, that
// meets another goroutine: by a channel, a condition, a WaitGroup or the like
// that is not the statements' own. nil if there is none.
func (d *draft) meets(f *detect.Func, stmts []ast.Stmt) ast.Node {
	bodies := nodes(stmts)
	r := reachOf(d.fx, bodies...)
	for _, g := range d.fx.Funcs {
		if r.funcs[g] && g.Body() != nil {
			bodies = append(bodies, g.Body())
		}
	}
	m := &meeting{draft: d, bodies: bodies, unlocks: d.readElsewhere()}
	for _, n := range bodies {
		ast.Inspect(n, m.visit)
	}
	return m.found
}

// readElsewhere reports whether something besides the sites' tests reads the variable.
func (d *draft) readElsewhere() bool {
	return slices.ContainsFunc(d.v.Accesses, func(a *detect.Access) bool {
		isTest := slices.ContainsFunc(d.Singleton.Sites, func(s *detect.Site) bool { return s.Read == a })
		return a.Kind == detect.Read && !isTest && !a.File.Test
	})
}

// A meeting is the search for a node that meets another goroutine.
type meeting struct {
	*draft
	bodies  []ast.Node // what is searched, and whose own channels do not count
	unlocks bool       // giving a mutex up counts too
	found   ast.Node
}

func (m *meeting) visit(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.SendStmt:
		m.at(n, n.Chan)
	case *ast.UnaryExpr:
		if n.Op == token.ARROW {
			m.at(n, n.X)
		}
	case *ast.RangeStmt:
		if t := m.pkg.Info.TypeOf(n.X); t != nil {
			if _, isChan := t.Underlying().(*types.Chan); isChan {
				m.at(n, n.X)
			}
		}
	case *ast.SelectStmt:
		if len(n.Body.List) == 0 {
			m.found = n // waits for ever
		}
	case *ast.CallExpr:
		m.call(n)
	}
	return m.found == nil
}

// call looks at a call for one that wakes or waits for others.
func (m *meeting) call(call *ast.CallExpr) {
	switch obj := calleeIn(m.pkg.Info, call).(type) {
	case *types.Builtin:
		if obj.Name() == "close" {
			m.at(call, call.Args[0])
		}
	case *types.Var:
		if named, ok := types.Unalias(obj.Type()).(*types.Named); ok && named.Obj().Name() == "CancelFunc" {
			m.at(call, call.Fun)
		}
	case *types.Func:
		sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
		if !ok || obj.Signature().Recv() == nil {
			return
		}
		switch obj.Name() {
		case "Signal", "Broadcast", "Done", "Wait":
			m.at(call, sel.X)
		case "Unlock", "RUnlock":
			if m.unlocks {
				m.at(call, sel.X)
			}
		}
	}
}

// at notes n, unless the channel or the like that it is about was made by the
// searched code itself.
func (m *meeting) at(n ast.Node, about ast.Expr) {
	root := ast.Unparen(about)
	for {
		sel, ok := root.(*ast.SelectorExpr)
		if !ok {
			break
		}
		root = ast.Unparen(sel.X)
	}
	if id, ok := root.(*ast.Ident); ok {
		obj := m.pkg.Info.Uses[id]
		if obj != nil && slices.ContainsFunc(m.bodies, func(b ast.Node) bool { return contains(b, identAt(obj)) }) {
			return
		}
	}
	if m.found == nil {
		m.found = n
	}
}
