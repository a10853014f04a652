package rewrite

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"github.com/singletonfix/singletonfix/detect"
)

// A keyedGetter is a look-up in the middle of a longer function on its way
// into a function of its own, with what makes and stores a missing value: the
// lock spans these and nothing else, and is given up where they panic.
type keyedGetter struct {
	*extraction // of what runs where the key is missing
	reg         *registry
	r           *region
	lookUp      *ast.AssignStmt // x, ok := m[k], in front of the test or in its if
	x           *types.Var      // holds the value behind the test
	found       types.Object    // ok, or nil
	typ         string          // of x
	making      *ast.AssignStmt // x, err = newX(): the first that the block does with x; nil in an if
}

// extractKeyed plans a region that looks a key up, makes and stores what is
// missing, and whose function goes on with the value: a call takes its place.
func (g *registry) extractKeyed(r *region) *Refusal {
	k := &keyedGetter{reg: g, r: r}
	if ref := k.shape(); ref != nil {
		return ref
	}
	for _, step := range []func() *Refusal{k.sameKey, k.split, k.findMaking, k.captured, k.soundInside} {
		if ref := step(); ref != nil {
			return ref
		}
	}
	return k.emit()
}

func (k *keyedGetter) no(n ast.Node) *Refusal {
	return refuse(ControlFlow, n.Pos(), "%s goes on after its use of %s, and would hold the lock meanwhile", k.r.f.Name(), k.reg.v.Name())
}

// shape finds the look-up and the test in the region, and proves that there
// is nothing else in it that has to do with the map.
func (k *keyedGetter) shape() *Refusal {
	g, r := k.reg, k.r
	at := r.list[r.last]
	i := slices.IndexFunc(g.Singleton.Sites, func(s *detect.Site) bool {
		return s.Stmt == at && s.Func == r.f && s.Form == detect.GuardThen && s.Key != nil
	})
	guardIf, ok := at.(*ast.IfStmt)
	if i < 0 || !ok || guardIf.Else != nil || !slices.Contains(r.all, g.Singleton.Sites[i].Read) {
		return k.no(at)
	}
	site := *g.Singleton.Sites[i]
	k.lookUp = g.defines(site.Read)
	if k.lookUp == nil || unnegated(guardIf.Cond) != unnegated(site.Test) || guardIf.Init != nil && guardIf.Init != ast.Stmt(k.lookUp) {
		return k.no(at)
	}
	if guardIf.Init == nil && r.list[r.first] != ast.Stmt(k.lookUp) || guardIf.Init != nil && r.first != r.last {
		return k.no(at)
	}
	k.x, k.found = g.localOf(k.lookUp.Lhs[0]), nil
	if len(k.lookUp.Lhs) > 1 {
		k.found = g.localOf(k.lookUp.Lhs[1])
	}
	if k.x == nil || len(k.lookUp.Lhs) > 1 && k.found == nil {
		return k.no(at)
	}
	site.Copy = k.x
	gd := newGuard(g.fx, &site)
	if gd == nil {
		return k.no(at)
	}
	k.extraction = &extraction{atomicVar: &atomicVar{draft: g.draft}, g: gd, block: site.Block}
	return k.between()
}

// between proves of what stands between the look-up and the test that it may
// as well come in front of both, and of all uses of the map that they move.
func (k *keyedGetter) between() *Refusal {
	for _, s := range k.r.list[k.r.first+1 : max(k.r.first+1, k.r.last)] {
		if uses(k.pkg.Info, s, k.x) || k.found != nil && uses(k.pkg.Info, s, k.found) || leaves(s) != nil || k.reg.touches(k.r.f, s) {
			return k.no(s)
		}
	}
	for _, a := range k.r.all {
		if a.In != k.r.f || !contains(k.lookUp, a.Expr) && !inStmts(k.block, a.Expr) {
			return k.no(a.Expr)
		}
	}
	return nil
}

// touches reports whether s, or what it runs, uses the maps or changes a
// variable that the key is made of.
func (g *registry) touches(f *detect.Func, s ast.Stmt) bool {
	reached := reachOf(g.fx, s)
	for _, v := range g.vars {
		if slices.ContainsFunc(v.Accesses, func(a *detect.Access) bool { return contains(s, a.Expr) || reached.funcs[a.In] }) {
			return true
		}
	}
	return false
}

