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
	g       *guard
	fn      *detect.Func // whose statements the block is
	block   []ast.Stmt
	scope   *types.Scope // what is declared in it keeps its meaning beside the block's own names
	need    bool         // the code behind needs the value
	fl      *filling
	end     state
	local   string
	stored  token.Pos // behind it the value is in place
	reads   []*detect.Access
	writes  []*detect.Access
	inPlace bool
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
		out, r = b.manyWrites()
	}
	if r != nil {
		return nil, r
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
	if id := b.authorLocal(w); id != nil {
		return b.storeLocal(s, id)
	}
	if b.pointer && !b.need && len(b.reads) == 0 {
		b.stored = s.Pos()
		b.replaceStmt(s, b.v.Obj.Name()+".Store($value)", hole("value", w.Value))
		return &built{}, nil
	}
	b.local = b.pick(b.g.Func)
	code := b.define(b.local, w.Value)
	if b.quietBehind(s, nil) {
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
	if b.quietBehind(s, b.pkg.Info.Uses[id]) {
		b.stored = s.Pos()
		b.replaceStmt(s, b.store(b.local, b.value()), nil)
		return &built{local: b.local}, nil
	}
	b.edit(Edit{Op: Delete, At: s})
	return b.storeLast(), nil
}

// quietBehind reports whether the statements behind s in the block do not
// touch the value: neither by the variable nor by obj. A return may.
func (b *building) quietBehind(s ast.Stmt, obj types.Object) bool {
	for _, later := range b.block[slices.Index(b.block, s)+1:] {
		if _, ok := later.(*ast.ReturnStmt); ok && !hasCall(later) {
			continue
		}
		if len(b.in(later)) > 0 || b.changesOthers(later) || obj != nil && uses(b.pkg.Info, later, obj) {
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

// unpack plans x, err = f().
func (b *building) unpack(w *detect.Access, s *ast.AssignStmt) (*built, *Refusal) {
	b.local = b.pick(b.g.Func)
	fresh, drop := b.canDefine(w.Expr, s)
	if !fresh || !b.sameResult(w.Expr, s) {
		b.replace(w.Expr, b.local)
		out := b.storeLast()
		if slices.Index(b.block, ast.Stmt(s)) == 0 {
			out.before = "var " + b.local + " " + b.typ
		} else {
			b.edit(Edit{Op: InsertBefore, At: s, Code: "var " + b.local + " " + b.typ})
		}
		return out, nil
	}
	for _, decl := range drop {
		b.edit(Edit{Op: Delete, At: decl})
	}
	lhs := b.source(&span{s.Lhs[0].Pos(), s.Lhs[len(s.Lhs)-1].End()}, map[ast.Expr]string{w.Expr: b.local})
	b.replaceStmt(s, lhs+" := $value", hole("value", s.Rhs[0]))
	return b.storeLast(), nil
}

// sameResult reports whether a definition gives lhs, one of those of s, the variable's type.
func (b *building) sameResult(lhs ast.Expr, s *ast.AssignStmt) bool {
	if b.pointer {
		return true
	}
	tuple, ok := b.pkg.Info.TypeOf(s.Rhs[0]).(*types.Tuple)
	i := slices.IndexFunc(s.Lhs, func(e ast.Expr) bool { return ast.Unparen(e) == lhs })
	return ok && i >= 0 && i < tuple.Len() && types.Identical(tuple.At(i).Type(), b.typeOf())
}

// A span is a stretch of source text.
type span struct{ pos, end token.Pos }

func (s *span) Pos() token.Pos { return s.pos }
func (s *span) End() token.Pos { return s.end }

// canDefine reports whether s may become a definition, because everything
// else that it assigns belongs to the scope where it will stand, or is
// declared just for it; these declarations are then to go.
func (b *building) canDefine(value ast.Expr, s *ast.AssignStmt) (ok bool, drop []ast.Stmt) {
	for _, lhs := range s.Lhs {
		if ast.Unparen(lhs) == value {
			continue
		}
		id, isName := lhs.(*ast.Ident)
		if !isName {
			return false, nil
		}
		if id.Name == "_" {
			continue
		}
		obj := b.pkg.Info.Uses[id]
		if obj == nil {
			return false, nil
		}
		if decl := b.soleDecl(obj, s); decl != nil {
			drop = append(drop, decl)
			continue
		}
		if obj.Parent() != b.scope && obj != b.newErr {
			return false, nil // := would declare another one
		}
	}
	return true, drop
}

// soleDecl returns the statement of the block that declares obj and nothing
// else, without a value, if obj is not used between it and s.
func (b *building) soleDecl(obj types.Object, s ast.Stmt) ast.Stmt {
	for _, stmt := range b.block {
		if stmt == s {
			return nil
		}
		ds, ok := stmt.(*ast.DeclStmt)
		if !ok {
			continue
		}
		decl := ds.Decl.(*ast.GenDecl)
		if decl.Tok != token.VAR || len(decl.Specs) != 1 || decl.Doc != nil {
			continue
		}
		spec := decl.Specs[0].(*ast.ValueSpec)
		if len(spec.Names) != 1 || len(spec.Values) > 0 || b.pkg.Info.Defs[spec.Names[0]] != obj {
			continue
		}
		if usesBetween(b.pkg.Info, b.block, obj, ds.End(), s.Pos()) {
			return nil
		}
		return stmt
	}
	return nil
}

// manyWrites plans any other block: a local variable takes the place of the
// package variable in all of it, and is stored last.
func (b *building) manyWrites() (*built, *Refusal) {
	b.local = b.pick(b.g.Func)
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
