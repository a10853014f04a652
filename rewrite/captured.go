package rewrite

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"github.com/singletonfix/singletonfix/detect"
)

// captured finds the variables of the enclosing function that the moved
// statements use: they become parameters.
func (e *extraction) captured() *Refusal {
	var refusal *Refusal
	seen := make(map[types.Object]bool)
	for _, s := range e.moved() {
		ast.Inspect(s, func(n ast.Node) bool {
			id, ok := n.(*ast.Ident)
			if !ok || refusal != nil {
				return refusal == nil
			}
			obj, ok := e.pkg.Info.Uses[id].(*types.Var)
			if !ok || obj.IsField() || obj.Parent() == nil || obj.Parent() == e.pkg.Types.Scope() || obj.Pkg() != e.pkg.Types {
				return true // no local variable
			}
			if inStmts(e.block, identAt(obj)) || obj == e.g.Copy || seen[obj] {
				return true // moves along
			}
			seen[obj] = true
			assigned := assignedIn(e.pkg.Info, obj, e.block, token.NoPos)
			if assigned && e.newErr == nil && isError(obj.Type()) && e.setFirst(obj) {
				e.newErr = obj
				return true
			}
			if assigned || e.changedThrough(obj) || e.capturedLater(obj) {
				refusal = refuse(ControlFlow, id.Pos(), "the initialisation of %s changes %s, which the rest of %s uses", e.v.Name(), obj.Name(), e.g.Func.Name())
				return false
			}
			e.params = append(e.params, obj)
			return true
		})
	}
	return refusal
}

// setFirst reports whether the block assigns the error obj, of the enclosing
// function, before it reads it, in a statement of its own.
func (e *extraction) setFirst(obj types.Object) bool {
	for _, stmt := range e.block {
		if !uses(e.pkg.Info, stmt, obj) {
			continue
		}
		s, ok := stmt.(*ast.AssignStmt)
		if !ok {
			return false
		}
		for _, rhs := range s.Rhs {
			if uses(e.pkg.Info, rhs, obj) {
				return false
			}
		}
		return true
	}
	return false
}

// changedThrough reports whether the block changes a part of the local
// variable obj itself, a struct or array: a copy of it would not do.
func (e *extraction) changedThrough(obj types.Object) bool {
	switch obj.Type().Underlying().(type) {
	case *types.Struct, *types.Array:
	default:
		return false
	}
	found := false
	rootIs := func(x ast.Expr) bool {
		for {
			switch y := ast.Unparen(x).(type) {
			case *ast.SelectorExpr:
				x = y.X
			case *ast.IndexExpr:
				x = y.X
			case *ast.Ident:
				return e.pkg.Info.Uses[y] == obj
			default:
				return false
			}
		}
	}
	for _, s := range e.block {
		ast.Inspect(s, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.AssignStmt:
				found = found || slices.ContainsFunc(n.Lhs, rootIs)
			case *ast.IncDecStmt:
				found = found || rootIs(n.X)
			case *ast.UnaryExpr:
				found = found || n.Op == token.AND && rootIs(n.X)
			case *ast.SliceExpr:
				found = found || rootIs(n.X)
			case *ast.SelectorExpr: // a method with a pointer receiver takes the address
				sel := e.pkg.Info.Selections[n]
				found = found || rootIs(n.X) && (sel == nil || sel.Kind() == types.MethodVal)
			}
			return !found
		})
	}
	return found
}

// capturedLater reports whether a function literal of the block uses obj,
// which is assigned elsewhere: the literal would keep an old copy.
func (e *extraction) capturedLater(obj types.Object) bool {
	captured := false
	for _, s := range e.block {
		ast.Inspect(s, func(n ast.Node) bool {
			lit, ok := n.(*ast.FuncLit)
			captured = captured || ok && uses(e.pkg.Info, lit, obj)
			return !captured
		})
	}
	return captured && assignedIn(e.pkg.Info, obj, e.g.Func.Outermost().Body().List, obj.Pos())
}

// moved returns the statements that move to the new function.
func (e *extraction) moved() []ast.Stmt {
	var stmts []ast.Stmt
	for _, s := range e.block {
		if e.failure == nil || s != ast.Stmt(e.failure) {
			stmts = append(stmts, s)
		}
	}
	return stmts
}

// signature returns the new function's parameters and the arguments of its call.
func (e *extraction) signature() (params, args []string, r *Refusal) {
	if decl := e.g.Func.Outermost().Decl; decl != nil && (decl.Type.TypeParams != nil || isGenericRecv(decl)) {
		return nil, nil, refuse(ControlFlow, e.g.stmt.Pos(), "%s has type parameters", e.g.Func.Name())
	}
	for _, p := range e.params {
		typ := e.typeText(p)
		if typ == "" {
			return nil, nil, refuse(ControlFlow, p.Pos(), "the initialisation of %s uses %s, whose type cannot be named outside %s", e.v.Name(), p.Name(), e.g.Func.Name())
		}
		params = append(params, p.Name()+" "+typ)
		args = append(args, p.Name())
	}
	return params, args, nil
}

func isGenericRecv(decl *ast.FuncDecl) bool {
	if decl.Recv == nil || len(decl.Recv.List) == 0 {
		return false
	}
	typ := decl.Recv.List[0].Type
	if star, ok := typ.(*ast.StarExpr); ok {
		typ = star.X
	}
	switch typ.(type) {
	case *ast.IndexExpr, *ast.IndexListExpr:
		return true
	}
	return false
}

// typeText returns the type of the local variable obj as the file writes it, or "".
func (e *extraction) typeText(obj *types.Var) string {
	for f := e.g.Func; f != nil; f = f.Parent {
		lists := []*ast.FieldList{f.Type().Params, f.Type().Results}
		if f.Decl != nil {
			lists = append(lists, f.Decl.Recv)
		}
		for _, l := range lists {
			if l == nil {
				continue
			}
			for _, field := range l.List {
				for _, name := range field.Names {
					if e.pkg.Info.Defs[name] != obj {
						continue
					}
					if v, ok := field.Type.(*ast.Ellipsis); ok {
						return "[]" + e.source(v.Elt, nil)
					}
					return e.source(field.Type, nil)
				}
			}
		}
	}
	return writtenType(e.pkg, e.g.Func.File.Syntax, obj.Type())
}

// writtenType returns t as it is written in file, "" if it cannot be: its
// package is not imported there, or it is local or not known.
func writtenType(pkg *detect.Package, file *ast.File, t types.Type) string {
	ok := true
	text := types.TypeString(t, func(p *types.Package) string {
		if p == pkg.Types {
			return ""
		}
		for _, imp := range file.Imports {
			name, _ := pkg.Info.Implicits[imp].(*types.PkgName)
			if imp.Name != nil {
				name, _ = pkg.Info.Defs[imp.Name].(*types.PkgName)
			}
			if name != nil && name.Imported() == p {
				return name.Name()
			}
		}
		ok = false
		return p.Name()
	})
	if !ok || strings.Contains(text, "invalid type") || strings.Contains(text, "untyped") || isLocalType(pkg, t) {
		return ""
	}
	return text
}

// isLocalType reports whether t is, or points to, a type declared in a function.
func isLocalType(pkg *detect.Package, t types.Type) bool {
	if p, ok := t.(*types.Pointer); ok {
		t = p.Elem()
	}
	named, ok := t.(*types.Named)
	return ok && named.Obj().Pkg() == pkg.Types && named.Obj().Parent() != pkg.Types.Scope()
}
