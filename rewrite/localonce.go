package rewrite

import (
	"go/ast"
	"go/types"

	"github.com/singletonfix/singletonfix/detect"
)

// planLocalOnce lifts a Once that is new at each call to package level. The
// test in front of it, if there is one, goes: it would race with the Once.
func planLocalOnce(d *draft) *Refusal {
	l := newLifting(d)
	fill, lock, r := l.localDo()
	if r != nil {
		return r
	}
	if r := l.add(fill.in, lock.Root.(*types.Var)); r != nil {
		return r
	}
	if len(l.uses) != 1 {
		return refuse(ControlFlow, fill.call.Pos(), "%s is asked in several places", lock.Name())
	}
	g := d.onceGuard(*fill)
	if g == nil {
		return refuse(ControlFlow, fill.call.Pos(), "the call of %s.Do is only a part of what is done here", lock.Name())
	}
	tested := g.stmt != ast.Stmt(fill.call)
	if id := l.ofThisCall(fill); !tested && id != nil {
		return refuse(ControlFlow, id.Pos(), "each call builds %s anew, with what it is given here", d.v.Name())
	}
	if !tested {
		d.kind = nilTest
		g.Read = &detect.Access{} // nothing tests it
		g.Form = detect.GuardThen
	}
	for _, check := range []func(*guard) *Refusal{d.onlyFilledHere, func(g *guard) *Refusal { return d.onceFills(g, g.Block) }, func(g *guard) *Refusal { return d.notReentrant(g) }} {
		if r := check(g); r != nil {
			return r
		}
	}
	l.nameIt("Once")
	if tested {
		d.replaceStmt(g.stmt, "$do", hole("do", fill.call))
	} else {
		d.note("the value is built once; before, each call built it anew")
	}
	l.lift()
	d.paramNote(g, g.Block)
	return nil
}

// localDo returns the one call of a Do of the call's own that fills the variable.
func (l *lifting) localDo() (*onceFill, detect.Lock, *Refusal) {
	var found *onceFill
	var lock detect.Lock
	for _, f := range l.fx.Funcs {
		for _, c := range f.Calls {
			if c.Mode != detect.ByOnce || c.Callee == nil || c.Callee.Lit == nil || len(l.in(c.Callee.Lit)) == 0 {
				continue
			}
			sel, ok := ast.Unparen(c.Expr.Fun).(*ast.SelectorExpr)
			id, isName := ast.Unparen(sel.X).(*ast.Ident)
			stmt := statementOf(l.fx, c.Expr)
			if !ok || !isName || stmt == nil {
				return nil, lock, refuse(ControlFlow, c.Expr.Pos(), "it is unclear whose Once this is")
			}
			v, _ := l.pkg.Info.Uses[id].(*types.Var)
			if v == nil || v.Parent() == l.pkg.Types.Scope() || found != nil {
				return nil, lock, refuse(NoForm, c.Expr.Pos(), "%s is filled by several Onces", l.v.Name())
			}
			found, lock = &onceFill{stmt, f, c.Callee}, detect.Lock{Root: v, Mode: detect.InOnce}
		}
	}
	if found == nil {
		return nil, lock, refuse(NoForm, l.v.Obj.Pos(), "no Once of the call's own fills %s", l.v.Name())
	}
	return found, lock, nil
}

// ofThisCall returns a use, in what the Once runs, of a variable of the call:
// the Once would run with those of the first call only. nil if there is none.
func (l *lifting) ofThisCall(fill *onceFill) *ast.Ident {
	var found *ast.Ident
	ast.Inspect(fill.lit.Body(), func(n ast.Node) bool {
		id, ok := n.(*ast.Ident)
		if !ok || found != nil {
			return found == nil
		}
		v, isVar := l.pkg.Info.Uses[id].(*types.Var)
		if isVar && !v.IsField() && contains(fill.in.Cur.Node(), identAt(v)) && !contains(fill.lit.Lit, identAt(v)) {
			found = id
		}
		return true
	})
	return found
}
