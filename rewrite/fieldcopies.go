package rewrite

import (
	"go/ast"
	"go/token"
	"go/types"
	"strings"

	"golang.org/x/tools/go/ast/edge"
	"golang.org/x/tools/go/ast/inspector"
)

// keepsMeaning proves that nobody's use of the type changes meaning when it
// gains a lock: its values stay where they are, and nothing depends on which
// fields it has.
func (f *fieldDraft) keepsMeaning() *Refusal {
	if named, ok := f.owner.Type().(*types.Named); !ok || named.TypeParams().Len() > 0 {
		return refuse(NoForm, f.owner.Pos(), "%s has type parameters", f.owner.Name())
	}
	if r := f.usedBehindPointers(); r != nil {
		return r
	}
	for cur := range f.fx.Insp.Root().Preorder() {
		if r := f.keepsPlace(cur); r != nil {
			return r
		}
	}
	for id, inst := range f.pkg.Info.Instances {
		for t := range inst.TypeArgs.Types() {
			if f.holds(t) && (id.Name != "Pointer" || !f.isAtomicName(id)) {
				return refuse(Copied, id.Pos(), "values of %s are handed to generic code here, which may copy them", f.owner.Name())
			}
		}
	}
	f.proved("not-copied")
	f.proved("not-compared")
	return nil
}

func (f *fieldDraft) isAtomicName(id *ast.Ident) bool {
	obj := f.pkg.Info.Uses[id]
	return obj != nil && obj.Pkg() != nil && obj.Pkg().Path() == "sync/atomic"
}

// usedBehindPointers proves that other packages of the module only use the
// type behind pointers.
func (f *fieldDraft) usedBehindPointers() *Refusal {
	if !f.owner.Exported() {
		return nil // they cannot name it
	}
	if f.pkg.World == nil {
		return refuse(UnknownAccess, f.owner.Pos(), "what other packages do with values of %s is not known", f.owner.Name())
	}
	if uses := f.pkg.World.Values[f.owner.Name()]; len(uses) > 0 {
		return refuse(Copied, uses[0].At, "another package uses %s here other than behind a pointer", f.owner.Name())
	}
	return nil
}

// holds reports whether a value of type t holds one of the owner itself,
// rather than a pointer to one.
func (f *fieldDraft) holds(t types.Type) bool { return f.holdsIn(t, map[types.Type]bool{}) }

// holdsIn is holds but for the types that were seen: code that does not
// type-check may have one that holds itself.
func (f *fieldDraft) holdsIn(t types.Type, seen map[types.Type]bool) bool {
	if t == nil || seen[t] {
		return false
	}
	seen[t] = true
	if named, ok := types.Unalias(t).(*types.Named); ok && named.Obj() == f.owner {
		return true
	}
	switch u := t.Underlying().(type) {
	case *types.Struct:
		for field := range u.Fields() {
			if f.holdsIn(field.Type(), seen) {
				return true
			}
		}
	case *types.Array:
		return f.holdsIn(u.Elem(), seen)
	case *types.Tuple:
		for v := range u.Variables() {
			if f.holdsIn(v.Type(), seen) {
				return true
			}
		}
	}
	return false
}

// keepsPlace proves of one node that it neither copies nor compares a value
// of the type, nor depends on its fields.
func (f *fieldDraft) keepsPlace(cur inspector.Cursor) *Refusal {
	info := f.pkg.Info
	switch n := cur.Node().(type) {
	case *ast.FuncType:
		for _, field := range n.Params.List {
			if f.holds(info.TypeOf(field.Type)) {
				return f.copied(field, "is passed by value")
			}
		}
	case *ast.FuncDecl:
		if n.Recv != nil && len(n.Recv.List) > 0 && f.holds(info.TypeOf(n.Recv.List[0].Type)) {
			return f.copied(n.Recv, "is copied for each call of %s", n.Name.Name)
		}
	case *ast.TypeSpec:
		if t := info.TypeOf(n.Type); f.holds(t) && !n.Assign.IsValid() && n.Name.Name != f.owner.Name() {
			if _, isStruct := n.Type.(*ast.StructType); !isStruct {
				return f.copied(n, "is what %s is declared as", n.Name.Name)
			}
		}
	case *ast.ArrayType:
		return f.element(n, n.Elt)
	case *ast.MapType:
		if f.holds(info.TypeOf(n.Key)) {
			return refuse(Compared, n.Pos(), "%s is a key of a map here", f.owner.Name())
		}
		return f.element(n, n.Value)
	case *ast.ChanType:
		return f.element(n, n.Value)
	case *ast.RangeStmt:
		if n.Value != nil && f.holds(info.TypeOf(n.Value)) {
			return f.copied(n, "is copied by the loop")
		}
	case *ast.BinaryExpr:
		if (n.Op == token.EQL || n.Op == token.NEQ) && (f.holds(info.TypeOf(n.X)) || f.holds(info.TypeOf(n.Y))) {
			return refuse(Compared, n.Pos(), "values of %s are compared here", f.owner.Name())
		}
	case *ast.CompositeLit:
		if f.isOwner(info.TypeOf(n)) && len(n.Elts) > 0 && !isKeyed(n) {
			return f.copied(n, "is built without keys")
		}
	case *ast.TypeAssertExpr:
		if f.holds(info.TypeOf(n)) {
			return f.copied(n, "is taken out of an interface")
		}
	case *ast.CallExpr:
		return f.keepsInCall(cur, n)
	case *ast.Ident, *ast.SelectorExpr, *ast.StarExpr, *ast.IndexExpr:
		return f.operand(cur, n.(ast.Expr))
	}
	return nil
}

