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

// nameImports decides for each file what it calls the packages that new code needs.
func (w *workspace) nameImports() {
	sites := make(map[*workFile]map[string][]ast.Node)
	for _, s := range w.steps {
		for _, p := range s.edit.Imports {
			if sites[s.file] == nil {
				sites[s.file] = make(map[string][]ast.Node)
			}
			sites[s.file][p] = append(sites[s.file][p], s.at)
		}
	}
	for _, s := range w.steps {
		for _, p := range s.edit.Imports {
			i := slices.IndexFunc(s.file.needs, func(n *need) bool { return n.path == p })
			if i < 0 {
				i = len(s.file.needs)
				s.file.needs = append(s.file.needs, w.nameImport(s.file, p, sites[s.file][p]))
			}
			s.needs = append(s.needs, s.file.needs[i])
		}
	}
}

// nameImport returns the import of a path for new code at sites: the file's
// own if its name means the package there, else a new one under a free name.
func (w *workspace) nameImport(f *workFile, importPath string, sites []ast.Node) *need {
	for _, spec := range f.syntax.Imports {
		name := w.importName(spec)
		if pathOf(spec) != importPath || name == "_" || name == "." || w.shadowed(name, sites) {
			continue
		}
		return &need{path: importPath, name: name}
	}
	base := path.Base(importPath)
	if !w.taken(f, base, sites) {
		return &need{path: importPath, name: base, add: true}
	}
	name := "std" + base
	for n := 2; w.taken(f, name, sites); n++ {
		name = "std" + base + strconv.Itoa(n)
	}
	return &need{path: importPath, name: name, alias: true, add: true}
}

// taken reports whether a new import cannot be called name: the package, the
// file or a scope around one of the sites has something else under it.
func (w *workspace) taken(f *workFile, name string, sites []ast.Node) bool {
	for _, spec := range f.syntax.Imports {
		if w.importName(spec) == name {
			return true
		}
	}
	if w.pkg.Types != nil && w.pkg.Types.Scope().Lookup(name) != nil {
		return true
	}
	if s := w.scope(f.syntax); s != nil && s.Lookup(name) != nil {
		return true // by a dot import
	}
	return w.shadowed(name, sites)
}

// shadowed reports whether some local declaration hides name at one of the sites.
func (w *workspace) shadowed(name string, sites []ast.Node) bool {
	for _, n := range sites {
		for ; n != nil; n = w.parent[n] {
			if _, ok := n.(*ast.File); ok {
				break
			}
			at := n
			switch fn := n.(type) {
			case *ast.FuncDecl:
				at = fn.Type // go/types hangs a function's scope there
			case *ast.FuncLit:
				at = fn.Type
			}
			if s := w.scope(at); s != nil && s.Lookup(name) != nil {
				return true
			}
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
