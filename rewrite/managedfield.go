package rewrite

import (
	"go/ast"
	"go/types"
	"path"
	"slices"

	"github.com/singletonfix/singletonfix/detect"
)

// planManagedField lets a lazy field become a value of the manager's package:
// each value of the type has its own, with its lock.
//
//	func (p *Page) Theme() *Theme {
//		return p.theme.Get(loadTheme)
//	}
func planManagedField(f *fieldDraft) *Refusal {
	if r := f.hasManager(); r != nil {
		return r
	}
	switch {
	case f.Singleton.Pattern != "lazy-field" || f.kind == flagTest || len(f.Singleton.Vars) > 1:
		return refuse(NoForm, f.v.Obj.Pos(), "%s is no value of its own that is tested and filled without a lock", f.v.Name())
	case f.isStruct():
		return refuse(NoForm, f.v.Obj.Pos(), "%s is a struct, whose fields are used one by one", f.v.Name())
	case len(f.field.Names) > 1:
		return refuse(NoForm, f.field.Pos(), "%s is declared together with other fields", f.v.Name())
	}
	f.Manager = f.opts.Manager
	if r := f.onlyAssigned(); r != nil {
		return r
	}
	guards, r := f.guards()
	if r != nil {
		return r
	}
	for _, g := range guards {
		if r := f.managedGuard(g); r != nil {
			return r
		}
	}
	if r := f.notReentrant(guards...); r != nil {
		return r
	}
	x := f.newManaged(guards)
	if r := x.lengthsTell(); r != nil {
		return r
	}
	for _, g := range guards {
		x.at(f, g.Read)
		if r := x.site(g); r != nil {
			return r
		}
	}
	if r := x.othersOf(f); r != nil {
		return r
	}
	x.edit(Edit{Op: ReplaceExpr, At: f.field.Type, Code: path.Base(f.Manager) + ".Value[$t]", Holes: hole("t", f.field.Type), Imports: []string{f.Manager}})
	x.note("uses " + f.Manager + ", which is written where it is not there yet")
	x.proved("built-before-stored")
	return nil
}

func (d *draft) isStruct() bool {
	_, ok := d.typeOf().Underlying().(*types.Struct)
	return ok
}

// onlyAssigned proves of every use of the field that it is of a value which
// has a name there, that no mutex of the value is to guard it, and that no
// literal gives it a value: what holds a lock cannot be copied into one.
func (f *fieldDraft) onlyAssigned() *Refusal {
	bases := make(map[*detect.Func]*detect.Access)
	for _, a := range f.v.Accesses {
		if a.In == nil || a.In.Body() == nil {
			return refuse(InitOrder, a.Pos(), "%s is used while the package is initialised", f.v.Name())
		}
		in := a.In.Outermost()
		if _, ok := f.base(a); !ok || bases[in] != nil && !sameBase(bases[in], a) {
			return refuse(ControlFlow, a.Pos(), "it is unclear whose %s this is, or it is one of several", f.v.Obj.Name())
		}
		bases[in] = a
		for _, h := range a.Held {
			if h.Root == a.Base.Root {
				return refuse(NoForm, a.Pos(), "%s guards %s here; the manager has a lock of its own", h.Name(), f.v.Name())
			}
		}
	}
	for cur := range f.fx.Insp.Root().Preorder((*ast.KeyValueExpr)(nil)) {
		id, ok := cur.Node().(*ast.KeyValueExpr).Key.(*ast.Ident)
		if ok && f.pkg.Info.Uses[id] == types.Object(f.v.Obj) {
			return refuse(NoForm, id.Pos(), "%s is given a value in a literal, which cannot give the manager's one: that holds a lock", f.v.Name())
		}
	}
	return nil
}

// managedGuard proves that g fills the field itself, in code that can wait for
// its turn while others are kept from the field.
func (f *fieldDraft) managedGuard(g *guard) *Refusal {
	switch {
	case len(g.Calls) > 0 || g.Read.In != g.Func:
		return refuse(NoForm, g.stmt.Pos(), "another function fills %s", f.v.Name())
	case !g.plain:
		return refuse(ControlFlow, g.stmt.Pos(), "the test of %s decides about more than its initialisation", f.v.Name())
	}
	if n := f.callsField(g.Func, g.Block); n != nil {
		return refuse(Reentrant, n.Pos(), "this calls what somebody has put into a field, which may come back to %s", g.Func.Name())
	}
	once := !slices.ContainsFunc(f.v.Accesses, func(a *detect.Access) bool {
		return a.Kind != detect.Read && !inStmts(g.Block, a.Expr) && !early(a)
	})
	return f.filledBeside(func(fn *detect.Func) bool { return fn == g.Func && once })
}

// newManaged is newAtomic for a field.
func (f *fieldDraft) newManaged(guards []*guard) *atomicVar {
	x := &atomicVar{draft: f.draft, managed: true, inner: f.inner(guards), typ: f.source(f.field.Type, nil), done: make(map[*detect.Access]bool), after: guards[0]}
	_, x.pointer = ast.Unparen(f.field.Type).(*ast.StarExpr)
	x.emptied = slices.ContainsFunc(f.v.Accesses, func(a *detect.Access) bool {
		return a.Kind == detect.Write && (a.Value == nil || f.empties(f.v, a.Value))
	})
	return x
}

// at lets the field be called what it is called at a.
func (x *atomicVar) at(f *fieldDraft, a *detect.Access) {
	x.base, _ = f.base(a)
	x.mu, x.holder = x.self(), x.self()
}

// othersOf is others for a field.
func (x *atomicVar) othersOf(f *fieldDraft) *Refusal {
	for _, fn := range f.fx.Funcs {
		uses := slices.DeleteFunc(x.in(fn.Cur.Node()), func(a *detect.Access) bool { return x.done[a] || x.home(a.In) != fn })
		if len(uses) == 0 {
			continue
		}
		x.at(f, uses[0])
		if r := x.function(fn, uses); r != nil {
			return r
		}
	}
	return nil
}