func (f *fieldDraft) copied(n ast.Node, how string, args ...any) *Refusal {
	return refuse(Copied, n.Pos(), "a value of %s "+how+" here", append([]any{f.owner.Name()}, args...)...)
}

// element proves that a container type does not hold the values themselves:
// it moves them when it grows, or copies them out.
func (f *fieldDraft) element(n ast.Node, elem ast.Expr) *Refusal {
	if f.holds(f.pkg.Info.TypeOf(elem)) {
		return refuse(Copied, n.Pos(), "values of %s are elements here, which are copied", f.owner.Name())
	}
	return nil
}

// isOwner reports whether t is the type, or a pointer to it.
func (f *fieldDraft) isOwner(t types.Type) bool {
	if t == nil {
		return false
	}
	if p, ok := types.Unalias(t).(*types.Pointer); ok {
		t = p.Elem()
	}
	named, ok := types.Unalias(t).(*types.Named)
	return ok && named.Obj() == f.owner
}

func isKeyed(lit *ast.CompositeLit) bool {
	_, keyed := lit.Elts[0].(*ast.KeyValueExpr)
	return keyed
}

// keepsInCall looks at conversions, at comparisons by reflection, and at calls
// that return a value.
func (f *fieldDraft) keepsInCall(cur inspector.Cursor, call *ast.CallExpr) *Refusal {
	info := f.pkg.Info
	if info.Types[call.Fun].IsType() && len(call.Args) == 1 {
		from, to := info.TypeOf(call.Args[0]), info.TypeOf(call)
		if f.isOwner(to) != f.isOwner(from) && (to == nil || !types.IsInterface(to)) && !info.Types[call.Args[0]].IsNil() {
			return f.copied(call, "is converted")
		}
	}
	if obj := calleeIn(info, call); obj != nil && comparesDeeply(obj.Name()) {
		for _, arg := range call.Args {
			if f.isOwner(info.TypeOf(arg)) {
				return refuse(Compared, call.Pos(), "%s compares all fields of a %s", obj.Name(), f.owner.Name())
			}
		}
	}
	if !f.holds(info.TypeOf(call)) {
		return nil
	}
	switch cur.ParentEdgeKind() {
	case edge.AssignStmt_Rhs, edge.ValueSpec_Values, edge.ReturnStmt_Results, edge.CompositeLit_Elts, edge.KeyValueExpr_Value, edge.ExprStmt_X:
		return nil // a new value finds its place
	}
	return f.copied(call, "is copied")
}

// comparesDeeply reports whether functions of that name compare what pointers point to.
func comparesDeeply(name string) bool {
	return strings.HasPrefix(name, "DeepEqual") || strings.HasPrefix(name, "Equal") || strings.HasPrefix(name, "NotEqual") || name == "Diff" || name == "Sizeof"
}

// operand proves that e, where it denotes a value of the type, is only
// selected from or has its address taken.
func (f *fieldDraft) operand(cur inspector.Cursor, e ast.Expr) *Refusal {
	tv := f.pkg.Info.Types[e]
	if id, ok := e.(*ast.Ident); ok {
		v, isVar := f.pkg.Info.Uses[id].(*types.Var)
		if !isVar {
			return nil
		}
		tv.Type = v.Type()
	} else if !tv.IsValue() {
		return nil
	}
	if !f.holds(tv.Type) {
		return nil
	}
	for cur.ParentEdgeKind() == edge.ParenExpr_X {
		cur = cur.Parent()
	}
	switch cur.ParentEdgeKind() {
	case edge.SelectorExpr_X, edge.SelectorExpr_Sel, edge.IndexExpr_X, edge.SliceExpr_X, edge.KeyValueExpr_Key:
		return nil
	case edge.UnaryExpr_X:
		return nil // &s; there is nothing else to do with a struct
	case edge.AssignStmt_Lhs:
		return f.copied(e, "is overwritten, with whatever lock is in it,")
	}
	return f.copied(e, "is copied")
}
