package race

import (
	"go/ast"
	"go/types"
	"slices"
	"strings"

	"github.com/singletonfix/singletonfix/detect"
)

// addedVars returns the names of the variables that the fix of s has added:
// those that are new in the package and used where s is.
func addedVars(job *Job, s *detect.Singleton) []string {
	users := make(map[string]bool)
	for _, v := range s.Vars {
		for _, a := range v.Accesses {
			if a.In != nil {
				users[a.In.PlainName()] = true
			}
		}
	}
	old := declaredVars(job.Before)
	had := make(map[string]bool)
	for name := range bodies(job.Before) {
		had[name] = true
	}
	var added []string
	for name, nodes := range bodies(job.After) {
		if !users[name] && had[name] {
			continue // a function that is as it was, or has to do with something else
		}
		for _, obj := range usedVars(job.After, nodes) {
			if _, was := old[obj.Name()]; !was {
				added = append(added, obj.Name())
			}
		}
	}
	slices.Sort(added)
	return slices.Compact(added)
}

// bodies returns the code of pkg's functions, and of the literals that its
// variables are declared with, by name as [detect.Func.PlainName] has it.
func bodies(pkg *detect.Package) map[string][]ast.Node {
	found := make(map[string][]ast.Node)
	for _, f := range pkg.Files {
		for _, decl := range f.Syntax.Decls {
			switch decl := decl.(type) {
			case *ast.FuncDecl:
				if decl.Body != nil {
					found[declName(decl)] = append(found[declName(decl)], decl.Body)
				}
			case *ast.GenDecl:
				for _, spec := range decl.Specs {
					spec, ok := spec.(*ast.ValueSpec)
					for i := 0; ok && i < len(spec.Values); i++ {
						found[spec.Names[i].Name] = append(found[spec.Names[i].Name], spec.Values[i])
					}
				}
			}
		}
	}
	return found
}

// usedVars returns the package variables that are used in nodes.
func usedVars(pkg *detect.Package, nodes []ast.Node) []*types.Var {
	var vars []*types.Var
	for _, n := range nodes {
		ast.Inspect(n, func(n ast.Node) bool {
			if id, ok := n.(*ast.Ident); ok {
				if obj, ok := pkg.Info.Uses[id].(*types.Var); ok && obj.Parent() == pkg.Types.Scope() {
					vars = append(vars, obj)
				}
			}
			return true
		})
	}
	return vars
}

// declName returns the name of a declared function as [detect.Func.PlainName] does.
func declName(fn *ast.FuncDecl) string {
	if fn.Recv == nil || len(fn.Recv.List) == 0 {
		return fn.Name.Name
	}
	recv := fn.Recv.List[0].Type
	if star, ok := recv.(*ast.StarExpr); ok {
		recv = star.X
	}
	text, _, _ := strings.Cut(types.ExprString(recv), "[")
	return text + "." + fn.Name.Name
}
