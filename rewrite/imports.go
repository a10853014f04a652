package rewrite

import (
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"path"
	"slices"
	"strconv"
	"strings"
)

// A need is an import that new code in a file asks for.
type need struct {
	path  string
	name  string // what the file calls it
	alias bool   // name is not the package's own
	add   bool   // the file does not import it yet
	line  string // as it is written already; "": it is new
}

// packageName returns what the file of s calls the package that the edit's Code calls id.
func (s *step) packageName(id string) string {
	for _, n := range s.needs {
		if path.Base(n.path) == id {
			return n.name
		}
	}
	return id
}

// nameImports decides for each step what its file calls the packages that the new code needs.
func (w *workspace) nameImports() {
	for _, s := range w.steps {
		for _, p := range s.edit.Imports {
			n := w.knownImport(s, p)
			if n == nil {
				n = w.newImport(s, p)
				s.file.needs = append(s.file.needs, n)
			}
			s.needs = append(s.needs, n)
		}
	}
}

// knownImport returns an import of a path that s can use, one of the file or
// one that another step asks for, or nil.
func (w *workspace) knownImport(s *step, importPath string) *need {
	for _, n := range s.file.needs {
		if n.path == importPath && !w.shadowed(n.name, s.at) {
			return n
		}
	}
	for _, spec := range s.file.syntax.Imports {
		name := w.importName(spec)
		if pathOf(spec) == importPath && name != "_" && name != "." && !w.shadowed(name, s.at) {
			return &need{path: importPath, name: name}
		}
	}
	return nil
}

// newImport returns a new import for s, under a free name.
func (w *workspace) newImport(s *step, importPath string) *need {
	base := path.Base(importPath)
	if !w.taken(s, base) {
		return &need{path: importPath, name: base, add: true}
	}
	alias := "std" + base
	if strings.Contains(importPath, "/internal/") {
		alias = base + "pkg"
	}
	name := alias
	for n := 2; w.taken(s, name); n++ {
		name = alias + strconv.Itoa(n)
	}
	return &need{path: importPath, name: name, alias: true, add: true}
}

// taken reports whether a new import cannot be called name: the package, the
// file or a scope around s has something else under it.
func (w *workspace) taken(s *step, name string) bool {
	for _, spec := range s.file.syntax.Imports {
		if w.importName(spec) == name {
			return true
		}
	}
	if w.pkg.Types != nil && w.pkg.Types.Scope().Lookup(name) != nil {
		return true
	}
	if scope := w.scope(s.file.syntax); scope != nil && scope.Lookup(name) != nil {
		return true // by a dot import
	}
	return w.shadowed(name, s.at)
}

// shadowed reports whether some local declaration hides name at n.
func (w *workspace) shadowed(name string, n ast.Node) bool {
	for ; n != nil; n = w.parent[n] {
		at := n
		switch fn := n.(type) {
		case *ast.File:
			return false
		case *ast.FuncDecl:
			at = fn.Type // go/types hangs a function's scope there
		case *ast.FuncLit:
			at = fn.Type
		}
		if s := w.scope(at); s != nil && s.Lookup(name) != nil {
			return true
		}
	}
	return false
}

// scope returns the scope that belongs to a node of the copy, or nil.
func (w *workspace) scope(n ast.Node) *types.Scope {
	if w.pkg.Info == nil {
		return nil
	}
	return w.pkg.Info.Scopes[w.orig[n]]
}

// importName returns what an import is called in its file.
func (w *workspace) importName(spec *ast.ImportSpec) string {
	if spec.Name != nil {
		return spec.Name.Name
	}
	if w.pkg.Info != nil {
		if obj, ok := w.pkg.Info.Implicits[w.orig[spec]].(*types.PkgName); ok {
			return obj.Name()
		}
	}
	return path.Base(pathOf(spec))
}

func pathOf(spec *ast.ImportSpec) string {
	p, _ := strconv.Unquote(spec.Path.Value)
	return p
}

// text returns the import as it is written: "sync" or stdsync "sync".
func (n *need) text() string {
	if n.line != "" {
		return n.line
	}
	if n.alias {
		return n.name + " " + strconv.Quote(n.path)
	}
	return strconv.Quote(n.path)
}

// spliceImports returns the splices that add the imports which new code
// needs, and remove those that the edits leave without a use. draft is the
// file after the other edits.
func (w *workspace) spliceImports(f *workFile, draft []byte) ([]splice, error) {
	before, err := usedNames(f.src.text)
	if err != nil {
		return nil, err
	}
	after, err := usedNames(draft)
	if err != nil {
		return nil, err
	}
	c := &importChange{f: f, w: w}
	for _, spec := range f.syntax.Imports {
		name := w.importName(spec)
		if before[name] && !after[name] && pathOf(spec) != "C" {
			c.drop = append(c.drop, spec)
		}
	}
	for _, n := range f.needs {
		if n.add && after[n.name] {
			c.add = append(c.add, n)
		}
	}
	slices.SortFunc(c.add, func(a, b *need) int { return strings.Compare(a.path, b.path) })
	return c.splices(), nil
}

// usedNames returns the names that stand in front of a selector in a file and
// are declared nowhere in it: those of imports, and of other files of the package.
func usedNames(src []byte) (map[string]bool, error) {
	file, err := parser.ParseFile(token.NewFileSet(), "", src, 0)
	if err != nil { // a thousand nested blocks are too many to tell local names from others
		file, err = parser.ParseFile(token.NewFileSet(), "", src, parser.SkipObjectResolution)
	}
	if err != nil {
		return nil, err
	}
	used := make(map[string]bool)
	ast.Inspect(file, func(n ast.Node) bool {
		if sel, ok := n.(*ast.SelectorExpr); ok {
			if id, ok := sel.X.(*ast.Ident); ok && id.Obj == nil {
				used[id.Name] = true
			}
		}
		return true
	})
	return used, nil
}
