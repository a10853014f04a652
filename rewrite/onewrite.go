package rewrite

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/singletonfix/singletonfix/detect"
)

// oneWrite plans a block with one assignment, which stands in the block
// itself; nil if the block is not like that.
func (b *building) oneWrite() (*built, *Refusal) {
	w := b.writes[0]
	s := plainAssign(w)
	if len(b.writes) != 1 || s == nil || !slices.Contains(b.block, ast.Stmt(s)) || len(b.reads) > 0 && b.reads[0].Pos() < s.End() {
		return nil, nil
	}
	switch {
	case len(s.Lhs) > 1 && len(s.Rhs) == 1:
		return b.unpack(w, s)
	case len(s.Lhs) > 1:
		return nil, nil
	}
	if b.returns && s == b.block[len(b.block)-1] && len(b.reads) == 0 {
		b.stored = s.Pos()
		b.replaceStmt(s, b.store("$value", filled), hole("value", w.Value))
		return &built{}, nil
	}
	if id := b.authorLocal(w); id != nil {
		return b.storeLocal(s, id)
	}
	if b.pointer && !b.need && !b.returns && len(b.reads) == 0 && b.quietBehind(s) {
		b.stored = s.Pos()
		b.replaceStmt(s, b.self()+".Store($value)", hole("value", w.Value))
		return &built{}, nil
	}
	b.local = b.pick(b.fn)
	code := b.define(b.local, w.Value)
	if !b.returns && b.quietBehind(s) {
		b.stored = s.Pos()
		b.replaceStmt(s, code+"\n"+b.store(b.local, b.value()), hole("value", w.Value))
		return &built{local: b.local}, nil
	}
	b.replaceStmt(s, code, hole("value", w.Value))
	return b.storeLast(), nil
}

func hole(name string, n ast.Node) map[string][]ast.Node {
	return map[string][]ast.Node{name: {n}}
}

// define returns: local := $value, or with the type where value may have another.
func (b *building) define(local string, value ast.Expr) string {
	if b.sameType(value) {
		return local + " := $value"
	}
	return "var " + local + " " + b.typ + " = $value"
}

// value says what the variable holds where the block ends, by whichever exit.
func (b *building) value() state {
	end := b.end
	for _, ret := range b.fl.returns() {
		if ret.Pos() > b.writes[0].Pos() {
			end = join(end, b.fl.exits[ret])
		}
	}
	return end
}

// sameType reports whether local := value gives local the variable's type.
func (b *building) sameType(value ast.Expr) bool {
	tv := b.pkg.Info.Types[value]
	if isZero(b.pkg.Info, value) {
		return false
	}
	if b.pointer {
		return true // nothing but *T can be assigned to a *T
	}
	if tv.Type == nil || tv.Type == types.Typ[types.Invalid] || b.typeOf() == types.Typ[types.Invalid] {
		return false
	}
	return types.Identical(tv.Type, b.typeOf()) // an untyped constant's type is none of these
}

// authorLocal returns the local variable that w assigns, if the value was
// built there and can be stored from there; else nil.
func (b *building) authorLocal(w *detect.Access) *ast.Ident {
	id, ok := ast.Unparen(w.Value).(*ast.Ident)
	if !ok {
		return nil
	}
	obj, ok := b.pkg.Info.Uses[id].(*types.Var)
	if !ok || obj.Parent() == b.pkg.Types.Scope() || !b.sameType(id) || obj != b.g.Copy && !inStmts(b.block, identAt(obj)) {
		return nil
	}
	if assignedIn(b.pkg.Info, obj, b.block, w.Stmt.End()) {
		return nil // no longer the value, and the atomic may share the variable
	}
	return id
}

// identAt returns a node that stands where obj is declared.
func identAt(obj types.Object) ast.Node {
	return &ast.Ident{NamePos: obj.Pos(), Name: obj.Name()}
}

// assignedIn reports whether the statements assign obj or take its address behind pos.
func assignedIn(info *types.Info, obj types.Object, stmts []ast.Stmt, pos token.Pos) bool {
	found := false
	names := func(e ast.Expr) bool {
		id, ok := ast.Unparen(e).(*ast.Ident)
		return ok && info.ObjectOf(id) == obj && id.Pos() > pos
	}
	for _, s := range stmts {
		ast.Inspect(s, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.AssignStmt:
				found = found || slices.ContainsFunc(n.Lhs, names)
			case *ast.IncDecStmt:
				found = found || names(n.X)
			case *ast.UnaryExpr:
				found = found || n.Op == token.AND && names(n.X)
			case *ast.RangeStmt:
				found = found || n.Key != nil && names(n.Key) || n.Value != nil && names(n.Value)
			}
			return !found
		})
	}
	return found
}

// storeLocal plans x = c: the Store takes its place, or stands last where
// the value is still worked on behind it.
func (b *building) storeLocal(s *ast.AssignStmt, id *ast.Ident) (*built, *Refusal) {
	b.local = id.Name
	if !b.returns && b.quietBehind(s) {
		b.stored = s.Pos()
		b.replaceStmt(s, b.store(b.local, b.value()), nil)
		return &built{local: b.local}, nil
	}
	b.edit(Edit{Op: Delete, At: s})
	return b.storeLast(), nil
}

// quietBehind reports whether the value that s assigns is complete: the
// statements behind s in the block touch neither the variable nor what the
// value is made of. A return may.
func (b *building) quietBehind(s *ast.AssignStmt) bool {
	m := b.makeupOf(s.Rhs[0], b.block)
	for _, later := range b.block[slices.Index(b.block, ast.Stmt(s))+1:] {
		if _, ok := later.(*ast.ReturnStmt); ok && !hasCall(later) {
			continue
		}
		if len(b.in(later)) > 0 || b.changesOthers(later) || m.mayChange(later) {
			return false
		}
	}
	return true
}

// changesOthers reports whether n fills another variable of the singleton,
// which the store publishes too.
func (b *building) changesOthers(n ast.Node) bool {
	return slices.ContainsFunc(b.Singleton.Vars, func(v *detect.Variable) bool {
		return v.Obj != b.v.Obj && slices.ContainsFunc(within(v.Accesses, n), func(a *detect.Access) bool { return a.Kind != detect.Read })
	})
}

// storeLast returns a built that stores behind the block.
func (b *building) storeLast() *built {
	out := &built{local: b.local}
	if b.end != dead {
		out.after = b.store(b.local, b.end)
	}
	return out
}