// defines returns the statement x := m[k] or x, ok = m[k] whose look-up a is, or nil.
func (g *registry) defines(a *detect.Access) *ast.AssignStmt {
	s, ok := a.Stmt.(*ast.AssignStmt)
	x := g.lookUp(a)
	if !ok || x == nil || len(s.Rhs) != 1 || ast.Unparen(s.Rhs[0]) != ast.Expr(x) || s.Tok != token.DEFINE && s.Tok != token.ASSIGN {
		return nil
	}
	return s
}

// localOf returns the local variable that e names, or nil.
func (g *registry) localOf(e ast.Expr) *types.Var {
	id, ok := e.(*ast.Ident)
	if !ok {
		return nil
	}
	v, ok := g.pkg.Info.ObjectOf(id).(*types.Var)
	if !ok || v.IsField() || v.Parent() == nil || v.Parent() == g.pkg.Types.Scope() {
		return nil
	}
	return v
}

// sameKey proves that the value is looked up and stored under the same key,
// in whatever way the block uses the map.
func (k *keyedGetter) sameKey() *Refusal {
	k.typ = k.elementText()
	if k.typ == "" {
		return refuse(ControlFlow, k.lookUp.Pos(), "the type of what %s holds cannot be named outside %s", k.reg.v.Name(), k.r.f.Name())
	}
	index := ast.Unparen(k.lookUp.Rhs[0]).(*ast.IndexExpr)
	for _, a := range within(k.r.all, nodes(k.block)...) {
		x := k.reg.lookUp(a)
		s, ok := a.Stmt.(*ast.AssignStmt)
		if x == nil || !ok || k.source(x.Index, nil) != k.source(index.Index, nil) || len(s.Lhs) != 1 || k.reg.localOf(s.Rhs[0]) != k.x || !slices.Contains(k.block, ast.Stmt(s)) {
			return k.no(a.Expr)
		}
	}
	return nil
}

// elementText returns the type of the map's elements as the file writes it, or "".
func (k *keyedGetter) elementText() string {
	v := k.reg.variableOf(k.g.Read)
	if v.File == k.r.f.File && v.Field == "" && v.Spec != nil {
		typ := v.Spec.Type
		if typ == nil && v.Declared() != nil {
			switch e := ast.Unparen(v.Declared()).(type) {
			case *ast.CompositeLit:
				typ = e.Type
			case *ast.CallExpr:
				typ = e.Args[0]
			}
		}
		if m, ok := typ.(*ast.MapType); ok {
			return k.source(m.Value, nil)
		}
	}
	return writtenType(k.pkg, k.r.f.File.Syntax, k.x.Type())
}

// split finds out how the block leaves its function: not at all, by returning
// an error, or in one if that handles an error and stays behind the call.
func (k *keyedGetter) split() *Refusal {
	for _, s := range k.block {
		ast.Inspect(s, func(n ast.Node) bool {
			ret, ok := n.(*ast.ReturnStmt)
			if ok {
				k.returns = append(k.returns, ret)
			}
			_, literal := n.(*ast.FuncLit)
			return !literal
		})
	}
	if !jumpsOut(k.block) && (len(k.returns) == 0 || k.returnErrors()) && !slices.ContainsFunc(k.block, defersAnything) {
		return nil
	}
	for i, s := range k.block {
		f, ok := s.(*ast.IfStmt)
		if !ok || i == 0 || !k.isFailure(f) || !endsInJump(f.Body.List) || k.usesOfBlock(f.Body) {
			continue
		}
		rest := slices.Concat(k.block[:i], k.block[i+1:])
		if !leavesAny(rest) {
			k.failure = f
			return nil
		}
	}
	return refuse(ControlFlow, k.block[0].Pos(), "what makes a value for %s leaves %s, and cannot be moved out of it", k.reg.v.Name(), k.r.f.Name())
}

func defersAnything(s ast.Stmt) bool {
	_, ok := s.(*ast.DeferStmt)
	return ok
}

// endsInJump reports whether control never comes to the end of list.
func endsInJump(list []ast.Stmt) bool {
	if len(list) == 0 {
		return false
	}
	_, jump := list[len(list)-1].(*ast.BranchStmt)
	return jump || isReturn(list[len(list)-1])
}

