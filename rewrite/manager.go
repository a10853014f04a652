package rewrite

import (
	"go/ast"
	"go/types"
	"go/version"
	"path"
	"slices"

	"github.com/singletonfix/singletonfix/detect"
)

var manager = &Strategy{
	Name:  "manager",
	asked: true,
	Doc: `the variable becomes a value of a small package of the module's own

	var instance lazy.Value[*T]

	func Get() (*T, error) {
		return instance.GetErr(newT)
	}

	func Reset() { instance.Reset() }

	var pools lazy.Map[string, *T]

	func Pool(name string) *T {
		return pools.Get(name, func() *T { return newPool(name) })
	}

The package, internal/lazy, is written beside the fix where the module does not have it: some
hundred lines with their own tests. For a code base with many singletons: what all of them need is
there once, and each getter and reset is one line. One goroutine at a time builds the value, and
nobody sees it before it is complete; a failure or a panic is followed by another try, and what is
nil or another zero value counts as empty, as a test for it does. With --fields, a lazy field becomes
such a value, one in each value of its type. A registry has a lock for each key, so
that a constructor may ask for other keys. A mutex of the getter's own that guards nothing else goes;
one that guards more stays, and so does its value. A call that finds the value costs one atomic load.
It needs go 1.19, and is used only where it is asked for.`,
	plan: planManager,
}

func planManager(d *draft) *Refusal {
	if r := d.manageable(); r != nil {
		return r
	}
	d.Manager = d.opts.Manager
	switch d.Singleton.Pattern {
	case "lost-once-error":
		return planLostRetry(d)
	case "racy-atomic":
		return planManagedAtomic(d)
	}
	if d.once != nil {
		return planOnceDoubleCheck(d)
	}
	if d.Singleton.Pattern == "local-lock" {
		if r := d.dropLocalLocks(); r != nil {
			return r
		}
	}
	if d.Singleton.Mutex != nil {
		return planManagedLocked(d)
	}
	if d.kind == flagTest || d.numberFlag() {
		return planManagedFlag(d)
	}
	guards, r := d.guards()
	if r != nil {
		return r
	}
	return d.makeAtomic(guards)
}

// manageable proves that there can be a package to use, and that what guards
// the variable by now is nothing that somebody else relies on.
func (d *draft) manageable() *Refusal {
	if r := d.hasManager(); r != nil {
		return r
	}
	switch d.Singleton.Pattern {
	case "nil-check", "helper-init", "flag-guard", "checked-once", "once-reset", "unlocked-reset", "unlocked-read", "broken-double-check", "missing-recheck", "lost-once-error", "local-lock", "racy-atomic":
	default:
		return refuse(NoForm, d.v.Obj.Pos(), "the manager has no form for the pattern %s", d.Singleton.Pattern)
	}
	if d.v.Field != "" {
		return refuse(NoForm, d.v.Obj.Pos(), "%s is a field of a package variable", d.v.Name())
	}
	return nil
}

// hasManager proves that there can be a package to use.
func (d *draft) hasManager() *Refusal {
	if d.opts.Manager == "" {
		return refuse(NoForm, d.v.Obj.Pos(), "there is no place for the manager's package: it takes a module with a free name in its folder internal, and the command to write it")
	}
	if r := d.goAtLeast("go1.19", "the manager's package"); r != nil {
		return r
	}
	if have := d.pkg.Types.GoVersion(); have != "" && version.Compare(have, "go1.19") < 0 {
		return refuse(GoVersion, d.v.Obj.Pos(), "the manager's package needs go1.19 in go.mod, which says %s", have)
	}
	return nil
}

