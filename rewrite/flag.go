package rewrite

import (
	"go/ast"
	"go/constant"
	"go/types"
	"slices"
	"strings"

	"github.com/singletonfix/singletonfix/detect"
)

// planFlag plans a double check whose atomic is the flag: what the flag guards
// stays as it is, because nobody looks at it before the flag is set, last.
func planFlag(d *draft) *Refusal {
	if r := d.goAtLeast("go1.19", "atomic.Bool"); r != nil {
		return r
	}
	if !d.boolFlag() && !d.numberFlag() {
		return refuse(NoForm, d.v.Obj.Pos(), "%s, which guards the initialisation, is no plain bool variable", d.v.Name())
	}
	guards, r := d.guards()
	if r != nil {
		return r
	}
	for _, a := range d.v.Accesses {
		if a.Kind == detect.Write && !inBlocks(guards, a) && !d.inner(guards)[a.In] && a.Phase != detect.Initial && !a.File.Test {
			return refuse(PartialReset, a.Pos(), "%s is changed here, while others may be using what it guards", d.v.Name())
		}
	}
	if r := d.notReentrant(guards...); r != nil {
		return r
	}
	if r := d.companionsFollow(guards); r != nil {
		return r
	}
	x := &atomicVar{draft: d, flag: true, inner: d.inner(guards), done: make(map[*detect.Access]bool)}
	if d.numberFlag() {
		x.number = d.source(d.flagWrites()[0].Value, nil)
	}
	v := d.v
	d.v = d.Singleton.Vars[0]
	x.mu = d.companion("Mu")
	d.v = v
	x.holder = x.mu
	return x.finish(guards)
}

// boolFlag reports whether the tested variable is a bool of its own.
func (d *draft) boolFlag() bool {
	b, ok := d.typeOf().(*types.Basic)
	return ok && b.Kind() == types.Bool && d.v.Field == ""
}

// numberFlag reports whether the tested variable is a number that serves as a
// flag for others: it is set once, to a positive constant, and only compared
// with constants. A type of its own may have names for its states: that is none.
func (d *draft) numberFlag() bool {
	b, ok := d.v.Obj.Type().(*types.Basic)
	if !ok || b.Info()&types.IsInteger == 0 || b.Kind() == types.Uintptr || d.kind != zeroTest || d.v.Field != "" || d.v.Obj == d.Singleton.Vars[0].Obj {
		return false
	}
	writes := d.flagWrites()
	return len(writes) == 1 && d.isPositive(writes[0].Value) &&
		!slices.ContainsFunc(d.v.Accesses, func(a *detect.Access) bool { return a.Kind == detect.Read && !d.comparedWithConstant(a) })
}

// flagWrites returns what changes the tested variable, or may.
func (d *draft) flagWrites() []*detect.Access {
	var writes []*detect.Access
	for _, a := range d.v.Accesses {
		if a.Kind != detect.Read {
			writes = append(writes, a)
		}
	}
	return writes
}

// isPositive reports whether e is a constant above zero.
func (d *draft) isPositive(e ast.Expr) bool {
	v := d.pkg.Info.Types[e].Value
	return v != nil && v.Kind() == constant.Int && constant.Sign(v) > 0
}

// comparedWithConstant reports whether the read a is one side of a comparison
// whose other side is an untyped constant.
func (d *draft) comparedWithConstant(a *detect.Access) bool {
	found := false
	ast.Inspect(a.Stmt, func(n ast.Node) bool {
		b, ok := n.(*ast.BinaryExpr)
		if ok && (ast.Unparen(b.X) == a.Expr && isLiteral(b.Y) || ast.Unparen(b.Y) == a.Expr && isLiteral(b.X)) {
			found = true
		}
		return !found
	})
	return found
}

func isLiteral(e ast.Expr) bool {
	_, ok := ast.Unparen(e).(*ast.BasicLit)
	return ok
}

// flagType returns the atomic type of a flag.
func (x *atomicVar) flagType() string {
	if x.number == "" {
		return "atomic.Bool"
	}
	b := x.v.Obj.Type().(*types.Basic)
	name := "atomic.Int32"
	if b.Info()&types.IsUnsigned != 0 {
		name = "atomic.Uint32"
	}
	if b.Kind() == types.Int64 || b.Kind() == types.Uint64 {
		name = strings.TrimSuffix(name, "32") + "64"
	}
	return name
}

