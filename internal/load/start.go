package load

import (
	"go/ast"
	"go/token"

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

// settle says of the uses in ordinary functions of other packages what they
// are: those that only the start of a program leads to are uses in main or
// init. Nothing is followed for a function that is used in other ways too.
func (t *startTracer) settle(found []foundUse) {
	late := make(map[string]bool) // functions of which one use is not early
	for _, use := range found {
		late[use.of] = late[use.of] || use.Kind == detect.UsedPlain || use.Kind == detect.UsedGo
	}
	for i := range found {
		use := &found[i]
		if use.Kind != usedInFunc {
			continue
		}
		use.Kind, use.Via = detect.UsedPlain, true
		if !late[use.of] {
			use.Kind = t.kindOf(startFunc{use.by, use.In}, maxStartDepth)
		}
		late[use.of] = late[use.of] || use.Kind == detect.UsedPlain
	}
}

// A startFunc is a function or method of a folder's package: "Open", "Store.Open".
type startFunc struct {
	folder *folder
	name   string
}

// A startTracer finds out which functions only run while programs start.
type startTracer struct {
	set   *Set
	home  *folder // of the package that is asked about
	fset  *token.FileSet
	read  map[string]*reading // by directory
	kinds map[startFunc]detect.UseKind
	used  map[startFunc][]foundUse
	mains map[string][]*folder // by directory, the programs that hold the package
	held  []*folder            // what the programs hold that hold home; nil until asked for
}

func newStartTracer(s *Set, home *folder) *startTracer {
	return &startTracer{set: s, home: home, fset: token.NewFileSet(), read: make(map[string]*reading), kinds: make(map[startFunc]detect.UseKind), used: make(map[startFunc][]foundUse), mains: make(map[string][]*folder)}
}

// kindOf says in what circumstances f runs: UsedInit, UsedMain, or UsedPlain
// where anything else is possible or depth functions further up it is open still.
func (t *startTracer) kindOf(f startFunc, depth int) detect.UseKind {
	if kind, ok := t.kinds[f]; ok {
		return kind
	}
	if depth == 0 || f.isMethod() {
		return detect.UsedPlain // who else calls a method takes types to know
	}
	t.kinds[f] = detect.UsedPlain // a function that leads to itself runs again
	kind := t.combine(f, depth)
	t.kinds[f] = kind
	return kind
}

// combine returns what the uses of f have in common.
func (t *startTracer) combine(f startFunc, depth int) detect.UseKind {
	common := detect.UsedTesting
	uses := t.uses(f)
	for _, use := range uses {
		kind := use.Kind
		if kind == usedInFunc {
			kind = t.kindOf(startFunc{use.by, use.In}, depth-1)
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
	if common == detect.UsedTesting && (len(uses) > 0 || ast.IsExported(f.name)) {
		return detect.UsedPlain // who calls it is not in sight
	}
	return common // if anybody does: what no package exports, the linker may
}

// uses returns the uses of f in its own package and in those that import it;
// of a method, those that the syntax shows to be of its type.
func (t *startTracer) uses(f startFunc) []foundUse {
	uses := t.usesIn(f.folder, f.own(), func(v *useFinder, n ast.Node) bool {
		return !f.isMethod() && namesFunc(v.stack, f.name) || v.selectsMethod(n, f)
	})
	if !ast.IsExported(f.own()) || f.folder.name == "main" {
		return uses
	}
	importers := t.set.importersOf(f.folder.mod, f.folder.path)
	if len(importers) > maxStartImporters {
		return append(uses, foundUse{Use: detect.Use{Kind: detect.UsedPlain}})
	}
	for _, by := range importers {
		if !by.importsInCode(f.folder.path) || by.dir == f.folder.dir {
			continue
		}
		uses = append(uses, t.usesIn(by, f.own(), func(v *useFinder, n ast.Node) bool {
			from := importName(v.file, f.folder.path, f.folder.name)
			return from != "" && (selectedFrom(from, n) == f.name || v.selectsMethod(n, f))
		})...)
	}
	return uses
}

// usesIn returns the uses of a function called name in the files of a folder;
// uses tells them.
func (t *startTracer) usesIn(by *folder, name string, uses func(v *useFinder, n ast.Node) bool) []foundUse {
	r := t.readingOf(by)
	var found []foundUse
	r.each(isCode, func(_ string, src []byte) bool { return naming(src, name) }, func(file *ast.File) {
		v := &useFinder{fset: t.fset, file: file, by: by}
		v.names = func(n ast.Node) string {
			if uses(v, n) {
				return name
			}
			return ""
		}
		ast.Inspect(file, v.visit)
		found = append(found, v.found...)
	})
	r.settle(found)
	return found
}

// readingOf returns the files of a folder.
func (t *startTracer) readingOf(f *folder) *reading {
	r := t.read[f.dir]
	if r == nil {
		r = &reading{set: t.set, folder: f, fset: t.fset, parsed: make(map[string]*ast.File)}
		t.read[f.dir] = r
	}
	return r
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
