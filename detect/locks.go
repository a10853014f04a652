package detect

import (
	"cmp"
	"go/ast"
	"go/token"
	"go/types"
	"maps"
	"slices"
	"strings"
)

// A Lock is something that orders accesses: a mutex, or a Once.
// It is an object, not a name: Root and Path say which.
type Lock struct {
	Root types.Object // the variable at the root of the operand: mu, or s in s.mu
	Path string       // the fields selected below Root: "mu", "" for Root itself
	Mode LockMode
}

// A LockMode says in what way a Lock is held.
type LockMode int

const (
	ReadLocked LockMode = iota // RLock
	Locked                     // Lock
	InOnce                     // in the function that a Once runs
	AfterOnce                  // after a call of the Once's Do
	Published                  // where an atomic flag was seen set
)

// Global reports whether l is one lock for all of the package: a package
// variable, here or elsewhere, or a field of one.
func (l Lock) Global() bool {
	return l.Root != nil && l.Root.Pkg() != nil && l.Root.Parent() == l.Root.Pkg().Scope()
}

// Name returns the lock as it is written: "mu", "s.mu".
func (l Lock) Name() string {
	if l.Path == "" {
		return l.Root.Name()
	}
	return l.Root.Name() + "." + l.Path
}

// under reports whether l belongs to the value base: s.mu to s, s.state.mu to s.state.
func (l Lock) under(base Lock) bool {
	return base.Root != nil && l.Root == base.Root && (base.Path == "" || l.Path == base.Path || strings.HasPrefix(l.Path, base.Path+"."))
}

// same reports whether l and m are the same object.
func (l Lock) same(m Lock) bool { return l.Root == m.Root && l.Path == m.Path }

// Locks are the locks surely held at some point, in a fixed order.
type Locks []Lock

// Holds reports whether ls has the object of l, for writing if write is set.
func (ls Locks) Holds(l Lock, write bool) bool {
	for _, have := range ls {
		if have.same(l) && (!write || have.Mode != ReadLocked) {
			return true
		}
	}
	return false
}

// A lockID is a Lock without its mode, a mutex and a Once being different things.
type lockID struct {
	root types.Object
	path string
}

// A lockSet maps what is held to how. A nil lockSet stands for code that
// nothing is known to reach yet: all locks.
type lockSet map[lockID]LockMode

func (s lockSet) sorted() Locks {
	ls := make(Locks, 0, len(s))
	for id, mode := range s {
		ls = append(ls, Lock{id.root, id.path, mode})
	}
	slices.SortFunc(ls, func(a, b Lock) int {
		if d := int(a.Root.Pos()) - int(b.Root.Pos()); d != 0 {
			return d
		}
		return cmp.Or(strings.Compare(a.Root.Name(), b.Root.Name()), strings.Compare(a.Path, b.Path))
	})
	return ls
}

// meet returns what is held on both ways into a point.
func meet(a, b lockSet) lockSet {
	if a == nil {
		return maps.Clone(b)
	}
	if b == nil {
		return maps.Clone(a)
	}
	out := make(lockSet)
	for id, mode := range a {
		if other, ok := b[id]; ok {
			out[id] = weaker(mode, other)
		}
	}
	return out
}

// weaker returns what two modes of holding the same object have in common.
func weaker(a, b LockMode) LockMode {
	if a == InOnce || b == InOnce {
		return max(a, b) // inside Do on one way, after Do on the other: ordered after it
	}
	return min(a, b)
}

// A lockOp is what a call does to a lock.
type lockOp int

const (
	noLockOp lockOp = iota
	opLock
	opRLock
	opUnlock
	opTryLock
	opTryRLock
	opOnce // Do of a Once, or a call of what OnceFunc, OnceValue or OnceValues returned
)

var lockMethods = map[string]lockOp{
	"Lock": opLock, "RLock": opRLock, "Unlock": opUnlock, "RUnlock": opUnlock,
	"TryLock": opTryLock, "TryRLock": opTryRLock,
}

// lockCall says what call does to which lock, if it is an operation on one.
// It is asked of every call again and again.
func (fx *Facts) lockCall(call *ast.CallExpr) (lockOp, lockID) {
	if known, ok := fx.lockCalls[call]; ok {
		return known.op, known.id
	}
	op, id := fx.findLockCall(call)
	if fx.lockCalls != nil {
		fx.lockCalls[call] = lockCall{op, id}
	}
	return op, id
}

// A lockCall is what a call does to which lock.
type lockCall struct {
	op lockOp
	id lockID
}

func (fx *Facts) findLockCall(call *ast.CallExpr) (lockOp, lockID) {
	if id, ok := fx.onceVariable(call); ok {
		return opOnce, id
	}
	if op, id := fx.importedLock(call); op != noLockOp {
		return op, id
	}
	sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
	if !ok || len(call.Args) > 1 {
		return noLockOp, lockID{}
	}
	if fx.IsOnceDo(call) {
		root, path := fx.lockOperand(sel)
		if root == nil {
			return noLockOp, lockID{}
		}
		return opOnce, lockID{root, path}
	}
	op, ok := lockMethods[sel.Sel.Name]
	if !ok || len(call.Args) != 0 || !fx.isLocker(sel) {
		return noLockOp, lockID{}
	}
	root, path := fx.lockOperand(sel)
	if root == nil {
		return noLockOp, lockID{} // some lock of many, such as an element of a map
	}
	return op, lockID{root, path}
}

