package load

import (
	"go/ast"
	"go/token"

	"github.com/singletonfix/singletonfix/detect"
)

// mayHoldCandidate reports whether the files of one package may hold a
// singleton, by syntax alone: some function changes, or may change, a
// package-level variable. Shadowing is ignored, so that the answer errs
// towards yes; a no is certain.
func mayHoldCandidate(files []*detect.File) bool {
	f := &filter{vars: make(map[string]bool), methods: make(map[string]bool)}
	for _, file := range files {
		for _, decl := range file.Syntax.Decls {
			f.declare(decl)
		}
	}
	if len(f.vars) == 0 {
		return false
	}
	if f.managed {
		return true // the manager strategy's, which fills itself
	}
	for _, file := range files {
		if importsSync(file.Syntax) {
			return true // a Once, a mutex or an atomic may hide the change
		}
	}
	for _, file := range files {
		for _, decl := range file.Syntax.Decls {
			if f.changes(decl) {
				return true
			}
		}
	}
	return false
}

type filter struct {
	vars    map[string]bool // package-level variables
	methods map[string]bool // methods that the package declares
	managed bool            // a variable has a generic type of a package for lazy values
}

func (f *filter) declare(decl ast.Decl) {
	switch decl := decl.(type) {
	case *ast.FuncDecl:
		if decl.Recv != nil {
			f.methods[decl.Name.Name] = true
		}
	case *ast.GenDecl:
		if decl.Tok != token.VAR {
			return
		}
		for _, spec := range decl.Specs {
			f.managed = f.managed || isManaged(spec.(*ast.ValueSpec).Type)
			for _, name := range spec.(*ast.ValueSpec).Names {
				if name.Name != "_" {
					f.vars[name.Name] = true
				}
			}
		}
	}
}

// isManaged reports whether typ is written like lazy.Value[T] or lazy.Map[K, V].
func isManaged(typ ast.Expr) bool {
	switch t := typ.(type) {
	case *ast.IndexExpr:
		typ = t.X
	case *ast.IndexListExpr:
		typ = t.X
	default:
		return false
	}
	sel, ok := typ.(*ast.SelectorExpr)
	return ok && (sel.Sel.Name == "Value" || sel.Sel.Name == "Map")
}

func importsSync(file *ast.File) bool {
	for _, spec := range file.Imports {
		if p := spec.Path.Value; p == `"sync"` || p == `"sync/atomic"` {
			return true
		}
	}
	return false
}

// changes reports whether a function of decl may change a package variable:
// assigns it or a part of it, takes its address, or calls on it a method
// that may have a pointer receiver.
func (f *filter) changes(decl ast.Decl) bool {
	found := false
	ast.Inspect(decl, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			if n.Tok == token.DEFINE {
				break // new variables only, or none of the package's
			}
			for _, lhs := range n.Lhs {
				found = found || f.isVar(lhs)
			}
		case *ast.IncDecStmt:
			found = found || f.isVar(n.X)
		case *ast.RangeStmt:
			found = found || n.Tok == token.ASSIGN && (f.isVar(n.Key) || f.isVar(n.Value))
		case *ast.UnaryExpr:
			found = found || n.Op == token.AND && f.isVar(n.X)
		case *ast.SelectorExpr:
			found = found || f.methods[n.Sel.Name] && f.isVar(n.X)
		}
		return !found
	})
	return found
}

// isVar reports whether e is, or is part of, what may be a package variable.
func (f *filter) isVar(e ast.Expr) bool {
	for {
		switch x := e.(type) {
		case *ast.Ident:
			return f.vars[x.Name]
		case *ast.ParenExpr:
			e = x.X
		case *ast.SelectorExpr:
			e = x.X
		case *ast.IndexExpr:
			e = x.X
		case *ast.SliceExpr:
			e = x.X
		case *ast.StarExpr:
			e = x.X
		case *ast.TypeAssertExpr:
			e = x.X
		default:
			return false
		}
	}
}
