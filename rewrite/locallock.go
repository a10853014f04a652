package rewrite

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"golang.org/x/tools/go/ast/inspector"

	"github.com/singletonfix/singletonfix/detect"
)

// A lifting is a lock that is new at each call on its way to package level.
// Several functions with locks of their own around one variable come to share one.
type lifting struct {
	*locking
	typ   string // as it is written: sync.Mutex
	local []*types.Var
	decls []ast.Stmt            // declare them, and go
	uses  []*ast.Ident          // where they are meant
	funcs map[*detect.Func]bool // have such a lock
}

// planLocalMutex lifts the mutexes that are held where the variable is tested
// and filled, and lets everybody else who uses the variable take theirs.
func planLocalMutex(d *draft) *Refusal {
	l := newLifting(d)
	for _, s := range d.Singleton.Sites {
		if s.Outer != nil {
			continue // under the lock of the outer test, or its own
		}
		lock, ok := l.localAt(s)
		if !ok {
			return refuse(NoForm, s.Stmt.Pos(), "the lock around this is no plain variable of %s", s.Func.Name())
		}
		if lock.Path != "" {
			return refuse(Copied, s.Stmt.Pos(), "%s is a copy at each call of %s, and %s with it", lock.Root.Name(), s.Func.Name(), lock.Name())
		}
		if r := l.add(s.Func, lock.Root.(*types.Var)); r != nil {
			return r
		}
	}
	if len(l.uses) == 0 {
		return refuse(NoForm, d.v.Obj.Pos(), "no mutex is held where %s is tested and filled", d.v.Name())
	}
	l.nameIt("Mu")
	for _, check := range []func() *Refusal{l.mayLock, l.collectOthers, l.elementsStay, l.fieldsStay} {
		if r := check(); r != nil {
			return r
		}
	}
	for _, f := range l.fx.Funcs {
		if all := l.byFunc[f]; len(all) > 0 {
			if r := l.function(f, all); r != nil {
				return r
			}
		}
	}
	l.lift()
	d.proved("lock-order")
	return nil
}

func newLifting(d *draft) *lifting {
	return &lifting{locking: &locking{draft: d, byFunc: make(map[*detect.Func][]*detect.Access), inner: d.inner(d.anyGuards())}, funcs: make(map[*detect.Func]bool)}
}

// localAt returns the lock of the call's own that is held at the test of s
// and where it fills the variable.
func (l *lifting) localAt(s *detect.Site) (detect.Lock, bool) {
	for _, h := range s.Held {
		v, ok := h.Root.(*types.Var)
		if !ok || h.Global() || h.Mode != detect.Locked || !contains(s.Func.Cur.Node(), identAt(v)) {
			continue
		}
		if !slices.ContainsFunc(s.Fills, func(a *detect.Access) bool { return !a.Held.Holds(h, true) }) {
			return h, true
		}
	}
	return detect.Lock{}, false
}

// add takes in the lock of the function f, a variable that f declares for it alone.
func (l *lifting) add(f *detect.Func, lock *types.Var) *Refusal {
	l.funcs[f] = true
	if slices.Contains(l.local, lock) {
		return nil
	}
	l.local = append(l.local, lock)
	for cur := range f.Cur.Preorder((*ast.Ident)(nil)) {
		id := cur.Node().(*ast.Ident)
		if l.pkg.Info.Uses[id] != types.Object(lock) {
			continue
		}
		if !isMethodCall(cur) {
			return refuse(ControlFlow, id.Pos(), "%s is handed on here", lock.Name())
		}
		l.uses = append(l.uses, id)
	}
	typ := lockType(lock.Type())
	if typ == "" || l.typ != "" && l.typ != typ {
		return refuse(NoForm, lock.Pos(), "the locks around %s are not of one kind", l.v.Name())
	}
	l.typ = typ
	decl := l.declOf(f, lock)
	if decl == nil {
		return refuse(ControlFlow, lock.Pos(), "%s is declared together with something else", lock.Name())
	}
	l.decls = append(l.decls, decl)
	return nil
}

// isMethodCall reports whether a method of the identifier at cur is called.
func isMethodCall(cur inspector.Cursor) bool {
	sel, ok := cur.Parent().Node().(*ast.SelectorExpr)
	if !ok || sel.X != ast.Expr(cur.Node().(*ast.Ident)) {
		return false
	}
	call, ok := cur.Parent().Parent().Node().(*ast.CallExpr)
	return ok && call.Fun == ast.Expr(sel)
}

// lockType returns sync.Mutex for that type and for a pointer to it, and so
// for the other locks; "" for other types.
func lockType(t types.Type) string {
	if t == nil || !isLock(t) {
		return ""
	}
	if p, ok := t.(*types.Pointer); ok {
		t = p.Elem()
	}
	return "sync." + t.(*types.Named).Obj().Name()
}

