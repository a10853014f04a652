package load

import (
	"go/ast"
	"go/token"
	"maps"
	"slices"
	"strings"

	"github.com/singletonfix/singletonfix/detect"
)

// usedInFunc is the kind of a use in an ordinary function, of which nothing
// else is known yet: it becomes that of the function's own uses.
const usedInFunc detect.UseKind = -1

// How far followStart looks: from how many functions up, and into how many
// packages for each. Beyond that a function may be called by anyone.
const (
	maxStartDepth     = 6
	maxStartImporters = 40
)

// followStart settles the uses of u's functions in ordinary functions of
// other packages: those that only the start of a program leads to are uses in
// main or init. Nothing is followed for a function that is used in other ways too.
func (s *Set) followStart(w *detect.World, u *unit) {
	t := &startTracer{set: s, fset: token.NewFileSet(), read: make(map[string]*reading), kinds: make(map[startFunc]detect.UseKind)}
	for _, name := range slices.Sorted(maps.Keys(w.Uses)) {
		uses := w.Uses[name]
		early := !slices.ContainsFunc(uses, func(use detect.Use) bool { return use.Kind == detect.UsedPlain || use.Kind == detect.UsedGo })
		for i := range uses {
			if uses[i].Kind != usedInFunc {
				continue
			}
			uses[i].Kind, uses[i].Via = detect.UsedPlain, true
			if f := s.folderOf(u, uses[i]); early && f != nil {
				uses[i].Kind = t.kindOf(startFunc{f, uses[i].In}, maxStartDepth)
			}
			early = early && uses[i].Kind != detect.UsedPlain
		}
	}
}

// folderOf returns the folder of the package in which u's package is used, or nil.
func (s *Set) folderOf(u *unit, use detect.Use) *folder {
	for _, f := range s.importersOf(u.folder.mod, u.path) {
		if strings.HasPrefix(use.Pos.Filename, f.dir) && slices.Contains(f.names, strings.TrimLeft(use.Pos.Filename[len(f.dir):], `/\`)) {
			return f
		}
	}
	return nil
}

// A startFunc is a function of a folder's package that is no method.
type startFunc struct {
	folder *folder
	name   string
}

// A startTracer finds out which functions only run while programs start.
type startTracer struct {
	set   *Set
	fset  *token.FileSet
	read  map[string]*reading // by directory
	kinds map[startFunc]detect.UseKind
}

// kindOf says in what circumstances f runs: UsedInit, UsedMain, or UsedPlain
// where anything else is possible or depth functions further up it is open still.
func (t *startTracer) kindOf(f startFunc, depth int) detect.UseKind {
	if kind, ok := t.kinds[f]; ok {
		return kind
	}
	if depth == 0 {
		return detect.UsedPlain
	}
	t.kinds[f] = detect.UsedPlain // a function that leads to itself runs again
	kind := t.combine(f, depth)
	t.kinds[f] = kind
	return kind
}

// combine returns what the uses of f have in common.
func (t *startTracer) combine(f startFunc, depth int) detect.UseKind {
	common := detect.UsedTesting
	for _, use := range t.uses(f) {
		kind := use.kind
		if kind == usedInFunc {
			kind = t.kindOf(use.in, depth-1)
		}
		switch kind {
		case detect.UsedTesting:
		case detect.UsedMain:
			common = detect.UsedMain
		case detect.UsedInit:
			if common == detect.UsedTesting {
				common = detect.UsedInit
			}
		default:
			return detect.UsedPlain
		}
	}
	if common == detect.UsedTesting {
		return detect.UsedPlain // nobody in sight calls it
	}
	return common
}

// A startUse is one use of a function, and the function that it stands in.
type startUse struct {
	kind detect.UseKind
	in   startFunc
}

// uses returns the uses of f in its own package and in those that import it.
func (t *startTracer) uses(f startFunc) []startUse {
	uses := t.usesIn(f.folder, f.name, func(*ast.File) string { return "" })
	if !ast.IsExported(f.name) || f.folder.name == "main" {
		return uses
	}
	importers := t.set.importersOf(f.folder.mod, f.folder.path)
	if len(importers) > maxStartImporters {
		return append(uses, startUse{kind: detect.UsedPlain})
	}
	for _, by := range importers {
		if by.importsInCode(f.folder.path) && by.dir != f.folder.dir {
			uses = append(uses, t.usesIn(by, f.name, func(file *ast.File) string { return importName(file, f.folder.path, f.folder.name) })...)
		}
	}
	return uses
}

// usesIn returns the uses of the function called name in the files of a
// folder; selected says what each calls the function's package, "" where it
// is of that package itself.
func (t *startTracer) usesIn(by *folder, name string, selected func(*ast.File) string) []startUse {
	r := t.read[by.dir]
	if r == nil {
		r = &reading{set: t.set, folder: by, fset: t.fset, parsed: make(map[string]*ast.File)}
		t.read[by.dir] = r
	}
	var found []foundUse
	r.each(isCode, func(_ string, src []byte) bool { return naming(src, name) }, func(file *ast.File) {
		from := selected(file)
		v := &useFinder{fset: t.fset, file: file}
		v.names = func(n ast.Node, stack []ast.Node) string {
			if from == "" && namesFunc(stack, name) || from != "" && selectedFrom(from, n) == name {
				return name
			}
			return ""
		}
		ast.Inspect(file, v.visit)
		found = append(found, v.found...)
	})
	r.settle(found)
	var uses []startUse
	for _, use := range found {
		uses = append(uses, startUse{use.Kind, startFunc{by, use.In}})
	}
	return uses
}

// namesFunc reports whether the last of path is an identifier that denotes
// the function called name of its package: no local, no field, no method, and
// not the declaration itself.
func namesFunc(path []ast.Node, name string) bool {
	id, ok := path[len(path)-1].(*ast.Ident)
	if !ok || id.Name != name || id.Obj != nil && id.Obj.Kind != ast.Fun || len(path) < 2 {
		return false
	}
	switch parent := path[len(path)-2].(type) {
	case *ast.SelectorExpr:
		return parent.X == id
	case *ast.FuncDecl:
		return false
	case *ast.KeyValueExpr:
		return parent.Value == id
	case *ast.Field:
		return parent.Type == id
	}
	return true
}
