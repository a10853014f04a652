package rewrite

import (
	"go/ast"
	"go/types"
	"slices"

	"github.com/singletonfix/singletonfix/detect"
)

var once = &Strategy{
	Name: "once",
	Doc: `the initialisation moves into a sync.Once

	var instanceOnce sync.Once

	func Get() *T {
		instanceOnce.Do(func() {
			instance = newT()
		})
		return instance
	}

Exactly one goroutine builds the value, and whoever comes back from Get sees all of it. The
variable keeps its type, so the code around it stays as it is. It fits where the initialisation
cannot fail and nothing else assigns the variable: a Once never runs again.`,
	plan: planOnce,
}

func planOnce(d *draft) *Refusal {
	s := d.Singleton
	switch s.Pattern {
	case "nil-check", "flag-guard", "helper-init", "checked-once":
	case "lost-once-error":
		return planKeptError(d)
	case "local-lock":
		return planLocalOnce(d)
	default:
		return refuse(notThis, s.Vars[0].Obj.Pos(), "a reset needs more than a Once")
	}
	if len(s.Sites) != 1 || s.Sites[0].Inner != nil {
		return refuse(ControlFlow, s.Vars[0].Obj.Pos(), "%s is filled in several places", d.v.Name())
	}
	g := newGuard(d.fx, s.Sites[0])
	if g == nil || g.Copy != nil || !g.plain {
		return refuse(ControlFlow, s.Sites[0].Stmt.Pos(), "the test of %s decides about more than its initialisation", d.v.Name())
	}
	block, last, r := onceBlock(d, g)
	if r != nil {
		return r
	}
	if r := d.onlyFilledHere(g); r != nil {
		return r
	}
	if s.Pattern == "checked-once" {
		return d.dropTest(g, block)
	}
	if r := d.onceFills(g, block); r != nil {
		return r
	}
	if r := d.notReentrant(g); r != nil {
		return r
	}
	d.moveIntoOnce(g, block, last)
	return nil
}

// onceBlock returns the statements that move into the Once, and the last
// statement that they replace.
func onceBlock(d *draft, g *guard) ([]ast.Stmt, ast.Stmt, *Refusal) {
	if g.Form == detect.GuardThen || g.Form == detect.GuardCase {
		return g.Block, g.stmt, nil
	}
	if g.Form != detect.GuardEarly || len(g.Block) == 0 || len(g.early) != 1 {
		return nil, nil, refuse(ControlFlow, g.stmt.Pos(), "what runs where %s is filled cannot stay in front of a Once", d.v.Name())
	}
	ret, ok := g.early[0].(*ast.ReturnStmt)
	if !ok {
		return nil, nil, refuse(ControlFlow, g.early[0].Pos(), "this runs only where %s is filled", d.v.Name())
	}
	block := g.Block
	if end, ok := block[len(block)-1].(*ast.ReturnStmt); ok && len(block) > 1 {
		if d.source(end, nil) != d.source(ret, nil) {
			return nil, nil, refuse(ControlFlow, end.Pos(), "the first call returns something else than later ones")
		}
		block = block[:len(block)-1]
	} else if len(ret.Results) > 0 {
		return nil, nil, refuse(ControlFlow, ret.Pos(), "the first call returns something else than later ones")
	}
	return block, block[len(block)-1], nil
}

// onlyFilledHere proves that the site is the only writer, and that whoever
// reads the variables has come past it.
func (d *draft) onlyFilledHere(g *guard) *Refusal {
	inner := d.inner([]*guard{g})
	for _, v := range d.Singleton.Vars {
		for _, a := range v.Accesses {
			if a == g.Read || a.In != nil && inner[a.In] || inStmts(g.Block, a.Expr) && d.sameGoroutine(a, g) {
				continue // the test itself, or part of the initialisation
			}
			if a.Kind == detect.Write || a.Kind == detect.Address {
				return refuse(ControlFlow, a.Pos(), "%s is also assigned here, which a Once does not allow", v.Name())
			}
			if a.Kind == detect.Element {
				return refuse(MutatedAfterPublish, a.Pos(), "what %s holds is changed here, outside its initialisation", v.Name())
			}
			if !d.comesAfter(a, g) {
				return refuse(ControlFlow, a.Pos(), "%s is read here without a call of %s before", v.Name(), g.Func.Name())
			}
		}
	}
	d.proved("no-other-writer")
	d.proved("readers-after-getter")
	return nil
}

// sameGoroutine reports whether a, within the guard's block, is not in a
// function literal that may run later or elsewhere.
func (d *draft) sameGoroutine(a *detect.Access, g *guard) bool {
	for f := a.In; f != nil && f != g.Func; f = f.Parent {
		for _, c := range f.Callers {
			if c.Mode == detect.Started || c.Mode == detect.Passed {
				return false
			}
		}
		if len(f.Values) > 0 {
			return false
		}
	}
	return true
}

func inStmts(stmts []ast.Stmt, n ast.Node) bool {
	for _, s := range stmts {
		if contains(s, n) {
			return true
		}
	}
	return false
}

