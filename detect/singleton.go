package detect

import (
	"go/ast"
	"go/token"
	"go/types"

	"golang.org/x/tools/go/ast/inspector"
)

// A Singleton is a package variable (or several under one guard) that a
// function tests and then fills, with all that was found out about it.
type Singleton struct {
	Facts    *Facts
	Pattern  string      // the name of the Pattern if unsafe, of the safe form if Safe
	Safe     bool        // no access conflicts with another unordered one
	Vars     []*Variable // every variable under the same guard; the value comes first
	Sites    []*Site     // where it is tested and filled, in source order; empty where only a Once fills it
	Once     *Variable   // the sync.Once or OnceFunc variable that fills it or stands behind the test, or nil
	Mutex    *Variable   // the package-level mutex that guards it somewhere, or nil
	Resets   []*Func     // functions that empty or replace the value
	Risk     Risk
	SetUp    bool   // unsafe, but only set up by who needs it later, as far as this package shows; a World settles it
	Reasons  []Note // why it is unsafe, one a conflict; empty if Safe
	Evidence []Note // what the risk rests on, a chain

	lock Lock // at its fills, where that is one of the only value of a type; Mutex is nil then
}

// A Note is a sentence about a position in the source.
type Note struct {
	Code    string // stable name of the kind of note, such as "unsynchronized-read"; "" in evidence
	Message string
	Pos     token.Pos
}

// Risk says how likely it is that an unsafe singleton does harm.
type Risk int

const (
	None     Risk = iota // safe
	Low                  // only reached from main's single goroutine or from tests
	Medium               // any caller may be concurrent
	Critical             // concurrent use is visible, or the outcome is a crash
)

var riskNames = []string{"none", "low", "medium", "critical"}

func (r Risk) String() string { return riskNames[r] }

// A Variable is a package variable, a field of a package variable of struct
// type, or, with --fields, a field of a type, with its declaration and every
// access to it.
type Variable struct {
	Obj      *types.Var      // the package variable, or the field of Owner
	Field    string          // "" or the path of fields below it, such as "Err" or "cache.items"
	Owner    *types.TypeName // the type that Obj is a field of; nil for a package variable
	Spec     *ast.ValueSpec  // declares it; nil for a field of a type
	Decl     *ast.GenDecl    // holds Spec, or Owner's declaration
	File     *File           // holds Decl
	Accesses []*Access       // in source order; in a Variable with a Field, those of that field or of the whole variable
}

// Name returns the variable's name with the path of its field, "cfg.loaded",
// or with the type that it is a field of, "Store.cache".
func (v *Variable) Name() string {
	if v.Owner != nil {
		return v.Owner.Name() + "." + v.Obj.Name()
	}
	if v.Field == "" {
		return v.Obj.Name()
	}
	return v.Obj.Name() + "." + v.Field
}

// An AccessKind says what an access does to its variable.
type AccessKind int

const (
	Read    AccessKind = iota // its value is used
	Write                     // it is assigned
	Element                   // an element or field of what it holds is assigned or deleted
	Address                   // its address is taken, explicitly or by calling a pointer method on it
)

// An Access is one use of a package variable.
type Access struct {
	Var  *types.Var
	Path string // fields selected below the variable, as in Variable.Field
	// Base is, where Var is a field of a type, the value that it is a field
	// of: receiver s in s.cache. The zero Lock otherwise, or if it is no variable.
	Base Lock
	Kind AccessKind
	// Cur is at the identifier; Expr is the largest operand that still
	// denotes the variable: x, (x), pkg.x, x.field.
	Cur  inspector.Cursor
	Expr ast.Expr
	In   *Func // the innermost function, nil in a package-level initialiser
	File *File
	// Value is what a Write assigns: the expression on the right, or nil
	// where there is none of its own (x++, range, a, x = f()).
	Value  ast.Expr
	Atomic AtomicOp // made by an atomic operation; Kind is then Read or Write
	// Stmt is the innermost statement around it, nil in a declaration.
	Stmt ast.Stmt
	// Held are the locks surely held at this access.
	Held Locks
	// Phase says whether goroutines can share the package by now.
	Phase Phase
}

// Pos returns the position of the identifier.
func (a *Access) Pos() token.Pos { return a.Cur.Node().Pos() }

// A Phase says when code runs, as far as sharing is concerned.
type Phase int

const (
	Shared  Phase = iota // goroutines may run it at the same time
	Startup              // only once, from main, before anything can be concurrent
	Initial              // only while the package is initialised
	Testing              // only from test files
)

// A Func is a function declaration or literal of the package.
type Func struct {
	Decl   *ast.FuncDecl // nil for a literal
	Lit    *ast.FuncLit  // nil for a declaration
	Obj    *types.Func   // nil for a literal
	Parent *Func         // the function around a literal; nil otherwise
	File   *File
	Cur    inspector.Cursor // at Decl or Lit
	Calls  []*Call          // made in its own body, in source order
	// Callers are the static calls of it in this package.
	Callers []*Call
	// Values are its uses other than by a static call: stored, passed on, returned.
	Values []*ast.Ident
	Phase  Phase
	// Entry are the locks held at every call of it.
	Entry Locks
	made  lockSet // the Onces that were done where a literal was made
}

// A CallMode says how a function is called.
type CallMode int

const (
	Plain    CallMode = iota
	Deferred          // by a defer statement
	Started           // by a go statement
	ByOnce            // passed to the Do method of a sync.Once
	Passed            // a literal or function passed to some other function
)

// A Call is a call in the package, or the passing of a function to one.
type Call struct {
	Mode   CallMode
	Expr   *ast.CallExpr
	Caller *Func        // nil in a package-level initialiser
	Callee *Func        // what is called, where it is of this package; else nil
	Obj    types.Object // what is called, where it has a name; a *types.Func, *types.Var, *types.Builtin
	Held   Locks        // surely held at the call
}

// A GuardForm says how a guard's statement leads to the fill.
type GuardForm int

const (
	GuardThen  GuardForm = iota // if x == nil { fill }
	GuardElse                   // if x != nil { ... } else { fill }
	GuardEarly                  // if x != nil { return x }; fill
	GuardCase                   // switch { case x == nil: fill }
	GuardOther                  // a helper's answer, a loop, or what else data flow found
)

// A Site is a test of a variable that decides whether a fill happens.
type Site struct {
	Var   *Variable  // the variable that is tested
	Func  *Func      // holds the test
	Test  ast.Expr   // the atomic condition: x == nil, len(m) == 0, !ready, v == nil with v a copy
	Read  *Access    // the read of the variable that the test rests on; elsewhere than Test for a copy or a predicate
	Stmt  ast.Stmt   // the statement of the condition: *ast.IfStmt, *ast.CaseClause, *ast.ForStmt
	Form  GuardForm  // how Stmt leads to the fill
	Block []ast.Stmt // what runs only where the variable is empty; in GuardEarly the statements after Stmt
	Copy  *types.Var // the local copy that is tested in place of the variable, or nil
	Key   ast.Expr   // in a registry, the key that is looked up; else nil
	Held  Locks      // at the test: where it reads the variable, and where a predicate that does is called
	Flag  bool       // the variable is a bool, or a number used as one, set beside what it guards
	Fills []*Access  // writes of the variable that the test leads to, in Func or in helpers
	Calls []*Call    // the calls through which helpers fill it; empty where Func does it itself
	// Recomputed is set where the fill also happens when the variable is not empty: x == nil || expired.
	Recomputed bool
	Inner      *Site // the second test of a double check, or nil
	Outer      *Site // the first test of a double check, or nil
}
