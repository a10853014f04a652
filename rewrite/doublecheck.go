package rewrite

import (
	"go/ast"
	"go/types"
	"slices"

	"github.com/singletonfix/singletonfix/detect"
)

var doublecheck = &Strategy{
	Name: "doublecheck",
	Doc: `the variable becomes atomic, and is tested again under a lock

	var (
		instance   atomic.Pointer[T]
		instanceMu sync.Mutex
	)

	func Get() (*T, error) {
		if v := instance.Load(); v != nil {
			return v, nil
		}
		instanceMu.Lock()
		defer instanceMu.Unlock()
		if v := instance.Load(); v != nil {
			return v, nil
		}
		v, err := newT()
		if err != nil {
			return nil, err
		}
		instance.Store(v)
		return v, nil
	}

One goroutine at a time builds the value, and nobody sees it before it is stored, last. A failure
is tried again by the next caller, as before; a reset takes the same lock. Once the value is
there, a call costs one atomic load. It needs go 1.19 in go.mod.`,
	plan: planDoubleCheck,
}

func planDoubleCheck(d *draft) *Refusal {
	switch d.Singleton.Pattern {
	case "nil-check", "helper-init", "flag-guard", "checked-once", "once-reset", "unlocked-reset", "unlocked-read":
	default:
		return refuse(NoForm, d.v.Obj.Pos(), "there is no fix for the pattern %s yet", d.Singleton.Pattern)
	}
	if d.v.Field != "" {
		return refuse(NoForm, d.v.Obj.Pos(), "%s is a field of a package variable", d.v.Name())
	}
	if d.Singleton.Mutex != nil && d.once == nil {
		return refuse(notThis, d.v.Obj.Pos(), "the getter has a lock already")
	}
	if d.once != nil {
		return planOnceDoubleCheck(d)
	}
	if d.kind == flagTest {
		return planFlag(d)
	}
	if r := d.goAtLeast("go1.19", "atomic.Pointer"); r != nil {
		return r
	}
	guards, r := d.guards()
	if r != nil {
		return r
	}
	return d.makeAtomic(guards)
}

// guards describes every site; the sites must be ones of which the
// variable's name tells all.
func (d *draft) guards() ([]*guard, *Refusal) {
	var guards []*guard
	for _, s := range d.Singleton.Sites {
		g := newGuard(d.fx, s)
		switch {
		case g == nil:
			return nil, refuse(ControlFlow, s.Stmt.Pos(), "no lock can be put in front of this test of %s", d.v.Name())
		case holdsMutex(s):
			return nil, refuse(NoForm, s.Stmt.Pos(), "%s is tested under a lock that others do not take", d.v.Name())
		case s.Inner != nil:
			return nil, refuse(NoForm, s.Stmt.Pos(), "%s is tested a second time under a lock of its own", d.v.Name())
		case s.Var.Obj != d.v.Obj || s.Var.Field != d.v.Field:
			return nil, refuse(NoForm, s.Stmt.Pos(), "%s and %s guard each other", d.v.Name(), s.Var.Name())
		case kindOf(d.pkg.Info, s.Test) != d.kind:
			return nil, refuse(NoForm, s.Stmt.Pos(), "%s is tested in different ways", d.v.Name())
		}
		guards = append(guards, g)
	}
	if len(guards) == 0 {
		return nil, refuse(NoForm, d.v.Obj.Pos(), "nothing tests %s before it is filled", d.v.Name())
	}
	return guards, nil
}

// holdsMutex reports whether a mutex of the package is held at the test.
func holdsMutex(s *detect.Site) bool {
	return slices.ContainsFunc(s.Read.Held, func(l detect.Lock) bool {
		return l.Global() && (l.Mode == detect.Locked || l.Mode == detect.ReadLocked)
	})
}

// makeAtomic plans the whole form: the declaration, the sites, and every
// other use of the variable.
func (d *draft) makeAtomic(guards []*guard) *Refusal {
	if r := d.notReentrant(guards...); r != nil {
		return r
	}
	if r := d.companionsFollow(guards); r != nil {
		return r
	}
	x, r := d.newAtomic(guards)
	if r != nil {
		return r
	}
	return x.finish(guards)
}

// finish plans the sites, every other use of the variable, and its declaration.
func (x *atomicVar) finish(guards []*guard) *Refusal {
	x.after = guards[0]
	for _, g := range guards {
		if r := x.site(g); r != nil {
			return r
		}
	}
	if r := x.others(); r != nil {
		return r
	}
	x.declare()
	x.proved("built-before-stored")
	return nil
}

