package load

import (
	"go/ast"
	"slices"
	"strings"

	"github.com/singletonfix/singletonfix/detect"
)

// maxAlone is how many functions that lead to one are looked at: one that more
// lead to may be called by anyone.
const maxAlone = 100

// alone reports whether all that the module shows to lead to f is on the
// goroutine that initialises a program and runs main, and something does. Of a
// method every selector of that name counts as a use.
func (t *startTracer) alone(f startFunc) bool {
	todo, started := []startFunc{f}, false
	for i := 0; i < len(todo); i++ {
		if i == maxAlone {
			return false
		}
		uses := t.mayUse(todo[i])
		if len(uses) == 0 && ast.IsExported(todo[i].own()) {
			return false // who calls it is not in sight
		}
		for _, use := range uses {
			caller := startFunc{use.by, use.In}
			switch {
			case use.main || use.Kind == detect.UsedInit || use.Kind == detect.UsedMain:
				started = started || use.by != f.folder // what its own init does says nothing of others
			case use.Kind != usedInFunc || t.serves(caller):
				return false
			case !slices.Contains(todo, caller):
				todo = append(todo, caller)
			}
		}
	}
	return started
}

// mayUse returns the uses of a function, or all that may be one of a method.
func (t *startTracer) mayUse(f startFunc) []foundUse {
	if uses, known := t.used[f]; known {
		return uses
	}
	var uses []foundUse
	switch {
	case !f.isMethod():
		uses = t.uses(f)
	case !ast.IsExported(f.own()):
		uses = t.selecting(f.folder, f.own())
	default:
		for _, by := range t.set.neighbours(f.folder.mod) {
			uses = append(uses, t.selecting(by, f.own())...)
		}
	}
	t.used[f] = uses
	return uses
}

// selecting returns the places in the code of a folder that select a method
// called name, of whatever type.
func (t *startTracer) selecting(by *folder, name string) []foundUse {
	return t.usesIn(by, name, func(v *useFinder, n ast.Node) bool {
		sel, ok := n.(*ast.SelectorExpr)
		return ok && sel.Sel.Name == name && !v.isImport(sel.X)
	})
}

// serves reports whether f, by its signature, is a method that a framework may
// call for a request: exported, given a context and one thing more, and
// answering with a value and an error.
func (t *startTracer) serves(f startFunc) bool {
	if !f.isMethod() || !ast.IsExported(f.own()) {
		return false
	}
	serves := false
	t.readingOf(f.folder).each(isCode, func(_ string, src []byte) bool { return naming(src, f.own()) }, func(file *ast.File) {
		for _, decl := range file.Decls {
			fn, ok := decl.(*ast.FuncDecl)
			serves = serves || ok && funcName(fn) == f.name && fn.Type.Params.NumFields() == 2 && fn.Type.Results.NumFields() == 2 && takes(file, fn.Type, isContext)
		}
	})
	return serves
}

func isContext(typ string) bool { return typ == "context.Context" }

// inPlace reports whether the i-th node of the stack is a function literal that
// is called where it stands, or by what is named as a Once.
func (v *useFinder) inPlace(i int) bool {
	call, ok := v.stack[i-1].(*ast.CallExpr)
	if !ok {
		return false
	}
	if call.Fun == v.stack[i] {
		_, plain := v.stack[i-2].(*ast.ExprStmt)
		return plain // not go, nor defer
	}
	sel, ok := call.Fun.(*ast.SelectorExpr)
	switch {
	case !ok:
		return false
	case sel.Sel.Name == "VisitAll": // flags
		return true
	case sel.Sel.Name != "Do":
		return false
	}
	switch x := sel.X.(type) {
	case *ast.Ident:
		return namesOnce(x.Name)
	case *ast.SelectorExpr:
		return namesOnce(x.Sel.Name)
	}
	return false
}

func namesOnce(name string) bool { return strings.Contains(strings.ToLower(name), "once") }