// onceFills proves that the block can stand in a function that runs once: it
// cannot leave early, fail or panic, and leaves the variable filled.
func (d *draft) onceFills(g *guard, block []ast.Stmt) *Refusal {
	for _, s := range block {
		if n := leaves(s); n != nil {
			return refuse(ControlFlow, n.Pos(), "the initialisation of %s can end early here, and has to be tried again then", d.v.Name())
		}
	}
	if id := d.errorOfCall(g.fn, block); id != nil {
		return refuse(ControlFlow, id.Pos(), "the error would be lost to all calls but the first, which runs the Once")
	}
	if n := d.mayPanic(g.Func, block); n != nil {
		return refuse(ControlFlow, n.Pos(), "this may panic, after which a Once would never try again")
	}
	if _, end := d.fill(d.v, d.kind, block); !end.has() {
		return refuse(ControlFlow, g.stmt.Pos(), "the initialisation may leave %s empty, and has to be tried again then", d.v.Name())
	}
	for _, a := range d.in(nodes(block)...) {
		if a.Kind == detect.Write {
			if r := d.keepsPace(g.fn, block, a); r != nil {
				return r
			}
			break
		}
	}
	d.proved("filled-on-every-path")
	d.proved("no-early-exit")
	return nil
}

// notReentrant proves that the initialisation does not come back to the
// variables or to the function that would wait for it.
func (d *draft) notReentrant(guards ...*guard) *Refusal {
	inner := d.inner(guards)
	for f := range d.splitHelpers(guards) {
		inner[f] = true // runs under the getter's lock
	}
	for _, g := range guards {
		if n := d.callsRegistered(g.Block); n != nil {
			return refuse(Reentrant, n.Pos(), "this calls what other packages have registered, which may come back to %s", g.Func.Name())
		}
		r := reachOf(d.fx, nodes(g.Block)...)
		for _, other := range guards {
			if r.funcs[other.Func] {
				return refuse(Reentrant, g.stmt.Pos(), "the initialisation of %s may come back to %s, which would wait for itself", d.v.Name(), other.Func.Name())
			}
		}
		for _, v := range d.Singleton.Vars {
			for _, a := range v.Accesses {
				if a.In != nil && r.funcs[a.In] && !inner[a.In] && !inStmts(g.Block, a.Expr) {
					return refuse(Reentrant, a.Pos(), "the initialisation of %s may come here, where %s is used", d.v.Name(), v.Name())
				}
			}
		}
	}
	d.proved("not-reentrant")
	return d.lockOrder(guards)
}

// moveIntoOnce emits: xOnce.Do(func() { BLOCK }).
func (d *draft) moveIntoOnce(g *guard, block []ast.Stmt, last ast.Stmt) {
	value := d.Singleton.Vars[0]
	anchor := value
	if (d.kind == flagTest || d.numberFlag()) && d.onlyGuards(g) {
		d.dropFlag(g)
		anchor = d.v
	}
	v := d.v
	d.v = value
	name := d.companion("Once")
	d.v = v
	d.edit(Edit{Op: InsertAfter, At: anchor.Spec, Code: "var " + name + " sync.Once", Imports: []string{"sync"}})
	code, holes := name+".Do(func() {\n$block\n})", map[string][]ast.Node{"block": nodes(block)}
	if f := d.soleCall(block); f != nil {
		code, holes = name+".Do("+d.source(f, nil)+")", nil
	}
	d.edit(Edit{Op: ReplaceStmts, At: g.stmt, Last: last, Code: code, Holes: holes})
	d.paramNote(g, block)
}

// soleCall returns f where block is no more than f(), f a plain name of a
// function without parameters and results; else nil.
func (d *draft) soleCall(block []ast.Stmt) ast.Expr {
	if len(block) != 1 {
		return nil
	}
	s, ok := block[0].(*ast.ExprStmt)
	if !ok {
		return nil
	}
	call, ok := s.X.(*ast.CallExpr)
	if !ok || len(call.Args) > 0 {
		return nil
	}
	f, ok := calleeIn(d.pkg.Info, call).(*types.Func)
	if _, isName := call.Fun.(*ast.Ident); !ok || !isName || f.Signature().Results().Len() > 0 {
		return nil
	}
	return call.Fun
}

// dropTest emits: BLOCK, without the test around it. Where the Once loses its
// error, that is kept, and the block may go on to look at it.
func (d *draft) dropTest(g *guard, block []ast.Stmt) *Refusal {
	var lost []*lostError
	if fills, r := d.onceFillsOf(d.once); r == nil {
		if lost, r = d.lostErrors(fills[0], g.stmt); r != nil {
			return r
		}
		if r := d.keepErrors(fills[0], lost); r != nil {
			return r
		}
	} // else several places ask it: then nothing is moved
	asked := slices.IndexFunc(block, d.onlyOnce)
	for i, s := range block {
		if asked < 0 || i != asked && !isAbout(s, lost) {
			return refuse(ControlFlow, g.stmt.Pos(), "more than the call of the Once stands behind the test of %s", d.v.Name())
		}
	}
	if g.Form == detect.GuardEarly {
		d.edit(Edit{Op: Delete, At: g.stmt})
		return nil
	}
	d.replaceStmt(g.stmt, "$block", map[string][]ast.Node{"block": nodes(block)})
	return nil
}

// onlyOnce reports whether s does no more than call a Once's Do, itself or
// through a function that does nothing else.
func (d *draft) onlyOnce(s ast.Stmt) bool {
	e, ok := s.(*ast.ExprStmt)
	if !ok {
		return false
	}
	call, ok := e.X.(*ast.CallExpr)
	if !ok {
		return false
	}
	if d.fx.IsOnceDo(call) {
		return true
	}
	f, _ := calleeIn(d.pkg.Info, call).(*types.Func)
	helper := d.fx.Declared(f)
	return helper != nil && helper.Body() != nil && len(call.Args) == 0 && len(helper.Body().List) == 1 && d.onlyOnce(helper.Body().List[0])
}
