package rewrite

import (
	"go/ast"
	"go/types"
	"slices"

	"github.com/singletonfix/singletonfix/detect"
)

var oncevalue = &Strategy{
	Name:  "oncevalue",
	asked: true,
	Doc: `the variable becomes a function of sync.OnceValue

	var instance = sync.OnceValue(func() *T {
		return newT()
	})

	func Get() *T {
		return instance()
	}

Exactly one goroutine builds the value, and nobody can read it too early: it is in no variable. It
fits a getter that does no more than return the value, where the initialisation cannot fail and
nothing else assigns the variable. An error that is kept with the value, as a flag beside the two
keeps it, becomes the second result of sync.OnceValues. It needs go 1.21, costs a little more than a
Once, and is used only where it is asked for.`,
	plan: planOnceValue,
}

func planOnceValue(d *draft) *Refusal {
	if r := d.goAtLeast("go1.21", "sync.OnceValue"); r != nil {
		return r
	}
	s := d.Singleton
	if s.Pattern != "nil-check" && s.Pattern != "flag-guard" || d.once != nil || d.v.Field != "" {
		return refuse(NoForm, s.Vars[0].Obj.Pos(), "%s is no variable that one function tests and fills, which is what becomes a sync.OnceValue", s.Vars[0].Name())
	}
	if len(s.Sites) != 1 || s.Sites[0].Inner != nil {
		return refuse(ControlFlow, s.Vars[0].Obj.Pos(), "%s is filled in several places", d.v.Name())
	}
	o := &onceValue{atomicVar: &atomicVar{draft: d, done: make(map[*detect.Access]bool)}, g: newGuard(d.fx, s.Sites[0])}
	for _, step := range []func() *Refusal{o.onlyReturns, o.findBlock, o.proveOnce, o.findValues, o.ownNames, o.noCycle, o.initOrder} {
		if r := step(); r != nil {
			return r
		}
	}
	return o.emit()
}

// A onceValue is a variable on its way to a function of sync.OnceValue.
type onceValue struct {
	*atomicVar
	g     *guard
	ret   *ast.ReturnStmt    // what the getter does
	block []ast.Stmt         // builds the value
	last  ast.Stmt           // the last statement that goes
	flag  *detect.Variable   // guards the values, and goes; nil where the value is its own guard
	with  []*detect.Variable // the value, and the error that is kept with it
}

// onlyReturns proves that the site's function does nothing behind the guard
// but return what was filled.
func (o *onceValue) onlyReturns() *Refusal {
	g := o.g
	if g == nil || g.Copy != nil || !g.plain || !g.body || g.Func.Decl == nil {
		return o.noGetter(o.Singleton.Sites[0].Stmt)
	}
	last := g.rest
	if g.early != nil {
		last = g.early
	}
	if len(last) != 1 || g.Form == detect.GuardElse {
		return o.noGetter(g.stmt)
	}
	ret, ok := last[0].(*ast.ReturnStmt)
	if !ok || len(ret.Results) == 0 {
		return o.noGetter(last[0])
	}
	o.ret, o.last = ret, ret
	if g.Form == detect.GuardEarly && len(g.Block) > 0 {
		o.last = g.Block[len(g.Block)-1]
	}
	return nil
}

func (o *onceValue) noGetter(at ast.Node) *Refusal {
	return refuse(ControlFlow, at.Pos(), "%s is not all that this function is about: only a getter that just returns it becomes a call of sync.OnceValue", o.v.Name())
}

func (o *onceValue) findBlock() (r *Refusal) {
	o.block, _, r = onceBlock(o.draft, o.g)
	return r
}

// proveOnce proves what a Once needs too.
func (o *onceValue) proveOnce() *Refusal {
	if r := o.onlyFilledHere(o.g); r != nil {
		return r
	}
	if r := o.onceFills(o.g, o.block); r != nil {
		return r
	}
	return o.notReentrant(o.g)
}

