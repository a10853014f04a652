package rewrite

import (
	"go/ast"
	"go/types"
	"slices"
	"strings"

	"github.com/singletonfix/singletonfix/detect"
)

// Two locks that are taken in opposite orders wait for each other. What a
// lock is called says nothing about which it is: s.mu and st.mu may be one,
// and s.mu in two functions two. So a mutex stands for its variable, and one
// that is a field for that field, of whichever value: two values of a type
// are mostly not known to differ.

// lockOrder proves that neither a caller of a guard's function nor a writer of
// the variable holds a lock that the initialisation takes.
func (d *draft) lockOrder(guards []*guard) *Refusal {
	for _, g := range guards {
		taken := d.locksTaken(g.Func, g.Block)
		if held, ok := d.firstOf(d.heldByCallers(g.Func), taken); ok {
			return refuse(LockOrder, g.stmt.Pos(), "a caller of %s may hold %s, which the initialisation of %s takes", g.Func.Name(), held.Name(), d.v.Name())
		}
		if r := d.writersHold(g, taken); r != nil {
			return r
		}
	}
	d.proved("lock-order")
	return nil
}

// writersHold proves that no setter or reset, which will take the lock too,
// holds one of the locks that the initialisation takes under it.
func (d *draft) writersHold(g *guard, taken []*types.Var) *Refusal {
	for _, v := range d.Singleton.Vars {
		for _, a := range v.Accesses {
			if a.Kind == detect.Read || a.In == nil || a.In.Outermost() == g.Func.Outermost() || slices.Contains(g.Fills, a) {
				continue
			}
			if held, ok := d.firstOf(d.heldAt(a), taken); ok {
				return refuse(LockOrder, a.Pos(), "%s is held here, and the initialisation of %s takes it under the new lock", held.Name(), d.v.Name())
			}
		}
	}
	return nil
}

// noOtherOrder proves that no caller of fn holds a mutex that stmts, which
// will run under a new lock, take.
func (d *draft) noOtherOrder(fn *detect.Func, stmts []ast.Stmt) *Refusal {
	callers := d.heldByCallers(fn)
	for _, call := range d.lockCalls(fn, stmts) {
		if held, ok := d.firstOf(callers, []*types.Var{d.lockedBy(call)}); ok {
			return refuse(LockOrder, call.Pos(), "a caller of %s may hold %s, which is taken here", fn.Name(), held.Name())
		}
	}
	return nil
}

// heldAt returns the locks that may be held at a, by its function or by a
// caller of it.
func (d *draft) heldAt(a *detect.Access) []detect.Lock {
	return append(slices.Clone(a.Held), d.heldByCallers(a.In)...)
}

// heldByCallers returns the locks that callers of f may hold.
func (d *draft) heldByCallers(f *detect.Func) []detect.Lock {
	var all []detect.Lock
	seen := map[*detect.Func]bool{}
	var visit func(f *detect.Func)
	visit = func(f *detect.Func) {
		if f == nil || seen[f] {
			return
		}
		seen[f] = true
		for _, c := range f.Callers {
			if c.Mode == detect.Started {
				continue // another goroutine, which holds nothing yet
			}
			all = append(all, c.Held...)
			visit(c.Caller)
		}
	}
	visit(f)
	return all
}

// firstOf returns the first of held that is one of the mutexes.
func (d *draft) firstOf(held []detect.Lock, mutexes []*types.Var) (detect.Lock, bool) {
	i := slices.IndexFunc(held, func(l detect.Lock) bool {
		mu := d.mutexOf(l)
		return mu != nil && slices.Contains(mutexes, mu)
	})
	if i < 0 {
		return detect.Lock{}, false
	}
	return held[i], true
}

// locksTaken returns the mutexes that stmts of f take, and all that they may run.
func (d *draft) locksTaken(f *detect.Func, stmts []ast.Stmt) []*types.Var {
	var all []*types.Var
	for _, call := range d.lockCalls(f, stmts) {
		all = append(all, d.lockedBy(call))
	}
	return all
}

// lockCalls returns the calls by which stmts of f take a mutex, and all that
// they may run.
func (d *draft) lockCalls(f *detect.Func, stmts []ast.Stmt) []*ast.CallExpr {
	var all []*ast.CallExpr
	r := reachOf(d.fx, nodes(stmts)...)
	for _, g := range d.fx.Funcs {
		if g != f && !r.funcs[g] {
			continue
		}
		for _, c := range g.Calls {
			if g == f && !inStmts(stmts, c.Expr) {
				continue
			}
			if d.lockedBy(c.Expr) != nil {
				all = append(all, c.Expr)
			}
		}
	}
	return all
}

// lockedBy returns the mutex that call locks, or nil.
func (d *draft) lockedBy(call *ast.CallExpr) *types.Var {
	sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
	if !ok || len(call.Args) > 0 || sel.Sel.Name != "Lock" && sel.Sel.Name != "RLock" {
		return nil
	}
	if s := d.pkg.Info.Selections[sel]; s != nil && len(s.Index()) > 1 {
		return embeddedAt(s) // promoted from an embedded mutex
	}
	id := identIn(sel.X)
	if id == nil {
		return nil
	}
	v, ok := d.pkg.Info.Uses[id].(*types.Var)
	if !ok {
		return nil
	}
	return v.Origin()
}

// takes reports whether call takes the author's mutex that the plan uses.
func (d *draft) takes(call *ast.CallExpr) bool {
	return d.author != nil && d.lockedBy(call) == d.author
}

// mutexOf returns the variable that the lock h is, nil if that is not known.
func (d *draft) mutexOf(h detect.Lock) *types.Var { return d.varAt(h.Root, h.Path) }

// varAt returns root, or the field of it that path leads to: a.b for root.a.b.
// nil if that is not known.
func (d *draft) varAt(root types.Object, path string) *types.Var {
	v, _ := root.(*types.Var)
	for _, name := range splitPath(path) {
		if v == nil {
			return nil
		}
		obj, _, _ := types.LookupFieldOrMethod(v.Type(), true, d.pkg.Types, name)
		v, _ = obj.(*types.Var)
	}
	if v == nil {
		return nil
	}
	return v.Origin()
}

// mutexesOf returns the variables that the locks are, as far as they are known.
func (d *draft) mutexesOf(locks []detect.Lock) []*types.Var {
	var all []*types.Var
	for _, h := range locks {
		if mu := d.mutexOf(h); mu != nil {
			all = append(all, mu)
		}
	}
	return all
}

// embeddedAt returns the embedded field that the method s is promoted from.
func embeddedAt(s *types.Selection) *types.Var {
	t := s.Recv()
	var field *types.Var
	for _, i := range s.Index()[:len(s.Index())-1] {
		if p, ok := t.Underlying().(*types.Pointer); ok {
			t = p.Elem()
		}
		st, ok := t.Underlying().(*types.Struct)
		if !ok {
			return nil
		}
		field = st.Field(i)
		t = field.Type()
	}
	return field.Origin()
}

func splitPath(path string) []string {
	if path == "" {
		return nil
	}
	return strings.Split(path, ".")
}
