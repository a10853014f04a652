package load

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strconv"

	"github.com/singletonfix/singletonfix/detect"
)

// World returns how other packages of pkg's module, of modules nested in it
// and of its workspace use what pkg exports: functions, and variables too. It
// goes by syntax: import path and selector. Methods are not looked for, as it
// takes types to know whose they are.
//
// The first call for a module reads the module's import graph.
func (s *Set) World(pkg *detect.Package) *detect.World {
	u := s.unit(pkg)
	if u == nil {
		return nil // not of this set: nothing is known
	}
	w := &detect.World{Uses: make(map[string][]detect.Use), Values: make(map[string][]detect.Use), Program: s.isProgram(u.folder.mod)}
	names := s.askedOf(pkg)
	var found []foundUse
	for _, f := range s.importersOf(u.folder.mod, u.path) {
		if f.dir == u.folder.dir && !f.importing(u.path).test {
			continue // a package does not import itself; its external test does
		}
		w.Dotted = w.Dotted || f.importing(u.path).dot
		found = append(found, s.usesBy(f, u, names, pkg.Fset)...)
	}
	t := newStartTracer(s, u.folder)
	unsettled := slices.Clone(found)
	w.Early = func(name string) (detect.Use, bool) { return t.early(u, unsettled, name) }
	w.Alone = func(name string) bool { return t.alone(startFunc{u.folder, name}) }
	w.InProgram = func() bool { return !s.isLibrary(u.folder.mod) && len(t.programs(u.folder)) > 0 }
	t.settle(found)
	for _, use := range found {
		w.Uses[use.of] = append(w.Uses[use.of], use.Use)
		if !use.behind {
			w.Values[use.of] = append(w.Values[use.of], use.Use)
		}
	}
	w.Outside = func(name string) ([]*detect.OutsideUse, error) { return s.outside(u, name, pkg.Fset) }
	return w
}

// askedOf returns the exported names of pkg whose uses matter: those of
// functions and variables, and of types where fields are looked at.
func (s *Set) askedOf(pkg *detect.Package) map[string]bool {
	names := make(map[string]bool)
	for _, name := range pkg.Types.Scope().Names() {
		switch pkg.Types.Scope().Lookup(name).(type) {
		case *types.Func, *types.Var:
			names[name] = ast.IsExported(name)
		case *types.TypeName:
			names[name] = ast.IsExported(name) && s.cfg.Fields
		}
	}
	return names
}

// isProgram reports whether the package in mod's root folder is main.
func (s *Set) isProgram(mod *module) bool {
	for _, f := range s.neighbours(mod) {
		if f.dir == mod.root {
			return f.name == "main"
		}
	}
	return false
}

// isLibrary reports whether the package in mod's root folder is one to import:
// whatever commands stand beside it, it is made for other modules.
func (s *Set) isLibrary(mod *module) bool {
	for _, f := range s.neighbours(mod) {
		if f.dir == mod.root {
			return f.name != "main"
		}
	}
	return false
}

// usesBy finds the uses of names of u's package in a folder's files, which
// become files of its FileSet, so that their positions mean something to it.
// Uses in tests matter to nobody, but for types.
func (s *Set) usesBy(f *folder, u *unit, names map[string]bool, fset *token.FileSet) []foundUse {
	r := &reading{set: s, folder: f, fset: fset}
	var uses []foundUse
	named := func(name string) bool { return s.cfg.Fields || isCode(name) }
	wanted := func(_ string, src []byte) bool { return selectsAny(src, u.path, u.folder.name, names) }
	r.each(named, wanted, func(file *ast.File) {
		from := importName(file, u.path, u.folder.name)
		if from == "" {
			return // imports it for its effects, or not at all
		}
		v := &useFinder{fset: fset, file: file, by: f, test: isTest(fset.File(file.Pos()).Name())}
		v.names = func(n ast.Node) string {
			if of := selectedFrom(from, n); names[of] {
				return of
			}
			return ""
		}
		ast.Inspect(file, v.visit)
		uses = append(uses, v.found...)
	})
	r.settle(uses)
	return uses
}

// selectedFrom returns the exported name that n selects from the import called name, or "".
func selectedFrom(name string, n ast.Node) string {
	sel, ok := n.(*ast.SelectorExpr)
	if !ok || !sel.Sel.IsExported() {
		return ""
	}
	if x, ok := sel.X.(*ast.Ident); ok && x.Name == name && x.Obj == nil {
		return sel.Sel.Name
	}
	return ""
}

// importName returns what file calls the package at path, whose own name is
// given; "" where it does not import it or has no name for it.
func importName(file *ast.File, path, own string) string {
	for _, spec := range file.Imports {
		p, err := strconv.Unquote(spec.Path.Value)
		switch {
		case err != nil || p != path:
			continue
		case spec.Name == nil:
			return own
		case spec.Name.Name != "_" && spec.Name.Name != ".":
			return spec.Name.Name
		}
	}
	return ""
}

// A useFinder finds the uses of functions of one package in one file.
type useFinder struct {
	fset  *token.FileSet
	file  *ast.File
	by    *folder                 // whose file it is
	names func(n ast.Node) string // the function that a node on top of the stack uses, or ""
	found []foundUse
	test  bool
	stack []ast.Node
	via   bool // the use just looked at is in a command's function, not in main itself
	open  bool // and is of another kind where that function runs concurrently
	main  bool // and main's goroutine gets to it, once or again and again
	near  bool // and nothing says that it is kept for another goroutine
}

// A foundUse is a use of what is called of.
type foundUse struct {
	detect.Use
	of     string
	by     *folder // whose code it is
	behind bool    // a type that a pointer points to
	open   bool    // it is another kind of use if the function In runs concurrently
	sure   bool    // whoever calls the function In gets to it first
	main   bool    // main's goroutine gets to it, once or again and again
	stored bool    // not called there
	near   bool    // nothing says that it is kept for another goroutine
}

