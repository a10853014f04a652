package load

import (
	"go/ast"
	"go/token"
	"slices"

	"github.com/singletonfix/singletonfix/detect"
)

// findSyncing finds the types of the package that are, or hold, a Once or a
// sync.Map.
func (f *filter) findSyncing() {
	for grown := true; grown; {
		grown = false
		for _, file := range f.files {
			for _, decl := range file.Syntax.Decls {
				gen, ok := decl.(*ast.GenDecl)
				if !ok || gen.Tok != token.TYPE {
					continue
				}
				for _, spec := range gen.Specs {
					spec := spec.(*ast.TypeSpec)
					if !f.syncing[spec.Name.Name] && f.syncs(spec.Type) {
						f.syncing[spec.Name.Name], grown = true, true
					}
				}
			}
		}
	}
}

// syncs reports whether a type or value may be, hold or make a Once or a
// sync.Map.
func (f *filter) syncs(n ast.Node) bool {
	found := false
	ast.Inspect(n, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.SelectorExpr:
			found = found || isSync(n.Sel.Name)
			_, plain := n.X.(*ast.Ident)
			return !found && !plain // what is selected by name is a package's, or a part
		case *ast.Ident:
			found = found || isSync(n.Name) || f.syncing[n.Name]
		}
		return !found
	})
	return found
}

// isSync reports whether a name of package sync is that of a Once, of a Map,
// or of what makes a Once.
func isSync(name string) bool {
	switch name {
	case "Once", "OnceFunc", "OnceValue", "OnceValues", "Map":
		return true
	}
	return false
}

// maybeGuarded reports whether a package variable may be a Once, hold one, or
// be a sync.Map.
func (f *filter) maybeGuarded(spec *ast.ValueSpec) bool {
	if spec.Type != nil {
		return f.syncs(spec.Type)
	}
	for _, value := range spec.Values {
		if f.syncs(value) || f.makesSyncing(value) {
			return true
		}
	}
	return false
}

// makesSyncing reports whether e calls a function of the package that returns
// a Once, a sync.Map or what holds one. A pointer to what holds a Once counts
// for nothing: who knows what else points there.
func (f *filter) makesSyncing(e ast.Expr) bool {
	call, ok := ast.Unparen(e).(*ast.CallExpr)
	if !ok {
		return false
	}
	var name string
	switch fun := ast.Unparen(stripIndex(call.Fun)).(type) {
	case *ast.Ident:
		name = fun.Name
	case *ast.SelectorExpr:
		if x, ok := fun.X.(*ast.Ident); ok && f.vars[x.Name] == nil {
			return false // of another package
		}
		name = "." + fun.Sel.Name
	case *ast.FuncLit, *ast.CallExpr:
		return true // look closer
	default:
		return false // a conversion
	}
	for _, i := range f.called[name] {
		decl, ok := f.pieces[i].decl.(*ast.FuncDecl)
		if !ok {
			return true // a variable: who knows which function it holds
		}
		if decl.Type.Results != nil && f.returnsSyncing(decl.Type.Results.List) {
			return true
		}
	}
	return false
}

// stripIndex removes the type arguments of a generic function: f[T] is f.
func stripIndex(e ast.Expr) ast.Expr {
	switch x := e.(type) {
	case *ast.IndexExpr:
		return x.X
	case *ast.IndexListExpr:
		return x.X
	}
	return e
}

func (f *filter) returnsSyncing(results []*ast.Field) bool {
	for _, field := range results {
		star, isPointer := field.Type.(*ast.StarExpr)
		if isPointer {
			if id, ok := star.X.(*ast.Ident); ok && f.syncing[id.Name] {
				continue
			}
		}
		if f.syncs(field.Type) {
			return true
		}
	}
	return false
}

// maybeLocalOnce reports whether a package variable may be filled within a
// Once that is none of the package's variables.
func (f *filter) maybeLocalOnce() bool {
	for i, p := range f.pieces {
		if p.hasLocalOnce() && f.leadsTo(i, len(f.pieces), func(q *piece) bool { return len(q.written) > 0 }) {
			return true
		}
	}
	return false
}

// hasLocalOnce reports whether p calls Do of what may be a local variable.
func (p *piece) hasLocalOnce() bool {
	for name := range p.onces {
		if name == "" || p.copies[name] != nil {
			return true
		}
	}
	return false
}

func (f *filter) importsSync() bool {
	return f.imports(func(path string) bool { return path == "sync" })
}

// importsManager reports whether the package may have values of the manager
// strategy's package.
func (f *filter) importsManager() bool { return f.imports(detect.IsManager) }

func (f *filter) imports(wanted func(path string) bool) bool {
	for _, file := range f.files {
		if slices.ContainsFunc(importPaths(file.Syntax), wanted) {
			return true
		}
	}
	return false
}

// maybeReady reports whether a function returns the variable, which may have
// been made before anybody could ask.
func (f *filter) maybeReady(name string, spec *ast.ValueSpec) bool {
	if !f.returned[name] || !maybePointer(spec.Type) {
		return false
	}
	for _, value := range spec.Values {
		switch x := ast.Unparen(value).(type) {
		case *ast.CallExpr:
			return true
		case *ast.UnaryExpr:
			if x.Op == token.AND {
				return true
			}
		}
	}
	for _, p := range f.pieces {
		if p.written[name] {
			return true
		}
	}
	return false
}

// maybePointer reports whether a type as written, nil where it is left out,
// may be a pointer or an interface.
func maybePointer(t ast.Expr) bool {
	switch t := t.(type) {
	case *ast.ArrayType, *ast.MapType, *ast.FuncType, *ast.StructType, *ast.ChanType:
		return false
	case *ast.Ident:
		switch t.Name {
		case "bool", "string", "int", "uint", "int32", "int64", "uint32", "uint64", "byte", "float64":
			return false
		}
	}
	return true
}
