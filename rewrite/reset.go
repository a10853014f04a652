package rewrite

import (
	"go/ast"
	"go/types"
	"slices"
	"strings"

	"github.com/singletonfix/singletonfix/detect"
)

// writer plans a function outside the sites that assigns the variable: a
// reset, a setter, a teardown, a test.
func (x *atomicVar) writer(f *detect.Func, all []*detect.Access) *Refusal {
	if f == nil || f.Body() == nil {
		return refuse(InitOrder, all[0].Pos(), "%s is assigned while the package is initialised", x.v.Name())
	}
	for _, a := range all {
		if a.Kind != detect.Read && a.Kind != detect.Element && plainAssign(a) == nil {
			return refuse(ControlFlow, a.Pos(), "%s is changed here other than by a plain assignment", x.v.Name())
		}
	}
	if x.alone(f) || x.holder == "" {
		return x.storeEach(f, all) // nobody else is running yet, or there is no lock to take
	}
	if !slices.ContainsFunc(all, func(a *detect.Access) bool { return a.Kind == detect.Read || a.Kind == detect.Element }) {
		return x.setter(f, all)
	}
	return x.teardown(f, all)
}

// alone reports whether f runs before anything else does, or is a test's.
func (x *atomicVar) alone(f *detect.Func) bool {
	return f.File.Test || f.Phase == detect.Initial
}

// storeEach lets every assignment of f become a Store and every read a Load.
func (x *atomicVar) storeEach(f *detect.Func, all []*detect.Access) *Refusal {
	for _, a := range all {
		if a.Kind != detect.Write {
			continue // a Load, below
		}
		code, holes, r := x.assign(f, a)
		if r != nil {
			return r
		}
		x.replaceStmt(a.Stmt, code, holes)
	}
	for _, run := range splitAtWrites(all) {
		x.reader(f, run)
	}
	return nil
}

// splitAtWrites returns the runs of reads between the writes of all.
func splitAtWrites(all []*detect.Access) [][]*detect.Access {
	var runs [][]*detect.Access
	open := false
	for _, a := range all {
		if a.Kind == detect.Write {
			open = false
			continue
		}
		if !open {
			runs = append(runs, nil)
			open = true
		}
		runs[len(runs)-1] = append(runs[len(runs)-1], a)
	}
	return runs
}

// assign returns the code that stores what the write a assigns.
func (x *atomicVar) assign(f *detect.Func, a *detect.Access) (string, map[string][]ast.Node, *Refusal) {
	name := x.self()
	s := plainAssign(a)
	switch {
	case len(s.Lhs) > 1 && isClauseOrLone(x.fx, s):
		return "", nil, refuse(ControlFlow, s.Pos(), "%s is assigned here in the head of another statement", x.v.Name())
	case len(s.Lhs) > 1 && len(s.Rhs) == 1:
		return x.assignResults(f, a, s)
	case len(s.Lhs) > 1:
		return "", nil, refuse(ControlFlow, s.Pos(), "%s is assigned together with something else", x.v.Name())
	case x.empties(x.v, a.Value) || isEmptyLit(a.Value) && x.kind == lenTest:
		return x.clear(), nil, nil
	case x.managed:
		return x.store("$value", maybe), hole("value", a.Value), nil
	case x.pointer || x.flag:
		return name + ".Store($value)", hole("value", a.Value), nil
	}
	code := x.assignValue(f, a)
	if slices.ContainsFunc(x.in(f.Body()), func(o *detect.Access) bool { return o != a && o.In == f && o.Kind == detect.Write }) {
		code = "{\n" + code + "\n}" // another assignment needs the name too
	}
	if !strings.Contains(code, "$value") {
		return code, nil, nil
	}
	return code, hole("value", a.Value), nil
}

// assignValue returns the code that stores a value that the atomic points to.
func (x *atomicVar) assignValue(f *detect.Func, a *detect.Access) string {
	b := &building{atomicVar: x}
	if id, ok := ast.Unparen(a.Value).(*ast.Ident); ok && b.sameType(id) && x.stays(f, id, a.Stmt) {
		return x.storeOrClear(id.Name, a.Value)
	}
	local := x.pick(f)
	return b.define(local, a.Value) + "\n" + x.storeOrClear(local, a.Value)
}