func (v *useFinder) visit(n ast.Node) bool {
	if n == nil {
		v.stack = v.stack[:len(v.stack)-1]
		return true
	}
	v.stack = append(v.stack, n)
	if of := v.names(n); of != "" {
		v.via, v.open, v.main, v.near = false, false, false, false
		use := detect.Use{In: v.function(), Pos: v.fset.PositionFor(n.Pos(), false), At: n.Pos(), Kind: v.kind()}
		use.Via = v.via
		v.found = append(v.found, foundUse{use, of, v.by, v.behindPointer(), v.open, v.surely(), v.main || v.isCommand(), !v.called(), v.near})
	}
	return true
}

// behindPointer reports whether the selector on top of the stack, if it is a
// type, is one that a pointer points to: *p.T, or &p.T{Key: value}.
func (v *useFinder) behindPointer() bool {
	if len(v.stack) < 3 {
		return false
	}
	switch parent := v.stack[len(v.stack)-2].(type) {
	case *ast.StarExpr:
		return true
	case *ast.CompositeLit:
		amp, ok := v.stack[len(v.stack)-3].(*ast.UnaryExpr)
		if !ok || amp.Op != token.AND {
			return false
		}
		for _, elt := range parent.Elts {
			if _, keyed := elt.(*ast.KeyValueExpr); !keyed {
				return false
			}
		}
		return true
	}
	return false
}

// function returns the name of the function declaration around the use, ""
// in a variable's initialiser.
func (v *useFinder) function() string {
	for _, n := range v.stack {
		if decl, ok := n.(*ast.FuncDecl); ok {
			return funcName(decl)
		}
	}
	return ""
}

// kind says in what circumstances the selector on top of the stack is used,
// from the inside out.
func (v *useFinder) kind() detect.UseKind {
	if v.test {
		return detect.UsedTesting
	}
	inLit := false
	v.near = v.called() || v.staysNear(len(v.stack)-1)
	for i, n := range slices.Backward(v.stack) {
		// In go New().Run() only Run is on another goroutine.
		if _, lit := n.(*ast.FuncLit); (lit || i == len(v.stack)-1) && startsConcurrently(v.stack[:i+1]) {
			return detect.UsedGo
		}
		switch n := n.(type) {
		case *ast.FuncLit:
			if v.inPlace(i) {
				break
			}
			if (takes(v.file, n.Type, detect.RunsCommand) || runsCommand(v.stack[:i])) && v.called() {
				v.via = true
				return v.inMain()
			}
			v.main = v.main || takes(v.file, n.Type, detect.HandlesEvents)
			v.near = v.near && v.staysNear(i) && !detect.TakesRequest(n.Type)
			inLit = true
		case *ast.FuncDecl:
			return v.kindIn(n, inLit)
		}
	}
	if inLit || !v.called() {
		return detect.UsedPlain // a function kept in a variable, called who knows when
	}
	return detect.UsedInit
}

// kindIn says in what circumstances decl runs, or a literal inside it.
func (v *useFinder) kindIn(decl *ast.FuncDecl, inLit bool) detect.UseKind {
	v.open = true
	switch {
	case takes(v.file, decl.Type, detect.ServesRequests):
		return detect.UsedGo
	case !v.called():
		return detect.UsedPlain
	case takes(v.file, decl.Type, detect.RunsCommand):
		v.via = true
		return v.inMain()
	case takes(v.file, decl.Type, detect.HandlesEvents):
		v.main = true
		return detect.UsedPlain
	case inLit:
		return detect.UsedPlain
	case decl.Recv != nil:
		return usedInFunc
	case decl.Name.Name == "init":
		return detect.UsedInit
	case decl.Name.Name == "main" && v.file.Name.Name == "main":
		return v.inMain()
	}
	return usedInFunc
}

// called reports whether the function on top of the stack is called where it
// is named, and not kept for later.
func (v *useFinder) called() bool {
	if len(v.stack) < 2 {
		return false
	}
	call, ok := v.stack[len(v.stack)-2].(*ast.CallExpr)
	return ok && call.Fun == v.stack[len(v.stack)-1]
}

// isCommand reports whether the function on top of the stack is what a
// command of a command-line framework runs: Command{Run: serve}.
func (v *useFinder) isCommand() bool {
	n := len(v.stack)
	return n > 2 && runsCommand(v.stack[:n-1])
}

// inMain says in what circumstances the selector on top of the stack is used
// where main's goroutine gets to it: again and again in a loop.
func (v *useFinder) inMain() detect.UseKind {
	v.main = true
	for _, n := range slices.Backward(v.stack) {
		switch n.(type) {
		case *ast.ForStmt, *ast.RangeStmt:
			return detect.UsedPlain
		case *ast.FuncDecl, *ast.FuncLit:
			return detect.UsedMain
		}
	}
	return detect.UsedMain
}

// funcName returns a function's name, with that of its receiver's type: "Store.Get".
func funcName(decl *ast.FuncDecl) string {
	if decl.Recv == nil || len(decl.Recv.List) == 0 {
		return decl.Name.Name
	}
	t := decl.Recv.List[0].Type
	for {
		switch x := t.(type) {
		case *ast.StarExpr:
			t = x.X
		case *ast.ParenExpr:
			t = x.X
		case *ast.IndexExpr:
			t = x.X
		case *ast.IndexListExpr:
			t = x.X
		case *ast.Ident:
			return x.Name + "." + decl.Name.Name
		default:
			return decl.Name.Name
		}
	}
}