// findValues sorts out which variables are the value, its error, and the flag
// in front of both.
func (o *onceValue) findValues() *Refusal {
	if o.kind == flagTest {
		if !o.onlyGuards(o.g) {
			return refuse(ControlFlow, o.v.Obj.Pos(), "%s does more than guard the initialisation", o.v.Name())
		}
		o.flag = o.v
	}
	for _, v := range o.Singleton.Vars {
		if o.flag == nil || v.Obj != o.flag.Obj {
			o.with = append(o.with, v)
		}
	}
	for i, v := range o.with {
		if i > 0 && (i > 1 || !isError(v.Obj.Type()) || o.flag == nil) {
			return refuse(NoForm, v.Obj.Pos(), "%s is filled together with %s: sync.OnceValue returns one value", v.Name(), o.with[0].Name())
		}
		if v.Field != "" || v.Spec.Type == nil || len(v.Spec.Values) > 0 && len(v.Spec.Names) > 1 {
			return refuse(NoForm, v.Obj.Pos(), "%s is declared without a type of its own", v.Name())
		}
	}
	if len(o.with) == 0 {
		return refuse(NoForm, o.v.Obj.Pos(), "%s guards no value that sync.OnceValue could return", o.v.Name())
	}
	if len(o.ret.Results) != len(o.with) {
		return o.noGetter(o.ret)
	}
	for i, v := range o.with {
		if all := within(v.Accesses, o.ret.Results[i]); len(all) != 1 || all[0].Expr != ast.Unparen(o.ret.Results[i]) {
			return o.noGetter(o.ret)
		}
	}
	return nil
}

// ownNames proves that the block can stand outside of its function: it uses
// nothing that the function declares in front of it.
func (o *onceValue) ownNames() *Refusal {
	for _, s := range o.block {
		if id := o.foreign(s); id != nil {
			return refuse(ControlFlow, id.Pos(), "the initialisation uses %s, which belongs to %s: a sync.OnceValue stands outside of it", id.Name, o.g.Func.Name())
		}
	}
	return nil
}

// foreign returns an identifier in s that means something local from outside the block, or nil.
func (o *onceValue) foreign(s ast.Stmt) *ast.Ident {
	var found *ast.Ident
	ast.Inspect(s, func(n ast.Node) bool {
		id, ok := n.(*ast.Ident)
		if !ok || found != nil {
			return found == nil
		}
		obj := o.pkg.Info.Uses[id]
		if obj == nil || obj.Pkg() != o.pkg.Types || obj.Parent() == nil || obj.Parent() == o.pkg.Types.Scope() {
			return true // not a local name
		}
		if _, isImport := obj.(*types.PkgName); !isImport && !inStmts(o.block, identAt(obj)) {
			found = id
		}
		return true
	})
	return found
}

// noCycle proves that the new initialiser does not refer to the variable: the
// compiler refuses what does, also where it would never be called.
func (o *onceValue) noCycle() *Refusal {
	m := o.mentioned(nodes(o.block)...)
	for _, v := range o.with {
		for _, a := range v.Accesses {
			if !inStmts(o.block, a.Expr) && m.holds(a.Expr) {
				return refuse(Reentrant, a.Pos(), "the initialisation refers to what uses %s here: a variable cannot refer to itself in its initialiser", v.Name())
			}
		}
	}
	return nil
}

// initOrder proves that no initialiser of the package calls the getter in a
// way that the compiler does not see when it puts initialisers in order.
func (o *onceValue) initOrder() *Refusal {
	for _, v := range o.fx.Vars {
		value := v.Declared()
		if value == nil || !reachOf(o.fx, value).funcs[o.g.Func] {
			continue
		}
		if !o.mentioned(value).holds(o.g.stmt) {
			return refuse(InitOrder, value.Pos(), "%s may be called here before %s is initialised", o.g.Func.Name(), o.with[0].Name())
		}
	}
	o.proved("init-order")
	return nil
}

// readersCall lets whoever reads the variable behind the getter call the new function.
func (o *onceValue) readersCall() *Refusal {
	v := o.with[0]
	for i, w := range o.with {
		for _, a := range w.Accesses {
			if a == o.g.Read || inStmts(o.block, a.Expr) || contains(&span{o.g.stmt.Pos(), o.last.End()}, a.Expr) {
				continue
			}
			if i > 0 || len(o.with) > 1 {
				return refuse(NoForm, a.Pos(), "%s is read here by itself, and sync.OnceValues returns it together with %s", w.Name(), o.with[1-i].Name())
			}
			o.replace(a.Expr, v.Obj.Name()+"()")
		}
	}
	return nil
}

// isSetFlag reports whether s does no more than set the flag.
func (o *onceValue) isSetFlag(s ast.Stmt) bool {
	return o.flag != nil && slices.ContainsFunc(o.flag.Accesses, func(a *detect.Access) bool { return a.Stmt == s && a != o.g.Read })
}
