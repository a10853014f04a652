package detect

import (
	"go/ast"
	"go/types"

	"golang.org/x/tools/go/ast/inspector"
)

// Facts are what the patterns ask about: the accesses, phases, locks and
// calls of one package.
type Facts struct {
	Pkg   *Package
	Insp  *inspector.Inspector
	Funcs []*Func     // in source order
	Vars  []*Variable // package variables, in source order

	// Derived is room for what other packages work out of the facts, by keys of
	// their own types, so that they do it once. It is not for several goroutines.
	Derived map[any]any

	funcOf   map[ast.Node]*Func    // by *ast.FuncDecl or *ast.FuncLit
	byObj    map[*types.Func]*Func // declared functions and methods
	byVar    map[*types.Var]*Variable
	accesses map[*ast.Ident]*Access
	calls    map[*ast.CallExpr][]*Call // the call itself first, then the functions passed to it
	locals   map[*types.Var][]assignment
	making   map[*Call]bool           // calls of methods of what the caller has just made
	given    map[*types.Var][]givenIn // the same by blocks, of those that reaching was asked about
	fixed    map[*types.Var]bool      // package variables that always point to one and the same struct
	foreign  map[string]*types.Var    // variables of packages that were not loaded, by path and name
	// usedAsValue holds the local variables that are used other than by being called or assigned.
	usedAsValue map[*types.Var]bool
	flows       map[*Func]*flow
	lockCalls   map[*ast.CallExpr]lockCall // those that lockCall was asked about; nil until the facts before it are complete
	semaphores  bool                       // some channel of the package is one for a lock
	unseen      map[string]*types.Package  // packages with imported mutexes that are not exported, by path
	fields      bool                       // accesses to fields count
	sole        map[*types.TypeName]bool   // see soleTypes
}

// BuildFacts gathers the facts of p.
func BuildFacts(p *Package) *Facts { return buildFacts(p, false) }

// BuildFieldFacts gathers the facts of p with the accesses to the fields of
// its types.
func BuildFieldFacts(p *Package) *Facts { return buildFacts(p, true) }

// buildFacts gathers the facts of p; with fields, accesses to the fields of
// its types count as well.
func buildFacts(p *Package, fields bool) *Facts {
	var files []*ast.File
	for _, f := range p.Files {
		if !f.IsRaceTest() {
			files = append(files, f.Syntax)
		}
	}
	fx := &Facts{Pkg: p, Insp: inspector.New(files), fields: fields}
	fx.findFuncs()
	fx.findVars()
	fx.findAssignments()
	fx.findAccesses()
	if fields {
		fx.findFieldAccesses()
	}
	fx.findCalls()
	fx.findPhases()
	fx.findLocks()
	return fx
}

// FuncOf returns the function that n, a *ast.FuncDecl or *ast.FuncLit, is.
func (fx *Facts) FuncOf(n ast.Node) *Func { return fx.funcOf[n] }

// Enclosing returns the innermost function around cur, or nil at package level.
func (fx *Facts) Enclosing(cur inspector.Cursor) *Func {
	for c := range cur.Enclosing((*ast.FuncDecl)(nil), (*ast.FuncLit)(nil)) {
		return fx.funcOf[c.Node()]
	}
	return nil
}

// Declared returns the package's function or method obj with its body, or nil.
func (fx *Facts) Declared(obj *types.Func) *Func {
	if obj == nil {
		return nil
	}
	return fx.byObj[obj.Origin()]
}