// declOf returns the statement of f that declares v and does nothing else: var
// mu sync.Mutex, or mu := new(sync.Mutex); nil if there is none.
func (l *lifting) declOf(f *detect.Func, v *types.Var) ast.Stmt {
	for cur := range f.Cur.Preorder((*ast.DeclStmt)(nil), (*ast.AssignStmt)(nil)) {
		switch s := cur.Node().(type) {
		case *ast.AssignStmt:
			if len(s.Lhs) != 1 || s.Tok != token.DEFINE || hasOtherCall(l.pkg.Info, s.Rhs[0]) {
				continue
			}
			if id, ok := s.Lhs[0].(*ast.Ident); ok && l.pkg.Info.Defs[id] == types.Object(v) && stmtsOf(cur.Parent().Node()) != nil {
				return s
			}
		case *ast.DeclStmt:
			gen := s.Decl.(*ast.GenDecl)
			if gen.Tok != token.VAR || len(gen.Specs) != 1 {
				continue
			}
			spec := gen.Specs[0].(*ast.ValueSpec)
			if len(spec.Names) == 1 && l.pkg.Info.Defs[spec.Names[0]] == types.Object(v) && !slices.ContainsFunc(spec.Values, func(e ast.Expr) bool { return hasOtherCall(l.pkg.Info, e) }) {
				return s
			}
		}
	}
	return nil
}

// hasOtherCall reports whether e calls anything but new.
func hasOtherCall(info *types.Info, e ast.Expr) bool {
	if call, ok := ast.Unparen(e).(*ast.CallExpr); ok && info.Types[call.Fun].IsBuiltin() {
		return false
	}
	return hasCall(e)
}

// nameIt chooses the name of the lifted lock: its own, where that is free at
// package level and no other function has a lock of that name to lift.
func (l *lifting) nameIt(suffix string) {
	own := l.local[0].Name()
	free := !inFileScope(l.pkg, own) && types.Universe.Lookup(own) == nil
	for _, v := range l.local {
		free = free && v.Name() == own
	}
	for id, obj := range l.pkg.Info.Defs {
		v, ok := obj.(*types.Var)
		if ok && id.Name == own && !v.IsField() && !slices.Contains(l.local, v) && isLock(v.Type()) {
			free = false
		}
	}
	if free {
		l.mu = own
		l.pending[own] = true
		return
	}
	v := l.v
	l.v = l.values()[0]
	l.mu = l.companion(suffix)
	l.v = v
}

// mayLock proves of the functions whose lock now locks that they neither come
// back to each other nor wait for one another.
func (l *lifting) mayLock() *Refusal {
	for _, f := range l.fx.Funcs {
		if !l.funcs[f] {
			continue
		}
		body := f.Body().List
		if n := l.callsRegistered(body); n != nil {
			return refuse(Reentrant, n.Pos(), "this calls what other packages have registered, which may come back to %s", f.Name())
		}
		r := reachOf(l.fx, f.Body())
		for g := range l.funcs {
			if r.funcs[g] {
				return refuse(Reentrant, f.Pos(), "%s may come to %s, and would wait for itself once the lock locks", f.Name(), g.Name())
			}
		}
		if r := l.comesBack(f, body, l.in(f.Body())); r != nil {
			return r
		}
		if r := l.noOtherOrder(f, body); r != nil {
			return r
		}
	}
	return nil
}

// collectOthers finds the uses that none of the lifted locks guards.
func (l *lifting) collectOthers() *Refusal {
	for _, v := range l.values() {
		for _, a := range v.Accesses {
			if early(a) || l.inner[a.In] || l.guarded(a) {
				continue
			}
			if a.In == nil || a.In.Body() == nil {
				return refuse(InitOrder, a.Pos(), "%s is used while the package is initialised", v.Name())
			}
			if l.funcs[a.In] {
				return refuse(ControlFlow, a.Pos(), "%s is used here outside the lock of %s", v.Name(), a.In.Name())
			}
			l.byFunc[a.In] = append(l.byFunc[a.In], a)
		}
	}
	for _, all := range l.byFunc {
		slices.SortFunc(all, func(a, b *detect.Access) int { return int(a.Pos() - b.Pos()) })
	}
	return nil
}

// guarded reports whether a happens under one of the locks that are lifted.
func (l *lifting) guarded(a *detect.Access) bool {
	return slices.ContainsFunc(a.Held, func(h detect.Lock) bool {
		v, ok := h.Root.(*types.Var)
		return ok && slices.Contains(l.local, v) && (h.Mode == detect.Locked || a.Kind == detect.Read)
	})
}

// lift emits the lock at package level in place of the local ones.
func (l *lifting) lift() {
	for _, s := range l.decls {
		l.edit(Edit{Op: Delete, At: s})
	}
	for _, id := range l.uses {
		if id.Name != l.mu {
			l.replace(id, l.mu)
		}
	}
	l.edit(Edit{Op: InsertAfter, At: l.besideSpec(), Code: "var " + l.mu + " " + l.typ, Imports: []string{"sync"}})
	l.note("the lock excludes others now; before, each call had its own")
}
