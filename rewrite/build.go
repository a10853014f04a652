package rewrite

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/singletonfix/singletonfix/detect"
)

// A built says how a run of statements that fills the variable builds the
// value in a local variable instead. The edits are in the draft already.
type built struct {
	local  string // holds the value behind the statements; "" where nothing needs it
	before string // declares local, in front of the statements, or ""
	after  string // stores it, behind the statements, or ""
	end    state
}

// A building is the work of planning a built.
type building struct {
	*atomicVar
	g      *guard
	fn     *detect.Func // whose statements the block is
	block  []ast.Stmt
	scope  *types.Scope // what is declared in it keeps its meaning beside the block's own names
	need   bool         // the code behind needs the value
	fl     *filling
	end    state
	local  string
	stored token.Pos // behind it the value is in place
	reads  []*detect.Access
	writes []*detect.Access
}

// build plans block, to which the guard g leads. With need, the value is
// wanted in a local variable behind it. scope is that of the list where the
// block will stand.
func (x *atomicVar) build(g *guard, block []ast.Stmt, scope *types.Scope, need bool) (*built, *Refusal) {
	b := &building{atomicVar: x, g: g, fn: g.fn, block: block, scope: scope, need: need}
	if r := b.collect(); r != nil {
		return nil, r
	}
	b.fl, b.end = x.fill(x.v, x.kind, block)
	if b.fl.unsure {
		return nil, refuse(ControlFlow, block[0].Pos(), "a jump makes it unclear where %s is filled", x.v.Name())
	}
	if x.flag {
		return b.setFlag()
	}
	if uses := b.copyUses(); len(uses) > 0 {
		if r := b.throughCopy(uses); r != nil {
			return nil, r
		}
	}
	out, r := b.oneWrite()
	if out == nil && r == nil {
		out = b.eachWrite()
	}
	if out == nil && r == nil {
		out, r = b.manyWrites()
	}
	if r != nil {
		return nil, r
	}
	if !b.stored.IsValid() {
		if r := b.keepsPace(b.fn, b.block, b.writes[0]); r != nil {
			return nil, r
		}
	}
	if r := b.exits(); r != nil {
		return nil, r
	}
	out.end = b.end
	return out, nil
}

// collect sorts out the accesses within the block.
func (b *building) collect() *Refusal {
	for _, a := range b.in(nodes(b.block)...) {
		b.done[a] = true
		if a.In != b.fn {
			return refuse(Reentrant, a.Pos(), "%s is used in a function literal while it is being built", b.v.Name())
		}
		switch {
		case a.Kind == detect.Address:
			b.writes = append(b.writes, a) // handed to a decoder, which fills it
		case a.Kind != detect.Write:
			b.reads = append(b.reads, a)
		case plainAssign(a) == nil:
			return refuse(ControlFlow, a.Pos(), "%s is not filled by a plain assignment here", b.v.Name())
		default:
			b.writes = append(b.writes, a)
		}
	}
	if len(b.writes) == 0 {
		return refuse(ControlFlow, b.block[0].Pos(), "nothing assigns %s here", b.v.Name())
	}
	return nil
}

// plainAssign returns the statement x = v or x, y = f() that a is part of, or nil.
func plainAssign(a *detect.Access) *ast.AssignStmt {
	s, ok := a.Stmt.(*ast.AssignStmt)
	if !ok || s.Tok != token.ASSIGN {
		return nil
	}
	return s
}

// manyWrites plans any other block: a local variable takes the place of the
// package variable in all of it, and is stored last.
func (b *building) manyWrites() (*built, *Refusal) {
	b.local = b.pick(b.fn)
	all := append(slices.Clone(b.reads), b.writes...)
	first := slices.MinFunc(all, func(a, c *detect.Access) int { return int(a.Pos() - c.Pos()) })
	out := b.storeLast()
	at := slices.IndexFunc(b.block, func(s ast.Stmt) bool { return contains(s, first.Expr) })
	if s, ok := b.block[at].(*ast.AssignStmt); ok && first.Stmt == ast.Stmt(s) && len(s.Lhs) == 1 && first.Kind == detect.Write && len(b.in(s)) == 1 {
		b.replaceStmt(s, b.define(b.local, first.Value), hole("value", first.Value))
	} else {
		if at == 0 {
			out.before = "var " + b.local + " " + b.typ
		} else {
			b.edit(Edit{Op: InsertBefore, At: b.block[at], Code: "var " + b.local + " " + b.typ})
		}
		first = nil
	}
	for _, w := range b.writes {
		if w != first {
			b.replace(w.Expr, b.local)
		}
	}
	return out, nil
}

// exits stores the value at every return that leaves it built, and lets what
// is read behind its construction come from the local variable.
func (b *building) exits() *Refusal {
	for _, a := range b.reads {
		if b.local == "" {
			return refuse(ControlFlow, a.Pos(), "%s is read while it is being built", b.v.Name())
		}
		b.replace(a.Expr, b.local)
	}
	if b.returns {
		return b.returnsRight()
	}
	for _, ret := range b.fl.returns() {
		st := b.fl.exits[ret]
		if st == empty || b.stored.IsValid() && b.stored < ret.Pos() {
			continue
		}
		if b.local == "" || ret.Pos() < b.writes[0].Pos() {
			return refuse(ControlFlow, ret.Pos(), "it is unclear whether %s is filled here", b.v.Name())
		}
		b.edit(Edit{Op: InsertBefore, At: ret, Code: b.store(b.local, st)})
		if ret != b.block[len(b.block)-1] {
			b.note("as before, " + b.v.Name() + " keeps its value where a later step of its initialisation fails")
		}
	}
	return nil
}
