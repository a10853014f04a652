package detect

import (
	"go/ast"
	"go/token"
	"go/types"
	"strings"

	"golang.org/x/tools/go/ast/edge"
	"golang.org/x/tools/go/ast/inspector"
)

func (fx *Facts) findVars() {
	fx.byVar = make(map[*types.Var]*Variable)
	for _, file := range fx.Pkg.Files {
		for _, d := range file.Syntax.Decls {
			decl, ok := d.(*ast.GenDecl)
			if !ok || decl.Tok != token.VAR {
				continue
			}
			for _, s := range decl.Specs {
				fx.addVars(file, decl, s.(*ast.ValueSpec))
			}
		}
	}
}

func (fx *Facts) addVars(file *File, decl *ast.GenDecl, spec *ast.ValueSpec) {
	for _, name := range spec.Names {
		obj, ok := fx.Pkg.Info.Defs[name].(*types.Var)
		if !ok {
			continue // the blank identifier
		}
		v := &Variable{Obj: obj, Spec: spec, Decl: decl, File: file}
		fx.byVar[obj] = v
		fx.Vars = append(fx.Vars, v)
	}
}

// Ident returns the identifier that declares v.
func (v *Variable) Ident() *ast.Ident {
	if v.Spec == nil {
		return &ast.Ident{NamePos: v.Obj.Pos(), Name: v.Obj.Name()}
	}
	for _, name := range v.Spec.Names {
		if name.Pos() == v.Obj.Pos() {
			return name
		}
	}
	return v.Spec.Names[0]
}

// Declared returns the value that v is declared with, or nil.
func (v *Variable) Declared() ast.Expr {
	if v.Spec == nil {
		return nil // a field starts out as its zero value
	}
	for i, name := range v.Spec.Names {
		if name.Pos() != v.Obj.Pos() {
			continue
		}
		if len(v.Spec.Values) == len(v.Spec.Names) {
			return v.Spec.Values[i]
		}
		if len(v.Spec.Values) == 1 {
			return v.Spec.Values[0] // var a, b = f()
		}
	}
	return nil
}

// Variable returns the package variable obj, or nil.
func (fx *Facts) Variable(obj *types.Var) *Variable { return fx.byVar[obj] }

// FieldVariable returns the field at path below the struct variable v as a
// variable of its own; v itself where path is empty.
func (fx *Facts) FieldVariable(v *Variable, path string) *Variable {
	if path == "" {
		return v
	}
	fv := &Variable{Obj: v.Obj, Field: path, Spec: v.Spec, Decl: v.Decl, File: v.File}
	for _, a := range v.Accesses {
		if overlaps(a.Path, path) {
			fv.Accesses = append(fv.Accesses, a)
		}
	}
	return fv
}

// overlaps reports whether one of two paths of fields leads through the other.
func overlaps(a, b string) bool {
	return a == b || a == "" || b == "" || strings.HasPrefix(a, b+".") || strings.HasPrefix(b, a+".")
}

func (fx *Facts) findAccesses() {
	fx.accesses = make(map[*ast.Ident]*Access)
	fx.findFixed()
	for cur := range fx.Insp.Root().Preorder((*ast.Ident)(nil)) {
		id := cur.Node().(*ast.Ident)
		obj, ok := fx.Pkg.Info.Uses[id].(*types.Var)
		if !ok {
			continue // no variable
		}
		v := fx.byVar[obj]
		if v == nil {
			continue // local, a field, or of another package
		}
		a := &Access{Var: obj, Cur: cur, In: fx.Enclosing(cur), File: fx.Pkg.File(id.Pos())}
		fx.classify(a)
		fx.accesses[id] = a
		v.Accesses = append(v.Accesses, a)
	}
}

// classify finds out what a does: it climbs from the identifier through the
// operand that denotes the variable or a field of it, and then through what
// the operand leads to, until it meets a use.
func (fx *Facts) classify(a *Access) {
	cur := fx.denotes(a)
	a.Expr = cur.Node().(ast.Expr)
	for c := range cur.Enclosing() {
		if s, ok := c.Node().(ast.Stmt); ok {
			a.Stmt = s
			break
		}
	}
	if op, value := fx.atomicOp(a); op != NotAtomic {
		a.Atomic = op
		if op != AtomicLoad {
			a.Kind, a.Value = Write, value
		}
		return
	}
	if k, ok := fx.use(a, cur); ok {
		a.Kind = k
		return
	}
	// x[k] = v, x.f.g = v, *x = v: what the variable holds is changed.
	for c := cur; ; c = c.Parent() {
		k := c.ParentEdgeKind()
		switch k {
		case edge.IndexExpr_X, edge.SelectorExpr_X, edge.StarExpr_X, edge.ParenExpr_X, edge.SliceExpr_X:
			continue
		case edge.AssignStmt_Lhs, edge.IncDecStmt_X, edge.RangeStmt_Key, edge.RangeStmt_Value:
			if c != cur {
				a.Kind = Element
			}
		case edge.CallExpr_Args:
			call := c.Parent().Node().(*ast.CallExpr)
			if _, i := c.ParentEdge(); i == 0 && fx.isBuiltin(call, "delete", "clear") {
				a.Kind = Element
			}
		}
		return
	}
}

