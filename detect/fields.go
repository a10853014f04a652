package detect

import (
	"go/ast"
	"go/types"

	"golang.org/x/tools/go/ast/edge"
)

// FindFields returns the fields of p's types that methods fill lazily, the
// safe ones too, in source order: those of types whose code shows that their
// values are shared between goroutines.
func FindFields(p *Package) []*Singleton {
	if BelowMemoryModel(p.Path) {
		return nil
	}
	fx := buildFacts(p, true)
	f := &finder{Facts: fx, byVar: make(map[varKey]*Singleton)}
	shared := make(map[*types.TypeName]bool)
	var sites []*Site
	for _, s := range fx.findSites() {
		owner := s.Var.Owner
		if owner == nil || s.Read.Base.Root == nil {
			continue // a package variable, or a field of who knows what
		}
		if s.Var.Obj.Exported() {
			continue // an option, which its user may have set
		}
		if v := f.byVarObj(s.Read.Base.Root); v != nil && v.Owner == nil && holds(v.Obj.Type(), owner) && !isPointerish(v.Obj.Type()) {
			continue // a field of a package variable: Find has looked at it
		}
		if _, ok := shared[owner]; !ok {
			shared[owner] = fx.isShared(owner)
		}
		if shared[owner] {
			sites = append(sites, s)
		}
	}
	f.addSites(sites)
	return f.judgeAll()
}

// findFieldAccesses adds, for every field of a named struct type of the
// package, a Variable and its accesses.
func (fx *Facts) findFieldAccesses() {
	owners := fx.fieldOwners()
	for cur := range fx.Insp.Root().Preorder((*ast.SelectorExpr)(nil)) {
		sel := cur.Node().(*ast.SelectorExpr)
		s := fx.Pkg.Info.Selections[sel]
		if s == nil || s.Kind() != types.FieldVal {
			continue
		}
		field := s.Obj().(*types.Var)
		owner := owners[field.Origin()]
		if owner == nil {
			continue // of another package, or of a type without a name
		}
		v := fx.byVar[field]
		if v == nil {
			v = &Variable{Obj: field, Owner: owner, File: fx.Pkg.File(field.Pos())}
			fx.byVar[field] = v
		}
		id, _ := cur.FindNode(sel.Sel)
		a := &Access{Var: field, Cur: id, In: fx.Enclosing(cur), File: fx.Pkg.File(sel.Pos())}
		a.Base.Root, a.Base.Path = fx.operand(sel.X)
		fx.classify(a)
		fx.accesses[sel.Sel] = a
		v.Accesses = append(v.Accesses, a)
	}
}

// fieldOwners maps the fields of the package's named struct types to their types.
func (fx *Facts) fieldOwners() map[*types.Var]*types.TypeName {
	owners := make(map[*types.Var]*types.TypeName)
	scope := fx.Pkg.Types.Scope()
	for _, name := range scope.Names() {
		tn, ok := scope.Lookup(name).(*types.TypeName)
		if !ok || tn.IsAlias() {
			continue
		}
		st, ok := tn.Type().Underlying().(*types.Struct)
		if !ok {
			continue
		}
		for i := range st.NumFields() {
			owners[st.Field(i)] = tn
		}
	}
	return owners
}

// isShared reports whether the code shows that values of the type are used
// by several goroutines: a lock or an atomic in it, a method that is started
// with go or serves requests, a package variable that holds one.
func (fx *Facts) isShared(owner *types.TypeName) bool {
	st := owner.Type().Underlying().(*types.Struct)
	for i := range st.NumFields() {
		t := st.Field(i).Type()
		if isSyncType(t, "Mutex", "RWMutex", "Once", "Map", "Cond", "Locker") || isStdType(t, "sync/atomic", "Bool", "Int32", "Int64", "Uint32", "Uint64", "Pointer", "Value") {
			return true
		}
	}
	for _, v := range fx.Vars {
		if !v.File.Test && holds(v.Obj.Type(), owner) {
			return true
		}
	}
	for _, f := range fx.Funcs {
		if f.File.Test {
			continue
		}
		if fx.isMethodOf(f, owner) && (f.Decl.Name.Name == "ServeHTTP" || fx.handles(f) != "" || startedWithGo(f)) {
			return true
		}
		if fx.isMethodOf(f, owner) && fx.locksPackage(f) {
			return true // its author expects company
		}
		if f.Lit != nil && startedWithGo(f) && fx.captures(f, owner) {
			return true
		}
	}
	return false
}

// holds reports whether t is the type, or a pointer to it.
func holds(t types.Type, owner *types.TypeName) bool {
	if p, ok := types.Unalias(t).(*types.Pointer); ok {
		t = p.Elem()
	}
	named, ok := types.Unalias(t).(*types.Named)
	return ok && named.Obj() == owner
}

func (fx *Facts) isMethodOf(f *Func, owner *types.TypeName) bool {
	if f.Obj == nil || f.Obj.Signature().Recv() == nil {
		return false
	}
	return holds(f.Obj.Signature().Recv().Type(), owner)
}

// locksPackage reports whether f locks a mutex of the package.
func (fx *Facts) locksPackage(f *Func) bool {
	for _, c := range f.Calls {
		op, id := fx.lockCall(c.Expr)
		if (op == opLock || op == opRLock) && (Lock{Root: id.root}).Global() {
			return true
		}
	}
	return false
}

func startedWithGo(f *Func) bool {
	for _, c := range f.Callers {
		if c.Mode == Started || c.Mode == Passed && concurrentRunner(c.Obj) != "" {
			return true
		}
	}
	return false
}

// captures reports whether the literal f uses a variable of its surroundings
// that holds a value of the type.
func (fx *Facts) captures(f *Func, owner *types.TypeName) bool {
	for cur := range f.Cur.Preorder((*ast.Ident)(nil)) {
		v, ok := fx.Pkg.Info.Uses[cur.Node().(*ast.Ident)].(*types.Var)
		if !ok || v.IsField() || f.Lit.Pos() <= v.Pos() && v.Pos() < f.Lit.End() {
			continue // its own
		}
		if holds(v.Type(), owner) && cur.ParentEdgeKind() == edge.SelectorExpr_X {
			return true
		}
	}
	return false
}