// sets reports whether the write a assigns what the flag is set to.
func (x *atomicVar) sets(a *detect.Access) bool {
	if x.number != "" {
		return true // its only write
	}
	id, ok := a.Value.(*ast.Ident)
	return ok && id.Name == "true"
}

// setFlag plans a block that sets the flag: the Store comes last, and at
// every return where the flag was set before.
func (b *building) setFlag() (*built, *Refusal) {
	if len(b.reads) > 0 {
		return nil, refuse(ControlFlow, b.reads[0].Pos(), "%s is read before the initialisation is done", b.v.Name())
	}
	w := b.writes[0]
	if len(b.writes) > 1 || !b.sets(w) || !slices.Contains(b.block, w.Stmt) {
		return nil, refuse(ControlFlow, w.Pos(), "%s is not simply set where the initialisation is done", b.v.Name())
	}
	store := b.store("", filled)
	for _, ret := range b.fl.returns() {
		if ret.Pos() > w.Pos() && ret != b.block[len(b.block)-1] {
			return nil, refuse(ControlFlow, ret.Pos(), "the initialisation ends here, after %s was set", b.v.Name())
		}
	}
	others := b.othersAssigned(w)
	if b.idleBehind(w.Stmt) {
		b.replaceStmt(w.Stmt, joinLines([]string{others, store}), nil)
		return &built{}, nil
	}
	if r := b.keepsPace(b.fn, b.block, w); r != nil {
		return nil, r
	}
	b.panicNote(b.fn, b.block)
	if others != "" {
		b.replaceStmt(w.Stmt, others, nil)
	} else {
		b.edit(Edit{Op: Delete, At: w.Stmt})
	}
	last := b.block[len(b.block)-1]
	if isReturn(last) {
		b.edit(Edit{Op: InsertBefore, At: last, Code: store})
		return &built{}, nil
	}
	return &built{after: store}, nil
}

// othersAssigned returns what the statement that sets the flag assigns
// besides it: x = v of x, done = v, true; "" if nothing.
func (b *building) othersAssigned(w *detect.Access) string {
	s := plainAssign(w)
	if len(s.Lhs) < 2 {
		return ""
	}
	var lhs, rhs []string
	for i := range s.Lhs {
		if s.Lhs[i] != w.Expr {
			lhs = append(lhs, b.source(s.Lhs[i], nil))
			rhs = append(rhs, b.source(s.Rhs[i], nil))
		}
	}
	return strings.Join(lhs, ", ") + " = " + strings.Join(rhs, ", ")
}

// idleBehind reports whether nothing but a return without calls stands
// behind s in the block.
func (b *building) idleBehind(s ast.Stmt) bool {
	for _, later := range b.block[slices.Index(b.block, s)+1:] {
		if !isReturn(later) || hasCall(later) {
			return false
		}
	}
	return true
}

// onlyGuards reports whether the flag d.v is used for nothing but the test
// and to be set in statements of their own within the block or its helpers.
func (d *draft) onlyGuards(g *guard) bool {
	if d.v.Field != "" || len(d.v.Spec.Names) > 1 && d.v.Spec.Values != nil {
		return false
	}
	inner := d.inner([]*guard{g})
	for _, a := range d.v.Accesses {
		if a == g.Read {
			continue
		}
		s, ok := a.Stmt.(*ast.AssignStmt)
		if !ok || a.Kind != detect.Write || len(s.Lhs) != 1 || !(inStmts(g.Block, s) || inner[a.In]) {
			return false
		}
		if a.In != g.Func && a.In.Lit != nil {
			return false // deferred: it is set where the initialisation fails, too
		}
	}
	return true
}

// dropFlag deletes the flag d.v and what sets it.
func (d *draft) dropFlag(g *guard) {
	for _, a := range d.v.Accesses {
		if a != g.Read {
			d.edit(Edit{Op: Delete, At: a.Stmt})
		}
	}
	if len(d.v.Spec.Names) > 1 {
		d.edit(Edit{Op: Delete, At: d.v.Ident()})
		return
	}
	d.edit(Edit{Op: Delete, At: d.v.Spec})
}

// paramNote says, where the initialisation uses parameters, whose arguments count.
func (d *draft) paramNote(g *guard, block []ast.Stmt) {
	for _, field := range g.Func.Type().Params.List {
		for _, name := range field.Names {
			obj := d.pkg.Info.Defs[name]
			for _, s := range block {
				if obj != nil && uses(d.pkg.Info, s, obj) {
					d.note("as before, the arguments of the first call of " + g.Func.Name() + " are those that count")
					return
				}
			}
		}
	}
}
