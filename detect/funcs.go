package detect

import (
	"go/ast"
	"go/token"
	"go/types"

	"golang.org/x/tools/go/ast/edge"
	"golang.org/x/tools/go/ast/inspector"
)

func (fx *Facts) findFuncs() {
	fx.funcOf = make(map[ast.Node]*Func)
	fx.byObj = make(map[*types.Func]*Func)
	for cur := range fx.Insp.Root().Preorder((*ast.FuncDecl)(nil), (*ast.FuncLit)(nil)) {
		f := &Func{Cur: cur, File: fx.Pkg.File(cur.Node().Pos())}
		switch n := cur.Node().(type) {
		case *ast.FuncDecl:
			f.Decl = n
			if obj, ok := fx.Pkg.Info.Defs[n.Name].(*types.Func); ok {
				f.Obj = obj
				fx.byObj[obj] = f
			}
		case *ast.FuncLit:
			f.Lit = n
			f.Parent = fx.Enclosing(cur.Parent())
		}
		fx.funcOf[cur.Node()] = f
		fx.Funcs = append(fx.Funcs, f)
	}
}

// Body returns the body of f, nil for a function without one.
func (f *Func) Body() *ast.BlockStmt {
	if f.Decl != nil {
		return f.Decl.Body
	}
	return f.Lit.Body
}

// Type returns the signature of f as written.
func (f *Func) Type() *ast.FuncType {
	if f.Decl != nil {
		return f.Decl.Type
	}
	return f.Lit.Type
}

// Pos returns the position of f's name, or of the literal.
func (f *Func) Pos() token.Pos {
	if f.Decl != nil {
		return f.Decl.Name.Pos()
	}
	return f.Lit.Pos()
}

// Name returns what to call f in a sentence: "Get", "Store.Get",
// "function literal in Get".
func (f *Func) Name() string {
	if f.Parent != nil {
		return "function literal in " + f.Outermost().PlainName()
	}
	return f.PlainName()
}

// Outermost returns the declaration, or package-level literal, that f is part of.
func (f *Func) Outermost() *Func {
	for f.Parent != nil {
		f = f.Parent
	}
	return f
}

// Exported reports whether code outside the package can name f.
func (f *Func) Exported() bool {
	if f.Decl == nil || !f.Decl.Name.IsExported() {
		return false
	}
	if f.Decl.Recv == nil {
		return true
	}
	if f.Obj == nil {
		return true // the type did not check: assume the worse
	}
	recv := f.Obj.Signature().Recv()
	return recv == nil || recvExported(recv.Type())
}

func recvExported(t types.Type) bool {
	if p, ok := types.Unalias(t).(*types.Pointer); ok {
		t = p.Elem()
	}
	named, ok := types.Unalias(t).(*types.Named)
	return !ok || named.Obj().Exported()
}

// params returns the objects of f's receiver and parameters.
func (fx *Facts) params(f *Func) []types.Object {
	var objs []types.Object
	lists := []*ast.FieldList{f.Type().Params}
	if f.Decl != nil {
		lists = append(lists, f.Decl.Recv)
	}
	for _, l := range lists {
		if l == nil {
			continue // a function without receiver
		}
		for _, field := range l.List {
			for _, name := range field.Names {
				if obj := fx.Pkg.Info.Defs[name]; obj != nil {
					objs = append(objs, obj)
				}
			}
		}
	}
	return objs
}

// recvObj returns the object of f's receiver, or nil.
func (fx *Facts) recvObj(f *Func) types.Object {
	if f.Decl == nil || f.Decl.Recv == nil {
		return nil
	}
	for _, field := range f.Decl.Recv.List {
		for _, name := range field.Names {
			return fx.Pkg.Info.Defs[name]
		}
	}
	return nil
}

// An assignment gives a local variable a value.
type assignment struct {
	value ast.Expr // nil where it has none of its own: a parameter, a range, x++
	index int      // which result of value, where value is one call, index or assertion with several
	multi bool     // value has several results
	stmt  ast.Node // the *ast.AssignStmt, *ast.ValueSpec, ...
	cur   inspector.Cursor
}

// findAssignments collects what every local variable is given.
func (fx *Facts) findAssignments() {
	fx.locals = make(map[*types.Var][]assignment)
	fx.given = make(map[*types.Var][]givenIn)
	fx.findValueUses()
	add := func(lhs ast.Expr, a assignment) {
		id, ok := ast.Unparen(lhs).(*ast.Ident)
		if !ok {
			return
		}
		if v := fx.localVar(id); v != nil {
			fx.locals[v] = append(fx.locals[v], a)
		}
	}
	for cur := range fx.Insp.Root().Preorder((*ast.AssignStmt)(nil), (*ast.ValueSpec)(nil), (*ast.RangeStmt)(nil), (*ast.IncDecStmt)(nil), (*ast.UnaryExpr)(nil)) {
		switch n := cur.Node().(type) {
		case *ast.AssignStmt:
			for i, lhs := range n.Lhs {
				a := assignment{stmt: n, cur: cur}
				switch {
				case n.Tok != token.ASSIGN && n.Tok != token.DEFINE:
					// x += y: no value of its own
				case len(n.Lhs) == len(n.Rhs):
					a.value = n.Rhs[i]
				default:
					a.value, a.index, a.multi = n.Rhs[0], i, true
				}
				add(lhs, a)
			}
		case *ast.ValueSpec:
			for i, name := range n.Names {
				a := assignment{stmt: n, cur: cur}
				switch {
				case len(n.Values) == 0:
					continue // declared, not assigned
				case len(n.Values) == len(n.Names):
					a.value = n.Values[i]
				default:
					a.value, a.index, a.multi = n.Values[0], i, true
				}
				add(name, a)
			}
		case *ast.RangeStmt:
			add(n.Key, assignment{stmt: n, cur: cur})
			add(n.Value, assignment{stmt: n, cur: cur})
		case *ast.IncDecStmt:
			add(n.X, assignment{stmt: n, cur: cur})
		case *ast.UnaryExpr:
			if n.Op == token.AND {
				add(n.X, assignment{stmt: n, cur: cur}) // may be assigned through the pointer
			}
		}
	}
}

// findValueUses notes which local variables are more than called and assigned.
func (fx *Facts) findValueUses() {
	fx.usedAsValue = make(map[*types.Var]bool)
	for cur := range fx.Insp.Root().Preorder((*ast.Ident)(nil)) {
		id := cur.Node().(*ast.Ident)
		if fx.Pkg.Info.Uses[id] == nil {
			continue // declared here, or a label or field key
		}
		if k := cur.ParentEdgeKind(); k == edge.CallExpr_Fun || k == edge.AssignStmt_Lhs {
			continue
		}
		if v := fx.localVar(id); v != nil {
			fx.usedAsValue[v] = true
		}
	}
}

// localVar returns the local variable that id names, or nil.
func (fx *Facts) localVar(id *ast.Ident) *types.Var {
	obj := fx.Pkg.Info.Defs[id]
	if obj == nil {
		obj = fx.Pkg.Info.Uses[id]
	}
	v, ok := obj.(*types.Var)
	if !ok || v.IsField() || v.Parent() == nil || v.Parent() == fx.Pkg.Types.Scope() || v.Pkg() != fx.Pkg.Types {
		return nil
	}
	return v
}

// soleValue returns the one value that the local variable v ever has, or nil.
func (fx *Facts) soleValue(v *types.Var) ast.Expr {
	as := fx.locals[v]
	if len(as) != 1 || as[0].multi {
		return nil
	}
	return as[0].value
}
