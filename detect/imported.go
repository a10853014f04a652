package detect

import (
	"go/ast"
	"go/types"
)

// An Effect is what code of another package needs to know of an exported
// function or method. The zero value says nothing.
type Effect struct {
	Lock *LockEffect
	// Starts are the indices of the parameters that it calls on another goroutine.
	Starts []int
}

// A LockEffect says that a function locks or unlocks one mutex, and leaves it so.
type LockEffect struct {
	Op   string // Lock, RLock or Unlock
	Path string // import path of the package whose variable holds the mutex
	Var  string // the variable
	Sel  string // fields selected below it, as in Lock.Path
}

// Effects returns what other packages need to know of the exported functions
// and methods of fx's package, those left out of which there is nothing to know.
func (fx *Facts) Effects() map[*types.Func]*Effect {
	effects := make(map[*types.Func]*Effect)
	for _, f := range fx.Funcs {
		if !f.Exported() || f.Obj == nil || f.File.Test {
			continue
		}
		e := &Effect{Lock: fx.lockEffect(f), Starts: fx.startsParams(f)}
		if e.Lock != nil || e.Starts != nil {
			effects[f.Obj] = e
		}
	}
	return effects
}

// lockEffect returns what f does to a mutex that is one for the whole
// program; nil if that is nothing, or more than one thing.
func (fx *Facts) lockEffect(f *Func) *LockEffect {
	fl := fx.flows[f]
	if fl == nil {
		return nil
	}
	var effects []*LockEffect
	add := func(op string, id lockID) {
		if l := (Lock{Root: id.root}); l.Global() {
			effects = append(effects, &LockEffect{Op: op, Path: id.root.Pkg().Path(), Var: id.root.Name(), Sel: id.path})
		}
	}
	for id, mode := range fl.exit {
		switch mode {
		case Locked:
			add("Lock", id)
		case ReadLocked:
			add("RLock", id)
		}
	}
	for id := range fl.released {
		if _, kept := fl.exit[id]; !kept && !fx.balanced(fl, id) {
			add("Unlock", id)
		}
	}
	if len(effects) != 1 {
		return nil
	}
	return effects[0]
}

// startsParams returns the indices of f's parameters that it calls on a
// goroutine other than the caller's.
func (fx *Facts) startsParams(f *Func) []int {
	var starts []int
	params := f.Obj.Signature().Params()
	for i := range params.Len() {
		if _, ok := params.At(i).Type().Underlying().(*types.Signature); ok && fx.starts(f, params.At(i)) {
			starts = append(starts, i)
		}
	}
	return starts
}

// starts reports whether f, or a literal in it, calls the function param on
// another goroutine or passes it on to what does.
func (fx *Facts) starts(f *Func, param *types.Var) bool {
	for _, in := range fx.Funcs {
		if in.Outermost() != f {
			continue
		}
		for _, c := range in.Calls {
			if c.Obj == param && (c.Mode == Started || fx.onGoroutine(in)) {
				return true
			}
			for i, arg := range c.Expr.Args {
				if id, ok := ast.Unparen(arg).(*ast.Ident); ok && fx.Pkg.Info.Uses[id] == param && fx.runner(c.Obj, i) != "" {
					return true
				}
			}
		}
	}
	return false
}

// onGoroutine reports whether the literal f, or one around it, is started
// with go, or handed to what runs it on another goroutine.
func (fx *Facts) onGoroutine(f *Func) bool {
	for ; f.Lit != nil; f = f.Parent {
		for _, c := range f.Callers {
			if c.Mode == Started || c.Mode == Passed && fx.runs(c) != "" {
				return true
			}
		}
		if f.Parent == nil {
			return false
		}
	}
	return false
}

// runs says what the call c does with the function that it is passed, where
// it runs it on another goroutine; else "".
func (fx *Facts) runs(c *Call) string {
	for i, arg := range c.Expr.Args {
		if fx.funcValue(arg) == c.Callee && c.Callee != nil {
			return fx.runner(c.Obj, i)
		}
	}
	return concurrentRunner(c.Obj)
}

// runner says what the function obj does with the function that is its i-th
// argument, where it runs it on another goroutine; else "".
func (fx *Facts) runner(obj types.Object, i int) string {
	if what := concurrentRunner(obj); what != "" {
		return what
	}
	e := fx.effect(obj)
	if e == nil {
		return ""
	}
	params := obj.(*types.Func).Signature().Params()
	for _, start := range e.Starts {
		if i == start || i > start && start == params.Len()-1 {
			return "starts a goroutine"
		}
	}
	return ""
}

// effect returns what is known of a function of another package, or nil.
func (fx *Facts) effect(obj types.Object) *Effect {
	f, ok := obj.(*types.Func)
	if !ok || fx.Pkg.Imported == nil || f.Pkg() == nil || f.Pkg() == fx.Pkg.Types {
		return nil
	}
	return fx.Pkg.Imported(f.Origin())
}

// importedLock says what call does to the mutex of another package, if it
// calls a function that is known to lock or unlock one.
func (fx *Facts) importedLock(call *ast.CallExpr) (lockOp, lockID) {
	e := fx.effect(fx.callee(call))
	if e == nil || e.Lock == nil {
		return noLockOp, lockID{}
	}
	return lockMethods[e.Lock.Op], lockID{fx.elsewhere(e.Lock.Path, e.Lock.Var), e.Lock.Sel}
}

// elsewhere returns the variable of another package. One that is not exported
// has no object here, and gets one, always the same.
func (fx *Facts) elsewhere(path, name string) types.Object {
	for _, imp := range fx.Pkg.Types.Imports() {
		if imp.Path() == path {
			if obj := imp.Scope().Lookup(name); obj != nil {
				return obj
			}
		}
	}
	pkg := fx.unseen[path]
	if pkg == nil {
		if fx.unseen == nil {
			fx.unseen = make(map[string]*types.Package)
		}
		pkg = types.NewPackage(path, path)
		fx.unseen[path] = pkg
	}
	if obj := pkg.Scope().Lookup(name); obj != nil {
		return obj
	}
	v := types.NewVar(0, pkg, name, types.Typ[types.Invalid])
	pkg.Scope().Insert(v)
	return v
}
