// Package reduce cuts a package down to what one singleton needs: to show a
// bug to somebody else without showing all of one's code.
//
// It works on the syntax and the uses that the type-checker noted. What it
// returns compiles if the package does; whether it still shows the bug is for
// the caller to find out.
package reduce

import (
	"bytes"
	"go/ast"
	"go/token"
	"go/types"

	"github.com/singletonfix/singletonfix/detect"
)

// A reducer finds the declarations that are needed.
type reducer struct {
	pkg    *detect.Package
	decls  map[types.Object]ast.Node   // what declares a package-level name: *ast.FuncDecl, *ast.GenDecl
	owners map[types.Object][]ast.Node // methods of a type
	needed map[ast.Node]bool
}

// Package returns the files of pkg, by name, without the declarations that
// neither the singletons nor what uses them need. Files of which nothing is
// left are left out. With tests, the tests that use what stays do as well.
func Package(pkg *detect.Package, singletons []*detect.Singleton, tests bool) map[string][]byte {
	r := &reducer{pkg: pkg, decls: make(map[types.Object]ast.Node), owners: make(map[types.Object][]ast.Node), needed: make(map[ast.Node]bool)}
	r.index()
	for _, s := range singletons {
		for _, v := range s.Vars {
			r.needVariable(v)
		}
		if s.Once != nil {
			r.needVariable(s.Once)
		}
	}
	if tests {
		r.needTests()
	}
	files := make(map[string][]byte)
	for _, f := range pkg.Files {
		if src := r.cut(f); src != nil {
			files[f.Name] = src
		}
	}
	return files
}

// index notes what declares what.
func (r *reducer) index() {
	for _, f := range r.pkg.Files {
		for _, decl := range f.Syntax.Decls {
			switch decl := decl.(type) {
			case *ast.FuncDecl:
				r.indexFunc(decl)
			case *ast.GenDecl:
				for _, name := range declaredNames(decl) {
					if obj := r.pkg.Info.Defs[name]; obj != nil {
						r.decls[obj] = decl
					}
				}
			}
		}
	}
}

func (r *reducer) indexFunc(decl *ast.FuncDecl) {
	obj, ok := r.pkg.Info.Defs[decl.Name].(*types.Func)
	if !ok {
		return // init and blank functions have no name to be needed by
	}
	r.decls[obj] = decl
	if recv := obj.Signature().Recv(); recv != nil {
		t := recv.Type()
		if p, ok := t.(*types.Pointer); ok {
			t = p.Elem()
		}
		if named, ok := types.Unalias(t).(*types.Named); ok {
			r.owners[named.Origin().Obj()] = append(r.owners[named.Origin().Obj()], decl)
		}
	}
}

// declaredNames returns the names that a declaration other than of a function declares.
func declaredNames(decl *ast.GenDecl) []*ast.Ident {
	var names []*ast.Ident
	for _, spec := range decl.Specs {
		switch spec := spec.(type) {
		case *ast.ValueSpec:
			names = append(names, spec.Names...)
		case *ast.TypeSpec:
			names = append(names, spec.Name)
		}
	}
	return names
}

// needVariable needs a variable and every function that uses it.
func (r *reducer) needVariable(v *detect.Variable) {
	r.need(r.decls[v.Obj])
	for _, a := range v.Accesses {
		if a.In != nil {
			r.need(a.In.Outermost().Cur.Node())
		}
	}
}

// needTests needs the tests that use what is needed.
func (r *reducer) needTests() {
	var using []ast.Node
	for _, f := range r.pkg.Files {
		if !f.Test {
			continue
		}
		for _, decl := range f.Syntax.Decls {
			if fn, ok := decl.(*ast.FuncDecl); ok && r.uses(fn) {
				using = append(using, fn)
			}
		}
	}
	for _, fn := range using {
		r.need(fn)
	}
}