// companionsFollow proves of the variables that are filled beside the tested
// one that they are only written by the sites, and only read after them: then
// the tested one publishes them too.
func (d *draft) companionsFollow(guards []*guard) *Refusal {
	inner := d.inner(guards)
	for _, v := range d.Singleton.Vars {
		if v.Obj == d.v.Obj && v.Field == d.v.Field {
			continue
		}
		for _, a := range v.Accesses {
			if a.In != nil && inner[a.In] || inBlocks(guards, a) {
				continue // part of the initialisation
			}
			if a.Kind != detect.Read {
				return refuse(PartialReset, a.Pos(), "%s is changed here, and %s guards it", v.Name(), d.v.Name())
			}
			if len(guards) != 1 || !d.comesAfter(a, guards[0]) {
				return refuse(NoForm, a.Pos(), "%s is read here, where %s may not have been filled", v.Name(), d.v.Name())
			}
		}
		if len(d.Singleton.Resets) > 0 {
			return refuse(PartialReset, d.Singleton.Resets[0].Pos(), "%s leaves %s as it is, which %s guards", d.Singleton.Resets[0].Name(), v.Name(), d.v.Name())
		}
		if r := d.filledTogether(guards, v); r != nil {
			return r
		}
	}
	return nil
}

// filledTogether proves that no initialisation fills v and leaves the tested
// variable empty: the next one would change v under those who read it.
func (d *draft) filledTogether(guards []*guard, v *detect.Variable) *Refusal {
	for _, g := range guards {
		filled := within(v.Accesses, nodes(g.Block)...)
		if len(filled) == 0 && len(g.Calls) == 0 {
			continue
		}
		fl, end := d.fill(d.v, d.kind, g.Block)
		for _, ret := range fl.returns() {
			if len(filled) == 0 || ret.Pos() > filled[0].Pos() {
				end = join(end, fl.exits[ret])
			}
		}
		if end != dead && !end.has() {
			return refuse(NoForm, g.stmt.Pos(), "%s may be filled here while %s, which guards it, stays empty", v.Name(), d.v.Name())
		}
	}
	return nil
}

func inBlocks(guards []*guard, a *detect.Access) bool {
	for _, g := range guards {
		if inStmts(g.Block, a.Expr) {
			return true
		}
	}
	return false
}

// An atomicVar is the variable of a double check, on its way from a plain
// variable to an atomic pointer.
type atomicVar struct {
	*draft
	mu      string       // the name of the mutex
	flag    bool         // the variable is a bool that says whether others are filled
	plain   bool         // the variable stays as it is, under the mutex
	pointer bool         // the variable is a pointer: the atomic holds it; else the atomic points to the value
	typ     string       // the type as written: *T, or V
	loader  string       // the name of the function that returns the value, "" until it is needed
	newErr  types.Object // an error of the enclosing function that moves into a new one
	done    map[*detect.Access]bool
	inner   map[*detect.Func]bool
	// emptied says that the variable can become empty again: two Loads may
	// then disagree.
	emptied bool
	// split are functions that fill the variable for a site and are called
	// elsewhere too; splitName are the functions that their bodies move to.
	split     map[*detect.Func]bool
	splitName map[*detect.Func]string
	after     *guard // behind its function, new functions are declared
	holder    string // names the mutex's declaration; "" where the author's own is used
}

func (d *draft) newAtomic(guards []*guard) (*atomicVar, *Refusal) {
	typ := d.v.Spec.Type
	if typ == nil {
		return nil, refuse(NoForm, d.v.Obj.Pos(), "%s is declared without a type", d.v.Name())
	}
	if len(d.v.Spec.Values) > 0 && len(d.v.Spec.Names) > 1 {
		return nil, refuse(NoForm, d.v.Obj.Pos(), "%s is declared together with others", d.v.Name())
	}
	x := &atomicVar{draft: d, inner: d.inner(guards), split: d.splitHelpers(guards), splitName: make(map[*detect.Func]string), typ: d.source(typ, nil), done: make(map[*detect.Access]bool)}
	_, star := ast.Unparen(typ).(*ast.StarExpr)
	x.pointer = star
	if st, ok := d.typeOf().Underlying().(*types.Struct); ok && st != nil {
		return nil, refuse(NoForm, d.v.Obj.Pos(), "%s is a struct, whose fields are used one by one", d.v.Name())
	}
	x.mu = d.companion("Mu")
	x.holder = x.mu
	for _, a := range d.v.Accesses {
		if a.Kind == detect.Write && a.Value != nil && isZero(d.pkg.Info, a.Value) {
			x.emptied = true
		}
		if a.Kind == detect.Write && a.Value == nil {
			x.emptied = true
		}
	}
	return x, nil
}

