package rewrite

import (
	"go/ast"
	"go/types"
	"slices"

	"github.com/singletonfix/singletonfix/detect"
)

// A registry is a map whose values are made when their keys are first asked
// for. One mutex goes around every use of the map, and where a key is looked
// up and filled around both and all between them. The declaration of the map
// stays as it is: the zero mutex is ready before any initialiser runs.
type registry struct {
	*locking
	vars  []*detect.Variable               // the map, and those that are filled beside it
	own   bool                             // the mutex is the author's
	held  []*detect.Access                 // where the mutex is taken
	takes []*types.Var                     // the locks that are taken under it
	taken map[*detect.Func]map[string]bool // names in a declaration, new ones included
}

// isRegistry reports whether s holds many values, each under a key of its own.
func isRegistry(s *detect.Singleton) bool {
	return slices.ContainsFunc(s.Sites, func(x *detect.Site) bool { return x.Key != nil })
}

// chooseRegistry is Choose for a registry, which has one form.
func chooseRegistry(s *detect.Singleton, opts Options) (*Plan, *Refusal) {
	if opts.Strategy == "manager" {
		return chooseManagedMap(s, opts)
	}
	d := newDraft(s, mutex)
	d.opts = opts
	switch opts.Strategy {
	case "", "auto", mutex.Name:
	default:
		return nil, refuse(NoForm, d.v.Obj.Pos(), "%s holds many values, each under a key of its own: %s is for a single one", d.v.Name(), opts.Strategy)
	}
	whole := *s // with what is filled beside it
	whole.Vars = slices.Concat(s.Vars, d.filledBeside())
	d.Singleton = &whole
	if r := d.planRegistry(); r != nil {
		return nil, r
	}
	d.Singleton = s
	d.extras()
	return d.finish(), nil
}

// chooseManagedMap is chooseRegistry for the manager.
func chooseManagedMap(s *detect.Singleton, opts Options) (*Plan, *Refusal) {
	d := newDraft(s, manager)
	d.opts = opts
	if beside := d.filledBeside(); len(beside) > 0 {
		return nil, refuse(NoForm, beside[0].Obj.Pos(), "%s is filled together with %s", beside[0].Name(), d.v.Name())
	}
	if r := d.planManagedMap(); r != nil {
		return nil, r
	}
	d.extras()
	return d.finish(), nil
}

func (d *draft) planRegistry() *Refusal {
	for _, check := range []func() *Refusal{d.notExported, d.onlyGo, d.plainFiles, d.noAddress, d.madeHere} {
		if r := check(); r != nil {
			return r
		}
	}
	if len(d.pkg.Assumed) > 0 {
		d.note("the types of some imports are not known yet: -d and -w ask the go command for them")
	}
	g := d.newRegistry()
	l := g.locking
	guards := d.anyGuards()
	for _, x := range guards {
		if x.Read.In != x.Func {
			return refuse(ControlFlow, x.Read.Pos(), "%s is looked at in %s for %s, which fills it", d.v.Name(), x.Read.In.Name(), x.Func.Name())
		}
	}
	l.inner = d.inner(guards)
	mu := d.Singleton.Mutex
	if mu == nil {
		mu = g.readLocked()
	}
	if mu != nil {
		g.own = true
		l.useAuthors(mu)
	} else {
		l.mu = l.mutexName()
	}
	return g.plan()
}

// newRegistry returns a registry of the singleton's variables, without a mutex.
func (d *draft) newRegistry() *registry {
	l := &locking{draft: d, byFunc: make(map[*detect.Func][]*detect.Access), inner: make(map[*detect.Func]bool)}
	return &registry{locking: l, vars: d.Singleton.Vars, taken: make(map[*detect.Func]map[string]bool)}
}

// filledBeside returns the other maps in which the sites' blocks store.
func (d *draft) filledBeside() []*detect.Variable {
	var beside []*detect.Variable
	for _, v := range d.fx.Vars {
		if slices.ContainsFunc(d.Singleton.Vars, func(w *detect.Variable) bool { return w.Obj == v.Obj }) || !isMapOrSlice(v.Obj.Type()) {
			continue
		}
		for _, s := range d.Singleton.Sites {
			stored := func(a *detect.Access) bool { return a.Kind == detect.Element && a.Path == "" && len(a.Held) == 0 }
			if slices.ContainsFunc(within(v.Accesses, nodes(s.Block)...), stored) {
				beside = append(beside, v)
				break
			}
		}
	}
	return beside
}

// madeHere proves that nobody else has the map: every value that it is given
// is made on the spot, and it is never handed out.
func (d *draft) madeHere() *Refusal {
	for _, v := range d.Singleton.Vars {
		if value := v.Declared(); value != nil && v.Field == "" && !d.isNewMap(v, value) {
			return refuse(Escapes, value.Pos(), "%s is declared with something that others may hold", v.Name())
		}
		for _, a := range v.Accesses {
			if a.Path != v.Field {
				return refuse(UnknownAccess, a.Pos(), "%s is used here as a whole, with %s in it", a.Var.Name(), v.Name())
			}
			if a.File.Test {
				continue
			}
			if a.Kind == detect.Write && (a.Value == nil || !d.isNewMap(v, a.Value)) {
				return refuse(Escapes, a.Pos(), "%s is assigned something here that others may hold", v.Name())
			}
			if a.Kind == detect.Read && !staysInside(d.pkg.Info, a) && !d.appendsTo(a) {
				return refuse(Escapes, a.Pos(), "%s, whose elements change, is handed out here", v.Name())
			}
		}
	}
	d.proved("stays-inside")
	return nil
}

// isNewMap reports whether e is nil or makes what v holds: make(...), a
// literal, or append to v itself.
func (d *draft) isNewMap(v *detect.Variable, e ast.Expr) bool {
	switch x := ast.Unparen(e).(type) {
	case *ast.CompositeLit:
		return true
	case *ast.CallExpr:
		b, ok := calleeIn(d.pkg.Info, x).(*types.Builtin)
		if !ok || len(x.Args) == 0 {
			return false
		}
		return b.Name() == "make" || b.Name() == "append" && len(within(v.Accesses, x.Args[0])) == 1
	}
	return d.pkg.Info.Types[e].IsNil()
}

// appendsTo reports whether a is x in x = append(x, ...).
func (d *draft) appendsTo(a *detect.Access) bool {
	s, ok := a.Stmt.(*ast.AssignStmt)
	if !ok || len(s.Rhs) != 1 {
		return false
	}
	call, ok := s.Rhs[0].(*ast.CallExpr)
	if !ok || len(call.Args) == 0 || ast.Unparen(call.Args[0]) != a.Expr {
		return false
	}
	b, ok := calleeIn(d.pkg.Info, call).(*types.Builtin)
	return ok && b.Name() == "append"
}

// plan lets every function that uses the maps take the lock.
func (g *registry) plan() *Refusal {
	if r := g.collect(); r != nil {
		return r
	}
	for _, f := range g.fx.Funcs {
		if len(g.byFunc[f]) == 0 {
			continue
		}
		if r := g.function(f, g.byFunc[f]); r != nil {
			return r
		}
	}
	if r := g.lockOrder(); r != nil {
		return r
	}
	if !g.own {
		g.declareLock(g.values(), g.values()[0].Spec, "var "+g.mu+" sync.Mutex", []string{"sync"})
	}
	g.canEmpty()
	g.proved("not-reentrant")
	g.proved("lock-order")
	return nil
}