// usesOfBlock reports whether n uses the value, or what the block declares,
// other than the error.
func (k *keyedGetter) usesOfBlock(n ast.Node) bool {
	found := false
	ast.Inspect(n, func(m ast.Node) bool {
		id, ok := m.(*ast.Ident)
		if !ok {
			return !found
		}
		obj := k.pkg.Info.Uses[id]
		declared := obj != nil && obj != k.err && inStmts(k.block, identAt(obj)) && !contains(n, identAt(obj))
		found = found || obj == types.Object(k.x) || declared
		return !found
	})
	return found
}

// findMaking finds the assignment of the new value to the variable that the
// code behind uses, which becomes its definition; where the first use is no
// plain assignment, a declaration comes in front.
func (k *keyedGetter) findMaking() *Refusal {
	for _, stmt := range k.moved() {
		if !uses(k.pkg.Info, stmt, k.x) {
			continue
		}
		if s, ok := stmt.(*ast.AssignStmt); ok && k.canDefine(s) {
			k.making = s
			return nil
		}
		if k.assignsFirst(stmt) {
			return nil
		}
		return k.no(stmt)
	}
	return k.no(k.g.stmt)
}

// canDefine reports whether s assigns the value and at most an error beside it.
func (k *keyedGetter) canDefine(s *ast.AssignStmt) bool {
	if s.Tok != token.ASSIGN || slices.ContainsFunc(s.Rhs, func(e ast.Expr) bool { return uses(k.pkg.Info, e, k.x) }) {
		return false
	}
	return !slices.ContainsFunc(s.Lhs, func(lhs ast.Expr) bool {
		v := k.reg.localOf(lhs)
		id, ok := lhs.(*ast.Ident)
		return !ok || id.Name != "_" && v != k.x && (v == nil || !isError(v.Type()))
	})
}

// assignsFirst reports whether stmt is: if x, err = newX(); err != nil { ... },
// with an error of the block's own.
func (k *keyedGetter) assignsFirst(stmt ast.Stmt) bool {
	f, ok := stmt.(*ast.IfStmt)
	if !ok {
		return false
	}
	s, ok := f.Init.(*ast.AssignStmt)
	if !ok || !k.canDefine(s) {
		return false
	}
	return !slices.ContainsFunc(s.Lhs, func(lhs ast.Expr) bool {
		v := k.reg.localOf(lhs)
		return v != nil && v != k.x && !inStmts(k.block, identAt(v))
	})
}

// soundInside proves that the new function may hold the lock.
func (k *keyedGetter) soundInside() *Refusal {
	if k.newErr != nil && k.making == nil {
		return k.no(k.g.stmt)
	}
	if k.newErr != nil && !slices.ContainsFunc(k.making.Lhs, func(e ast.Expr) bool { return k.reg.localOf(e) == k.newErr }) {
		return k.no(k.making)
	}
	inside := &region{f: k.r.f, list: k.r.list, first: k.r.last, last: k.r.last, all: k.r.all}
	for _, check := range []func(*region) *Refusal{k.reg.sound, k.reg.elementsStayIn, k.reg.workInside} {
		if ref := check(inside); ref != nil {
			return ref
		}
	}
	return nil
}

// isMethod reports whether the new function is a method of its caller's
// receiver, because it uses that; the receiver is then no parameter.
func (k *keyedGetter) isMethod() *ast.FieldList {
	decl := k.r.f.Decl
	if decl == nil || decl.Recv == nil || len(decl.Recv.List[0].Names) == 0 {
		return nil
	}
	recv := k.pkg.Info.Defs[decl.Recv.List[0].Names[0]]
	i := slices.IndexFunc(k.params, func(v *types.Var) bool { return v == recv })
	if i < 0 {
		return nil
	}
	k.params = slices.Delete(k.params, i, i+1)
	return decl.Recv
}

// getterName returns a name for the new function: getClient for clients.
func (k *keyedGetter) getterName() string {
	base := upperFirst(strings.TrimLeft(k.reg.v.Obj.Name(), "_"))
	if len(base) > 3 && strings.HasSuffix(base, "s") && !strings.HasSuffix(base, "ss") {
		base = strings.TrimSuffix(base, "s")
	}
	return k.name("get" + base)
}
