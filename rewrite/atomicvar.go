package rewrite

import (
	"cmp"
	"go/ast"
	"go/types"
	"slices"

	"github.com/singletonfix/singletonfix/detect"
)

// An atomicVar is the variable of a double check, on its way from a plain
// variable to an atomic pointer.
type atomicVar struct {
	*draft
	mu      string // the name of the mutex
	flag    bool   // the variable says whether others are filled
	number  string // what such a variable is set to, where it is no bool but a number
	plain   bool   // the variable stays as it is, under the mutex
	returns bool   // what fills the variable becomes a function that returns the value
	success string // what such a function returns behind the value: "" or ", nil"
	managed bool   // the variable becomes a value of the manager's package
	base    string // the value whose field it is, in the function that is planned; "" for a package variable
	// extracted says that the block moves to a function that the site's function calls.
	extracted bool
	replaces  bool         // what is stored replaces what the variable holds, even by nothing
	locked    bool         // the code that is emitted holds the managed value's lock
	pointer   bool         // the variable is a pointer: the atomic holds it; else the atomic points to the value
	typ       string       // the type as written: *T, or V
	loader    string       // the name of the function that returns the value, "" until it is needed
	newErr    types.Object // an error of the enclosing function that moves into a new one
	done      map[*detect.Access]bool
	picked    map[*detect.Func]int // how many local variables were named, by function
	inner     map[*detect.Func]bool
	// emptied says that the variable can become empty again: two Loads may
	// then disagree.
	emptied bool
	// split are functions that fill the variable for a site and are called
	// elsewhere too; splitName are the functions that their bodies move to.
	split     map[*detect.Func]bool
	splitName map[*detect.Func]string
	funcs     []sharedFunc          // what blocks of the sites have become
	slow      map[*detect.Func]bool // helpers that take the lock themselves
	after     *guard                // behind its function, new functions are declared
	ctx       string                // the context that ends the wait for the lock, "" where that is a mutex
	cancel    string                // returns where the context has ended
	holder    string                // names the mutex's declaration; "" where the author's own is used
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
	if d.isStruct() {
		return nil, refuse(NoForm, d.v.Obj.Pos(), "%s is a struct, whose fields are used one by one", d.v.Name())
	}
	if x.managed = d.Manager != ""; x.managed {
		x.mu = d.v.Obj.Name() // has a lock of its own
	} else {
		x.mu = d.companion("Mu")
	}
	x.holder = x.mu
	x.emptied = d.opts.AddReset && !hasReset(d.Singleton)
	for _, a := range d.v.Accesses {
		if a.Kind == detect.Write && a.Value != nil && d.empties(d.v, a.Value) {
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
	x.atomic = x
	if len(x.outside) > 0 && !x.pointer && !x.flag && !x.managed {
		x.load() // declares what other packages read by
	}
	if x.managed {
		x.declareManaged()
		return
	}
	typ, imports := x.flagType(), []string{"sync/atomic"}
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
		code, imports := "var "+x.holder+" sync.Mutex", []string{"sync"}
		if x.ctx != "" {
			code, imports = "var "+x.holder+" = make(chan struct{}, 1)", nil
		}
		if len(v.Spec.Names) > 1 || len(v.Spec.Values) > 0 {
			x.edit(Edit{Op: InsertAfter, At: v.Spec, Code: code, Imports: imports}) // behind what takes its place
		} else {
			x.declareLock(x.besideIt(), v.Spec, code, imports)
		}
	}
	x.declareLoader()
}

// besideIt returns the variables that are declared in the group of the atomic
// one and that its lock guards, which is among them.
func (x *atomicVar) besideIt() []*detect.Variable {
	return slices.DeleteFunc(x.values(), func(v *detect.Variable) bool { return v.Decl != x.v.Decl })
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
	return zeroOf(x.typeOf())
}

// self returns what the variable is called where it is used: x, or s.x of a field.
func (x *atomicVar) self() string {
	if x.base != "" {
		return x.base + "." + x.v.Obj.Name()
	}
	return x.v.Obj.Name()
}

// isSet returns the condition that the variable is filled.
func (x *atomicVar) isSet() string {
	switch {
	case x.number != "":
		return x.self() + ".Load() != 0"
	case x.flag:
		return x.self() + ".Load()"
	case x.managed:
		return x.isFilled(x.self() + ".Load()")
	}
	return x.self() + ".Load() != nil"
}

// load returns the expression that reads the variable once.
func (x *atomicVar) load() string {
	if x.pointer || x.flag || x.managed {
		return x.self() + ".Load()"
	}
	if x.loader == "" {
		x.loader = x.loaderName()
	}
	return x.loader + "()"
}

// loaderName returns a name for the function that returns the value: one
// that differs from the author's by more than a number.
func (x *atomicVar) loaderName() string {
	base := upperFirst(x.v.Obj.Name())
	for _, verb := range []string{"load", "current", "stored"} {
		if len(x.outside) > 0 {
			verb = upperFirst(verb) // other packages call it, too
		}
		if want := verb + base; freeName(x.pkg, want) == want && !x.pending[want] {
			return x.name(want)
		}
	}
	return x.name("load" + base)
}

// clear returns the statement that empties the variable.
func (x *atomicVar) clear() string {
	switch {
	case x.number != "":
		return x.self() + ".Store(0)"
	case x.flag:
		return x.self() + ".Store(false)"
	case x.managed && x.locked:
		return x.self() + ".Store(" + x.zero() + ")"
	case x.managed:
		return x.self() + ".Reset()"
	}
	return x.self() + ".Store(nil)"
}

// store returns the statement that stores the local variable named local,
// which is filled for sure or maybe.
func (x *atomicVar) store(local string, st state) string {
	name := x.self()
	switch {
	case x.returns:
		return "return " + local + x.success
	case x.managed && x.locked:
		return name + ".Store(" + local + ")"
	case x.managed:
		return name + ".Set(" + local + ")"
	}
	if x.flag {
		return name + ".Store(" + cmp.Or(x.number, "true") + ")"
	}
	if x.pointer {
		return name + ".Store(" + local + ")"
	}
	if st == filled {
		return name + ".Store(&" + local + ")"
	}
	code := "if " + x.isFilled(local) + " {\n" + name + ".Store(&" + local + ")\n}"
	if x.replaces {
		code += " else {\n" + x.clear() + "\n}"
	}
	return code
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
