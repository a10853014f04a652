package rewrite

import (
	"go/ast"
	"go/types"
	"slices"

	"github.com/singletonfix/singletonfix/detect"
)

// planFieldOnce plans: s.indexOnce.Do(func() { BLOCK }).
func planFieldOnce(f *fieldDraft) *Refusal {
	if f.Singleton.Pattern == "checked-once" {
		return planFieldChecked(f)
	}
	if f.Singleton.Pattern != "lazy-field" || f.kind == flagTest {
		return refuse(notThis, f.v.Obj.Pos(), "%s has a lock already, or is guarded by a flag", f.v.Name())
	}
	if len(f.Singleton.Sites) != 1 || f.Singleton.Sites[0].Inner != nil {
		return refuse(ControlFlow, f.v.Obj.Pos(), "%s is filled in several places", f.v.Name())
	}
	g := newGuard(f.fx, f.Singleton.Sites[0])
	if g == nil || g.Copy != nil || !g.plain {
		return refuse(ControlFlow, f.Singleton.Sites[0].Stmt.Pos(), "the test of %s decides about more than its initialisation", f.v.Name())
	}
	base, ok := f.base(g.Read)
	if !ok {
		return refuse(ControlFlow, g.Read.Pos(), "it is unclear whose field this is when the initialisation runs")
	}
	block, last, r := onceBlock(f.draft, g)
	if r != nil {
		return r
	}
	for _, check := range []func(*guard) *Refusal{f.onlyFiller, f.onlyBehind} {
		if r := check(g); r != nil {
			return r
		}
	}
	if n := f.callsField(g.Func, block); n != nil {
		return refuse(Reentrant, n.Pos(), "this calls what somebody has put into a field, which may come back to %s", g.Func.Name())
	}
	if r := f.filledBeside(func(fn *detect.Func) bool { return fn == g.Func }); r != nil {
		return r
	}
	if r := f.onceFills(g, block); r != nil {
		return r
	}
	if r := f.notReentrant(g); r != nil {
		return r
	}
	if r := f.noOtherOrder(g.Func, block); r != nil {
		return r
	}
	name := f.fieldName("Once")
	f.addField(name, "sync.Once")
	f.edit(Edit{Op: ReplaceStmts, At: g.stmt, Last: last, Code: base + "." + name + ".Do(func() {\n$block\n})", Holes: map[string][]ast.Node{"block": nodes(block)}})
	f.paramNote(g, block)
	return nil
}

// onlyFiller proves that nothing but the guarded block assigns the fields,
// not even when a value is made: a Once would fill them all the same.
func (f *fieldDraft) onlyFiller(g *guard) *Refusal {
	for _, v := range f.Singleton.Vars {
		for _, a := range v.Accesses {
			if a.Kind == detect.Read || inStmts(g.Block, a.Expr) && f.sameGoroutine(a, g) && sameBase(a, g.Read) {
				continue
			}
			if a.Kind == detect.Element {
				return refuse(MutatedAfterPublish, a.Pos(), "what %s holds is changed here, outside its initialisation", v.Name())
			}
			return refuse(ControlFlow, a.Pos(), "%s is also assigned here, which a Once does not allow", v.Name())
		}
	}
	if e := f.builtWith(); e != nil {
		return refuse(ControlFlow, e.Pos(), "%s is given a value here, which a Once would overwrite", f.v.Name())
	}
	f.proved("no-other-writer")
	return nil
}

// builtWith returns a key of a composite literal that gives one of the fields
// a value, or nil.
func (f *fieldDraft) builtWith() ast.Expr {
	for cur := range f.fx.Insp.Root().Preorder((*ast.KeyValueExpr)(nil)) {
		kv := cur.Node().(*ast.KeyValueExpr)
		id, ok := kv.Key.(*ast.Ident)
		if !ok || isZero(f.pkg.Info, kv.Value) {
			continue
		}
		if slices.ContainsFunc(f.Singleton.Vars, func(v *detect.Variable) bool { return f.pkg.Info.Uses[id] == types.Object(v.Obj) }) {
			return id
		}
	}
	return nil
}

// onlyBehind proves that whoever reads the fields has come past the guard
// with the same value.
func (f *fieldDraft) onlyBehind(g *guard) *Refusal {
	for _, v := range f.Singleton.Vars {
		for _, a := range v.Accesses {
			if a == g.Read || a.Kind != detect.Read || a.File.Test || a.Phase == detect.Initial {
				continue
			}
			if !sameBase(a, g.Read) && !f.afterCall(a, g) || sameBase(a, g.Read) && !f.comesAfter(a, g) {
				return refuse(ControlFlow, a.Pos(), "%s is read here without a call of %s before", v.Name(), g.Func.Name())
			}
		}
	}
	f.proved("readers-after-getter")
	return nil
}

// afterCall reports whether a only happens behind a call of the guard's
// method on the same value.
func (f *fieldDraft) afterCall(a *detect.Access, g *guard) bool {
	base, ok := f.base(a)
	if !ok || !g.unconditional() {
		return false
	}
	return slices.ContainsFunc(g.Func.Callers, func(c *detect.Call) bool {
		sel, isSel := c.Expr.Fun.(*ast.SelectorExpr)
		return isSel && c.Mode == detect.Plain && c.Caller == a.In && f.source(sel.X, nil) == base && f.precedes(c.Expr, a.Expr)
	})
}