// planManagedFlag plans a value behind a flag, which goes: that there is a
// value says as much.
func planManagedFlag(d *draft) *Refusal {
	if len(d.Singleton.Sites) != 1 {
		return refuse(NoForm, d.v.Obj.Pos(), "%s is tested in several places", d.v.Name())
	}
	g := newGuard(d.fx, d.Singleton.Sites[0])
	if g == nil || !d.onlyGuards(g) {
		return refuse(NoForm, d.v.Obj.Pos(), "%s does more than guard a value", d.v.Name())
	}
	if !g.plain || g.Form == detect.GuardElse {
		return refuse(ControlFlow, g.stmt.Pos(), "the test of %s decides about more than its initialisation", d.v.Name())
	}
	flag := d.v
	for _, v := range d.Singleton.Vars {
		if v.Obj != flag.Obj && d.v != flag {
			return refuse(NoForm, v.Obj.Pos(), "%s guards several variables", flag.Name())
		}
		if v.Obj != flag.Obj {
			d.v = v
		}
	}
	if d.v == flag {
		return refuse(NoForm, flag.Obj.Pos(), "%s guards no value of its own", flag.Name())
	}
	value, test := d.v, d.kind
	if d.kind = nilTest; !d.nilable() {
		return refuse(NoForm, value.Obj.Pos(), "%s may be zero where %s says that it is filled", value.Name(), flag.Name())
	}
	if _, end := d.fill(value, nilTest, g.Block); !end.has() {
		return refuse(NoForm, g.stmt.Pos(), "%s may stay empty where %s says that it is filled", value.Name(), flag.Name())
	}
	for _, a := range value.Accesses {
		if a.Kind != detect.Read && !inStmts(g.Block, a.Expr) && !d.inner([]*guard{g})[a.In] && a.Phase != detect.Initial {
			return refuse(PartialReset, a.Pos(), "%s is changed here, and %s goes on to say that it is filled, or not", value.Name(), flag.Name())
		}
	}
	d.v, d.kind = flag, test
	d.dropFlag(g)
	site := *g.Site
	site.Block = slices.DeleteFunc(slices.Clone(site.Block), func(s ast.Stmt) bool {
		return slices.ContainsFunc(flag.Accesses, func(a *detect.Access) bool { return a.Stmt == s })
	})
	g.Site = &site
	d.v, d.kind = value, nilTest
	both, alone := d.Singleton, *d.Singleton
	alone.Vars = []*detect.Variable{value}
	d.Singleton = &alone
	r := d.makeAtomic([]*guard{g})
	d.Singleton = both
	return r
}

// lengthsTell proves of a managed map or slice that is tested by its length
// that it is never empty other than nil, which the manager takes for a value.
func (x *atomicVar) lengthsTell() *Refusal {
	if !x.managed || x.kind != lenTest {
		return nil
	}
	if b, ok := x.typeOf().Underlying().(*types.Basic); ok && b.Info()&types.IsString != 0 {
		return nil
	}
	for _, a := range x.v.Accesses {
		if a.Kind != detect.Write {
			continue
		}
		if a.Value == nil || !x.empties(x.v, a.Value) && x.newFilling(x.v.Obj, x.kind, 0).value(a.Value) != filled {
			return refuse(NoForm, a.Pos(), "%s may be assigned something of length 0 here that is not nil", x.v.Name())
		}
	}
	return nil
}

// declareManaged emits the new declaration: x lazy.Value[T].
func (x *atomicVar) declareManaged() {
	v := x.v
	typ := path.Base(x.opts.Manager) + ".Value[$t]"
	holes, imports := hole("t", v.Spec.Type), []string{x.opts.Manager}
	switch {
	case len(v.Spec.Names) > 1:
		x.edit(Edit{Op: Delete, At: v.Ident()})
		x.edit(Edit{Op: InsertAfter, At: v.Spec, Code: "var " + v.Obj.Name() + " " + typ, Holes: holes, Imports: imports})
	case len(v.Spec.Values) > 0:
		x.edit(Edit{Op: Delete, At: v.Spec})
		x.edit(Edit{Op: InsertAfter, At: v.Spec, Code: "var " + v.Obj.Name() + " " + typ, Holes: holes, Imports: imports})
	default:
		x.edit(Edit{Op: ReplaceExpr, At: v.Spec.Type, Code: typ, Holes: holes, Imports: imports})
	}
	x.note("uses " + x.opts.Manager + ", which is written where it is not there yet")
}