// declare emits the new declaration: x atomic.Pointer[T] and xMu sync.Mutex.
func (x *atomicVar) declare() {
	v := x.v
	typ, imports := "atomic.Bool", []string{"sync/atomic"}
	elem := v.Spec.Type
	if !x.flag {
		if x.pointer {
			elem = ast.Unparen(elem).(*ast.StarExpr).X
		}
		typ = "atomic.Pointer[" + x.source(elem, nil) + "]"
	}
	switch {
	case len(v.Spec.Names) > 1:
		x.edit(Edit{Op: Delete, At: v.Ident()})
		x.edit(Edit{Op: InsertAfter, At: v.Spec, Code: "var " + v.Obj.Name() + " " + typ, Imports: imports})
	case len(v.Spec.Values) > 0:
		x.edit(Edit{Op: Delete, At: v.Spec})
		x.edit(Edit{Op: InsertAfter, At: v.Spec, Code: "var " + v.Obj.Name() + " " + typ, Imports: imports})
	case x.flag:
		x.edit(Edit{Op: ReplaceExpr, At: elem, Code: typ, Imports: imports})
	default:
		x.edit(Edit{Op: ReplaceExpr, At: v.Spec.Type, Code: "atomic.Pointer[$t]", Holes: hole("t", elem), Imports: imports})
	}
	if x.holder != "" {
		x.edit(Edit{Op: InsertAfter, At: v.Spec, Code: "var " + x.holder + " sync.Mutex", Imports: []string{"sync"}})
	}
	x.declareLoader()
}

// declareLoader emits the function that returns the value, where one is needed.
func (x *atomicVar) declareLoader() {
	if x.loader == "" {
		return
	}
	name := x.v.Obj.Name()
	body := "if p := " + name + ".Load(); p != nil {\nreturn *p\n}\n"
	switch zero := x.zero(); zero {
	case "":
		body += "var none " + x.typ + "\nreturn none\n"
	default:
		body += "return " + zero + "\n"
	}
	x.edit(Edit{Op: InsertAfter, At: x.after.anchor(), Code: "// " + x.loader + " returns " + name + ", or its zero value while it is empty.\nfunc " +
		x.loader + "() " + x.typ + " {\n" + body + "}"})
}

// zero returns the zero value of the variable's type as a literal, "" if that is not known.
func (x *atomicVar) zero() string {
	if x.kind == nilTest {
		return "nil"
	}
	switch t := x.typeOf().Underlying().(type) {
	case *types.Basic:
		switch {
		case t.Info()&types.IsString != 0:
			return `""`
		case t.Info()&types.IsNumeric != 0:
			return "0"
		}
	case *types.Slice, *types.Map, *types.Pointer, *types.Interface, *types.Signature, *types.Chan:
		return "nil"
	}
	return ""
}

// isSet returns the condition that the variable is filled.
func (x *atomicVar) isSet() string {
	if x.flag {
		return x.v.Obj.Name() + ".Load()"
	}
	return x.v.Obj.Name() + ".Load() != nil"
}

// load returns the expression that reads the variable once.
func (x *atomicVar) load() string {
	if x.pointer || x.flag {
		return x.v.Obj.Name() + ".Load()"
	}
	if x.loader == "" {
		x.loader = x.name("load" + upperFirst(x.v.Obj.Name()))
	}
	return x.loader + "()"
}

// clear returns the statement that empties the variable.
func (x *atomicVar) clear() string {
	if x.flag {
		return x.v.Obj.Name() + ".Store(false)"
	}
	return x.v.Obj.Name() + ".Store(nil)"
}

// store returns the statement that stores the local variable named local,
// which is filled for sure or maybe.
func (x *atomicVar) store(local string, st state) string {
	name := x.v.Obj.Name()
	if x.flag {
		return name + ".Store(true)"
	}
	if x.pointer {
		return name + ".Store(" + local + ")"
	}
	if st == filled {
		return name + ".Store(&" + local + ")"
	}
	return "if " + x.isFilled(local) + " {\n" + name + ".Store(&" + local + ")\n}"
}

// isFilled returns the condition that the author's own test would call local filled.
func (x *atomicVar) isFilled(local string) string {
	switch x.kind {
	case nilTest:
		return local + " != nil"
	case lenTest:
		return "len(" + local + ") != 0"
	}
	return local + " != " + x.zero()
}