// stays reports whether id names a parameter or local variable of f that
// keeps its value behind s, so that the atomic may point to it.
func (x *atomicVar) stays(f *detect.Func, id *ast.Ident, s ast.Stmt) bool {
	obj, ok := x.pkg.Info.Uses[id].(*types.Var)
	if !ok || obj.Parent() == x.pkg.Types.Scope() || !contains(f.Cur.Node(), identAt(obj)) {
		return false
	}
	if results := f.Type().Results; results != nil && contains(results, identAt(obj)) {
		return false // every return assigns it
	}
	return slices.Contains(f.Body().List, s) && !assignedIn(x.pkg.Info, obj, f.Body().List, s.End())
}

func isEmptyLit(e ast.Expr) bool {
	lit, ok := ast.Unparen(e).(*ast.CompositeLit)
	return ok && len(lit.Elts) == 0
}

// storeOrClear returns the statement that stores local, or empties the
// variable where the author's test would call local empty.
func (x *atomicVar) storeOrClear(local string, value ast.Expr) string {
	if x.newFilling(x.v.Obj, x.kind, 0).value(value) == filled {
		return x.store(local, filled)
	}
	return x.storeIfFilled(local)
}

func (x *atomicVar) storeIfFilled(local string) string {
	return "if " + x.isFilled(local) + " {\n" + x.store(local, filled) + "\n} else {\n" + x.clear() + "\n}"
}

// assignResults returns the code for x, err = f().
func (x *atomicVar) assignResults(f *detect.Func, a *detect.Access, s *ast.AssignStmt) (string, map[string][]ast.Node, *Refusal) {
	local := x.pick(f)
	lhs := x.source(&span{s.Lhs[0].Pos(), s.Lhs[len(s.Lhs)-1].End()}, map[ast.Expr]string{a.Expr: local})
	store := x.store(local, maybe)
	if !x.pointer && !x.managed {
		store = x.storeIfFilled(local)
	}
	return "var " + local + " " + x.typ + "\n" + lhs + " = $value\n" + store, hole("value", s.Rhs[0]), nil
}

// setter plans a function that only writes: the store takes the lock. Where
// that is all the function does, it is held to the end.
func (x *atomicVar) setter(f *detect.Func, all []*detect.Access) *Refusal {
	whole := len(all) == 1 && x.endsWith(f, all[0].Stmt)
	for _, a := range all {
		if (a.Value == nil || hasCall(a.Value)) && !x.managed {
			if r := x.evaluateFirst(f, a, whole); r != nil {
				return r
			}
			continue
		}
		code, holes, r := x.assign(f, a)
		if r != nil {
			return r
		}
		x.replaceStmt(a.Stmt, x.underLock(code, whole), holes)
	}
	return nil
}

// underLock returns code with the lock around it, held to the end of the
// function if that comes next.
func (x *atomicVar) underLock(code string, whole bool) string {
	if x.managed {
		return code // takes it itself
	}
	if whole {
		return x.lock() + code
	}
	take, giveUp, _ := x.lockOps()
	return take + "\n" + code + "\n" + giveUp
}

// lock returns the lock with its deferred unlock, and the line's end.
func (x *atomicVar) lock() string {
	take, _, atEnd := x.lockOps()
	return take + "\n" + atEnd + "\n"
}

// endsWith reports whether s is in the body of f itself, with nothing but a
// trivial return behind it.
func (x *atomicVar) endsWith(f *detect.Func, s ast.Stmt) bool {
	at := slices.Index(f.Body().List, s)
	if at < 0 {
		return false
	}
	rest := f.Body().List[at+1:]
	return len(rest) == 0 || len(rest) == 1 && isReturn(rest[0]) && !hasCall(rest[0])
}

// evaluateFirst plans x = f(): the call is made outside the lock.
func (x *atomicVar) evaluateFirst(f *detect.Func, a *detect.Access, whole bool) *Refusal {
	s := plainAssign(a)
	if len(s.Rhs) > 1 {
		return refuse(ControlFlow, s.Pos(), "%s is assigned together with something else", x.v.Name())
	}
	local := x.pickAnother(f)
	store := x.storeIfFilled(local)
	if x.pointer {
		store = x.store(local, maybe)
	}
	if a.Value == nil {
		lhs := x.source(&span{s.Lhs[0].Pos(), s.Lhs[len(s.Lhs)-1].End()}, map[ast.Expr]string{a.Expr: local})
		x.replaceStmt(s, "var "+local+" "+x.typ+"\n"+lhs+" = $value\n"+x.underLock(store, whole), hole("value", s.Rhs[0]))
		return nil
	}
	if !x.pointer {
		store = x.storeOrClear(local, a.Value)
	}
	b := &building{atomicVar: x}
	x.replaceStmt(s, b.define(local, a.Value)+"\n"+x.underLock(store, whole), hole("value", a.Value))
	return nil
}