// semaphore returns the lock that the channel e is: a variable of the package
// declared with room for one, to which one goroutine at a time can send.
func (fx *Facts) semaphore(e ast.Expr) (lockID, bool) {
	root, path := fx.operand(e)
	v := fx.byVar[asVar(root)]
	if v == nil || path != "" || v.Owner != nil || !fx.isSemaphore(v) {
		return lockID{}, false
	}
	return lockID{root: root}, true
}

// isSemaphore reports whether v is declared as a channel with room for one.
func (fx *Facts) isSemaphore(v *Variable) bool {
	call, ok := v.Declared().(*ast.CallExpr)
	return ok && fx.isBuiltin(call, "make") && len(call.Args) == 2 && fx.intValue(call.Args[1]) == 1
}

// isLocker reports whether the method sel is that of a lock: of a type that
// also has the opposite method, or of one that could not be loaded. A method
// declared in this package is looked at from inside instead.
func (fx *Facts) isLocker(sel *ast.SelectorExpr) bool {
	f, ok := fx.Pkg.Info.Uses[sel.Sel].(*types.Func)
	if !ok {
		return true // of an imported type that was not loaded
	}
	return fx.Declared(f) == nil
}

// onceVariable returns the variable that call calls, if it holds the result
// of sync.OnceFunc, OnceValue or OnceValues.
func (fx *Facts) onceVariable(call *ast.CallExpr) (lockID, bool) {
	id, ok := ast.Unparen(call.Fun).(*ast.Ident)
	if !ok {
		return lockID{}, false
	}
	v, ok := fx.Pkg.Info.Uses[id].(*types.Var)
	if !ok {
		return lockID{}, false
	}
	var value ast.Expr
	if pv := fx.byVar[v]; pv != nil {
		value = pv.Declared()
	} else {
		value = fx.soleValue(v)
	}
	made, ok := value.(*ast.CallExpr)
	if !ok || !isOnceFunc(fx.callee(made)) {
		return lockID{}, false
	}
	return lockID{root: v}, true
}

// lockOperand returns what the method sel is called on, fields that the
// method is promoted through included: s.Lock() with a Mutex embedded in s
// locks s.Mutex.
func (fx *Facts) lockOperand(sel *ast.SelectorExpr) (types.Object, string) {
	root, path := fx.operand(sel.X)
	if s := fx.Pkg.Info.Selections[sel]; s != nil && len(s.Index()) > 1 {
		path = joinPath(path, fieldPath(s))
	}
	return fx.onlyOne(root), path
}

// operand returns the variable at the root of e, and the fields selected
// below it; nil if e is no such chain. Pointers are followed: a local p that
// is only ever &mu denotes mu.
func (fx *Facts) operand(e ast.Expr) (types.Object, string) { return fx.follow(e, maxAliases) }

// maxAliases is how many locals operand sees through. It is also what ends
// the search where locals are each other's values: p, q = q.next, p.next.
const maxAliases = 8

// follow is operand, seeing through at most so many locals.
func (fx *Facts) follow(e ast.Expr, aliases int) (types.Object, string) {
	switch x := ast.Unparen(e).(type) {
	case *ast.Ident:
		obj := fx.Pkg.Info.Uses[x]
		v, ok := obj.(*types.Var)
		if !ok {
			return nil, ""
		}
		if aliases > 0 && fx.localVar(x) != nil {
			if value := fx.soleValue(v); value != nil && isPointerish(v.Type()) {
				if root, path := fx.follow(value, aliases-1); root != nil && root != obj {
					return root, path
				}
			}
		}
		return v, ""
	case *ast.SelectorExpr:
		if fx.importPath(x.X) != "" {
			v, ok := fx.Pkg.Info.Uses[x.Sel].(*types.Var)
			if !ok && fx.Pkg.Info.Uses[x.Sel] == nil {
				return fx.foreignVar(fx.importPath(x.X), x.Sel.Name), ""
			}
			if !ok {
				return nil, ""
			}
			return v, ""
		}
		root, path := fx.follow(x.X, aliases)
		if root == nil {
			return nil, ""
		}
		if s := fx.Pkg.Info.Selections[x]; s != nil {
			if s.Kind() != types.FieldVal {
				return nil, ""
			}
			return root, joinPath(path, fieldPath(s))
		}
		return root, joinPath(path, x.Sel.Name)
	case *ast.StarExpr:
		return fx.follow(x.X, aliases)
	case *ast.UnaryExpr:
		if x.Op == token.AND {
			return fx.follow(x.X, aliases)
		}
	}
	return nil, ""
}

// foreignVar returns a stand-in for the variable of a package that was not
// loaded: always the same one.
func (fx *Facts) foreignVar(path, name string) *types.Var {
	key := path + "." + name
	v := fx.foreign[key]
	if v == nil {
		pkg := types.NewPackage(path, path)
		v = types.NewVar(token.NoPos, pkg, name, types.Typ[types.Invalid])
		pkg.Scope().Insert(v)
		if fx.foreign == nil {
			fx.foreign = make(map[string]*types.Var)
		}
		fx.foreign[key] = v
	}
	return v
}

// isPointerish reports whether a copy of a value of type t denotes the same object.
func isPointerish(t types.Type) bool {
	switch t.Underlying().(type) {
	case *types.Pointer, *types.Interface:
		return true
	}
	return t == types.Typ[types.Invalid]
}