// uses reports whether n uses something that is needed.
func (r *reducer) uses(n ast.Node) (found bool) {
	ast.Inspect(n, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok {
			if obj := r.pkg.Info.Uses[id]; obj != nil && r.needed[r.decls[obj]] {
				found = true
			}
		}
		return !found
	})
	return found
}

// need needs a declaration and what it uses.
func (r *reducer) need(n ast.Node) {
	if n == nil || r.needed[n] {
		return
	}
	r.needed[n] = true
	ast.Inspect(n, func(n ast.Node) bool {
		id, ok := n.(*ast.Ident)
		if !ok {
			return true
		}
		obj := r.pkg.Info.Uses[id]
		if obj == nil {
			obj = r.pkg.Info.Defs[id]
		}
		switch o := obj.(type) {
		case *types.Func:
			r.need(r.decls[o.Origin()])
		case *types.TypeName:
			r.need(r.decls[o])
			for _, method := range r.owners[o] {
				r.need(method) // it may be there for an interface
			}
		case *types.Var, *types.Const:
			r.need(r.decls[o])
		}
		return true
	})
}

// cut returns f without what is not needed; nil if nothing is left.
func (r *reducer) cut(f *detect.File) []byte {
	used := r.usedPackages(f)
	keeps := false
	var out bytes.Buffer
	last := 0
	drop := func(from, to token.Pos) {
		out.Write(f.Src[last:r.offset(from)])
		last = r.offset(to)
	}
	for _, decl := range f.Syntax.Decls {
		switch {
		case isImport(decl):
			for _, spec := range decl.(*ast.GenDecl).Specs {
				if spec := spec.(*ast.ImportSpec); !r.keepsImport(spec, used) {
					r.dropImport(decl.(*ast.GenDecl), spec, drop)
				}
			}
		case r.needed[decl]:
			keeps = true
		default:
			drop(start(decl), decl.End())
		}
	}
	if !keeps {
		return nil
	}
	out.Write(f.Src[last:])
	return out.Bytes()
}

func (r *reducer) offset(pos token.Pos) int { return r.pkg.Fset.PositionFor(pos, false).Offset }

// usedPackages returns the imports of f that what stays of it uses.
func (r *reducer) usedPackages(f *detect.File) map[types.Object]bool {
	used := make(map[types.Object]bool)
	for _, decl := range f.Syntax.Decls {
		if !r.needed[decl] {
			continue
		}
		ast.Inspect(decl, func(n ast.Node) bool {
			if id, ok := n.(*ast.Ident); ok {
				if p, ok := r.pkg.Info.Uses[id].(*types.PkgName); ok {
					used[p] = true
				}
			}
			return true
		})
	}
	return used
}

// keepsImport reports whether an import is still used. What is imported for
// its effects, or into the file's own scope, may be.
func (r *reducer) keepsImport(spec *ast.ImportSpec, used map[types.Object]bool) bool {
	if spec.Name == nil {
		return used[r.pkg.Info.Implicits[spec]]
	}
	return spec.Name.Name == "." || spec.Name.Name == "_" || used[r.pkg.Info.Defs[spec.Name]]
}

// dropImport drops one import, or the declaration that is for it alone.
func (r *reducer) dropImport(decl *ast.GenDecl, spec *ast.ImportSpec, drop func(from, to token.Pos)) {
	if decl.Lparen.IsValid() {
		drop(spec.Pos(), spec.End())
		return
	}
	drop(decl.Pos(), decl.End())
}

func isImport(decl ast.Decl) bool {
	gen, ok := decl.(*ast.GenDecl)
	return ok && gen.Tok == token.IMPORT
}

// start returns where a declaration starts, its doc comment included.
func start(decl ast.Decl) token.Pos {
	var doc *ast.CommentGroup
	switch decl := decl.(type) {
	case *ast.FuncDecl:
		doc = decl.Doc
	case *ast.GenDecl:
		doc = decl.Doc
	}
	if doc != nil {
		return doc.Pos()
	}
	return decl.Pos()
}