// denotes climbs from a's identifier to the largest operand that still
// denotes the variable or a field of it, and notes the path of fields.
func (fx *Facts) denotes(a *Access) inspector.Cursor {
	cur := a.Cur
	for {
		switch cur.ParentEdgeKind() {
		case edge.SelectorExpr_Sel, edge.ParenExpr_X:
			cur = cur.Parent() // pkg.x in an external test, (x)
		case edge.SelectorExpr_X:
			sel := fx.Pkg.Info.Selections[cur.Parent().Node().(*ast.SelectorExpr)]
			if sel == nil || sel.Kind() != types.FieldVal || sel.Indirect() && !(fx.fixed[a.Var] && a.Path == "" && len(sel.Index()) == 1) {
				return cur
			}
			a.Path = joinPath(a.Path, fieldPath(sel))
			cur = cur.Parent()
		default:
			return cur
		}
	}
}

// findFixed notes the variables that are declared as &T{...} or new(T) and
// never assigned: their fields are as good as variables.
func (fx *Facts) findFixed() {
	fx.fixed = make(map[*types.Var]bool)
	for _, v := range fx.Vars {
		if v.Obj.Exported() {
			continue // others may assign it
		}
		switch x := v.Declared().(type) {
		case *ast.UnaryExpr:
			_, fx.fixed[v.Obj] = x.X.(*ast.CompositeLit)
		case *ast.CallExpr:
			fx.fixed[v.Obj] = fx.isBuiltin(x, "new")
		}
	}
	for cur := range fx.Insp.Root().Preorder((*ast.Ident)(nil)) {
		obj, ok := fx.Pkg.Info.Uses[cur.Node().(*ast.Ident)].(*types.Var)
		if !ok || !fx.fixed[obj] {
			continue
		}
		switch cur.ParentEdgeKind() {
		case edge.AssignStmt_Lhs, edge.UnaryExpr_X, edge.RangeStmt_Key, edge.RangeStmt_Value, edge.StarExpr_X:
			delete(fx.fixed, obj)
		}
	}
}

// fieldPath returns the names of the fields that sel goes through.
func fieldPath(sel *types.Selection) string {
	var names []string
	t := sel.Recv()
	index := sel.Index()
	if sel.Kind() != types.FieldVal {
		index = index[:len(index)-1] // the last one is the method's
	}
	for _, i := range index {
		if p, ok := t.Underlying().(*types.Pointer); ok {
			t = p.Elem()
		}
		st, ok := t.Underlying().(*types.Struct)
		if !ok {
			break // an interface embedded in an interface
		}
		names = append(names, st.Field(i).Name())
		t = st.Field(i).Type()
	}
	return strings.Join(names, ".")
}

func joinPath(a, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return a + "." + b
}

// use tells what the operand at cur is used for, if that is plain to see.
func (fx *Facts) use(a *Access, cur inspector.Cursor) (AccessKind, bool) {
	kind, i := cur.ParentEdge()
	switch kind {
	case edge.AssignStmt_Lhs:
		s := cur.Parent().Node().(*ast.AssignStmt)
		if s.Tok == token.ASSIGN && len(s.Lhs) == len(s.Rhs) {
			a.Value = s.Rhs[i]
		}
		return Write, true
	case edge.IncDecStmt_X, edge.RangeStmt_Key, edge.RangeStmt_Value:
		return Write, true
	case edge.UnaryExpr_X:
		if cur.Parent().Node().(*ast.UnaryExpr).Op == token.AND {
			return Address, true
		}
	case edge.SelectorExpr_X:
		expr := cur.Parent().Node().(*ast.SelectorExpr)
		sel := fx.Pkg.Info.Selections[expr]
		if _, locks := lockMethods[expr.Sel.Name]; locks && sel == nil && cur.Parent().ParentEdgeKind() == edge.CallExpr_Fun {
			return Address, true // an embedded lock of a package that was not loaded
		}
		if sel == nil || sel.Kind() != types.MethodVal {
			return Read, false
		}
		f, ok := sel.Obj().(*types.Func)
		if !ok || f.Signature().Recv() == nil {
			return Read, false
		}
		_, byPointer := types.Unalias(f.Signature().Recv().Type()).(*types.Pointer)
		_, isPointer := sel.Recv().Underlying().(*types.Pointer)
		if byPointer && !isPointer && !sel.Indirect() {
			a.Path = joinPath(a.Path, fieldPath(sel)) // x.Lock() means (&x.Mutex).Lock()
			return Address, true                      // x.M() means (&x).M()
		}
	}
	return Read, false
}

func (fx *Facts) isBuiltin(call *ast.CallExpr, names ...string) bool {
	id, ok := ast.Unparen(call.Fun).(*ast.Ident)
	if !ok {
		return false
	}
	b, ok := fx.Pkg.Info.Uses[id].(*types.Builtin)
	if !ok {
		return false
	}
	for _, name := range names {
		if b.Name() == name {
			return true
		}
	}
	return false
}
