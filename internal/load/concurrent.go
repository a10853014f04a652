package load

import (
	"go/ast"
	"go/token"
	"slices"
	"strconv"
	"strings"
)

// startsConcurrently reports whether the last of path, a node below those
// before it, runs in a goroutine of its own: as what a go statement calls, or
// as a function that is handed to something known to run it in one.
func startsConcurrently(path []ast.Node) bool {
	fun, ok := path[len(path)-1].(ast.Expr)
	if !ok || !isFunction(fun) || len(path) < 3 {
		return false
	}
	call, ok := path[len(path)-2].(*ast.CallExpr)
	if !ok {
		return false
	}
	if _, ok := path[len(path)-3].(*ast.GoStmt); ok && call.Fun == fun {
		return true // but not its arguments, which are evaluated here and now
	}
	return slices.Contains(call.Args, fun) && registers(call)
}

// isFunction reports whether e may be a function itself rather than a call's answer.
func isFunction(e ast.Expr) bool {
	switch e.(type) {
	case *ast.FuncLit, *ast.Ident, *ast.SelectorExpr:
		return true
	}
	return false
}

// registers reports whether a call hands its function arguments over to be
// run in goroutines: a handler, a group's or timer's function.
func registers(call *ast.CallExpr) bool {
	sel, ok := call.Fun.(*ast.SelectorExpr)
	if !ok {
		return false
	}
	name := sel.Sel.Name
	return startsGiven(name) || isRouter(name) && len(call.Args) > 1 && isRoute(call.Args[0])
}

// startsGiven reports whether functions of that name run what they are given
// in goroutines.
func startsGiven(name string) bool {
	switch name {
	case "Go", "AfterFunc", "HandleFunc", "HandlerFunc":
		return true
	}
	return false
}

// isRouter reports whether functions of that name take a path and what
// handles requests to it.
func isRouter(name string) bool {
	switch name {
	case "Handle", "Get", "Post", "Put", "Delete", "Patch", "GET", "POST", "PUT", "DELETE", "PATCH", "Any":
		return true
	}
	return false
}

// isRoute reports whether e is a path, as routers take them first.
func isRoute(e ast.Expr) bool {
	lit, ok := e.(*ast.BasicLit)
	return ok && lit.Kind == token.STRING && len(lit.Value) > 1 && strings.Contains(lit.Value, "/")
}

// takes reports whether a function of type t in file has a parameter, or a
// pointer to one, of a type that is wanted: its import path, a dot and its name.
func takes(file *ast.File, t *ast.FuncType, wanted func(typ string) bool) bool {
	for _, field := range t.Params.List {
		typ := field.Type
		if star, ok := typ.(*ast.StarExpr); ok {
			typ = star.X
		}
		sel, ok := typ.(*ast.SelectorExpr)
		if !ok {
			continue
		}
		if pkg, ok := sel.X.(*ast.Ident); ok && wanted(importedAs(file, pkg.Name)+"."+sel.Sel.Name) {
			return true
		}
	}
	return false
}

// importedAs returns the path that file imports under a name, "" if it has none.
func importedAs(file *ast.File, name string) string {
	for _, spec := range file.Imports {
		path, err := strconv.Unquote(spec.Path.Value)
		switch {
		case err != nil:
		case spec.Name != nil && spec.Name.Name == name, spec.Name == nil && assumedName(path) == name:
			return path
		}
	}
	return ""
}

// runsCommand reports whether the last of path is a field by which a command
// line framework is told what a command does: Command{Run: func() { ... }}.
func runsCommand(path []ast.Node) bool {
	if len(path) < 2 {
		return false
	}
	kv, ok := path[len(path)-1].(*ast.KeyValueExpr)
	if !ok {
		return false
	}
	lit, ok := path[len(path)-2].(*ast.CompositeLit)
	if !ok || !isNamed(lit.Type, "Command") {
		return false
	}
	key, ok := kv.Key.(*ast.Ident)
	if !ok {
		return false
	}
	switch strings.TrimSuffix(key.Name, "E") {
	case "Run", "PreRun", "PostRun", "PersistentPreRun", "PersistentPostRun", "Action", "Before", "After":
		return true
	}
	return false
}

// isNamed reports whether e is a type of that name, of whatever package.
func isNamed(e ast.Expr, name string) bool {
	switch x := e.(type) {
	case *ast.Ident:
		return x.Name == name
	case *ast.SelectorExpr:
		return x.Sel.Name == name
	}
	return false
}

// findConcurrent adds to names the functions of file's package that file
// starts with go, or registers as handlers.
func findConcurrent(file *ast.File, names map[string]bool) {
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.GoStmt:
			addName(names, n.Call.Fun)
		case *ast.CallExpr:
			if registers(n) {
				for _, arg := range n.Args {
					addName(names, arg)
				}
			}
		}
		return true
	})
}

// addName adds e if it names a function of its own package. Methods are left
// out, as it takes types to know whose they are.
func addName(names map[string]bool, e ast.Expr) {
	if id, ok := e.(*ast.Ident); ok && (id.Obj == nil || id.Obj.Kind == ast.Fun) {
		names[id.Name] = true
	}
}
