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
// goroutine that initialises a program and runs main, or part of no program.
// Of a method every selector of that name that may be its own counts as a use.
// A function that is stored or handed on stays on its goroutine unless a name
// says otherwise: of who is given it, or of a type that it takes.
func (t *startTracer) alone(f startFunc) bool {
	todo, started := []startFunc{f}, false
	for i := 0; i < len(todo); i++ {
		if i == maxAlone {
			return false
		}
		uses := t.mayUse(todo[i])
		switch {
		case len(uses) > 0 || !ast.IsExported(todo[i].own()):
		case todo[i].isMethod():
			return false // who calls it is not in sight
		default:
			started = true // no part of the program
		}
		for _, use := range uses {
			caller := startFunc{use.by, use.In}
			switch {
			case use.main || use.Kind == detect.UsedInit || use.Kind == detect.UsedMain:
				started = started || use.main || use.by != f.folder // what its own init does says nothing of others
			case use.Kind != usedInFunc && !(use.Kind == detect.UsedPlain && use.near) || t.serves(caller):
				return false
			case use.stored && t.takesRequest(todo[i]):
				return false
			case use.In == "":
				started = true // what a variable holds, as a command
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
		beside := t.beside()
		uses = slices.DeleteFunc(t.uses(f), func(use foundUse) bool {
			return use.by != nil && !slices.ContainsFunc(beside, func(f *folder) bool { return f.dir == use.by.dir })
		})
	case !ast.IsExported(f.own()):
		uses = t.selecting(f.folder, f, t.declOf(f))
	default:
		decl := t.declOf(f)
		for _, by := range t.beside() {
			uses = append(uses, t.selecting(by, f, decl)...)
		}
	}
	t.used[f] = uses
	return uses
}

// beside returns the packages that are part of a program with that of t: no
// other code ever leads to it. Where no program holds it, they are all of the module.
func (t *startTracer) beside() []*folder {
	if t.held != nil {
		return t.held
	}
	all := t.set.neighbours(t.home.mod)
	byPath := make(map[string]*folder, len(all))
	for _, f := range all {
		byPath[f.path] = f
	}
	todo := slices.Clone(t.programs(t.home))
	held := make(map[*folder]bool)
	for len(todo) > 0 {
		f := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if f == nil || held[f] {
			continue
		}
		held[f] = true
		for _, imported := range f.imports {
			if imported.code {
				todo = append(todo, byPath[imported.path])
			}
		}
	}
	if len(held) > 0 {
		all = slices.DeleteFunc(slices.Clone(all), func(f *folder) bool { return !held[f] })
	}
	t.held = all
	return all
}

// selecting returns the places in the code of a folder that may select the
// method f, declared as decl if that is known: that select one of its name, of
// whatever type, and call it with as many arguments, if they call it.
func (t *startTracer) selecting(by *folder, f startFunc, decl *ast.FuncDecl) []foundUse {
	return t.usesIn(by, f.own(), func(v *useFinder, n ast.Node) bool {
		sel, ok := n.(*ast.SelectorExpr)
		return ok && sel.Sel.Name == f.own() && !v.isImport(sel.X) && (decl == nil || !v.called() || mayCall(v.stack[len(v.stack)-2].(*ast.CallExpr), decl.Type))
	})
}

// mayCall reports whether call has as many arguments as functions of type t take.
func mayCall(call *ast.CallExpr, t *ast.FuncType) bool {
	takes := t.Params.NumFields()
	if takes > 0 {
		if _, variadic := t.Params.List[len(t.Params.List)-1].Type.(*ast.Ellipsis); variadic {
			return len(call.Args) >= takes-1
		}
	}
	if len(call.Args) == 1 && takes > 1 {
		_, spread := call.Args[0].(*ast.CallExpr)
		return spread // f(g()), where g answers with all that f takes
	}
	return len(call.Args) == takes
}

// serves reports whether f, by its signature, is a method that a framework may
// call for a request: exported, given a context and one thing more, and
// answering with a value and an error.
func (t *startTracer) serves(f startFunc) bool {
	if !f.isMethod() || !ast.IsExported(f.own()) {
		return false
	}
	serves := false
	t.declaring(f, func(file *ast.File, fn *ast.FuncDecl) {
		serves = serves || fn.Type.Params.NumFields() == 2 && fn.Type.Results.NumFields() == 2 && takes(file, fn.Type, isContext)
	})
	return serves
}

// takesRequest reports whether f, by its signature, is called for requests.
func (t *startTracer) takesRequest(f startFunc) bool {
	decl := t.declOf(f)
	return decl == nil || detect.TakesRequest(decl.Type)
}

// declOf returns a declaration of f, of which other files may have further
// ones for other systems; or nil.
func (t *startTracer) declOf(f startFunc) *ast.FuncDecl {
	var found *ast.FuncDecl
	t.declaring(f, func(_ *ast.File, fn *ast.FuncDecl) { found = fn })
	return found
}

// declaring calls do with the declarations of f.
func (t *startTracer) declaring(f startFunc, do func(*ast.File, *ast.FuncDecl)) {
	t.readingOf(f.folder).each(isCode, func(_ string, src []byte) bool { return naming(src, f.own()) }, func(file *ast.File) {
		for _, decl := range file.Decls {
			if fn, ok := decl.(*ast.FuncDecl); ok && funcName(fn) == f.name {
				do(file, fn)
			}
		}
	})
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

// staysNear reports whether nothing says that the i-th node of the stack, a
// function that is not called where it stands, gets to another goroutine.
func (v *useFinder) staysNear(i int) bool {
	call, ok := v.stack[i-1].(*ast.CallExpr)
	if !ok {
		return true // stored, or returned
	}
	if _, ok := v.stack[i-2].(*ast.GoStmt); ok || registers(call) {
		return false
	}
	switch fun := call.Fun.(type) {
	case *ast.Ident:
		return !detect.SharesFunc(fun.Name)
	case *ast.SelectorExpr:
		return !detect.SharesFunc(fun.Sel.Name)
	}
	return true
}

func namesOnce(name string) bool { return strings.Contains(strings.ToLower(name), "once") }
