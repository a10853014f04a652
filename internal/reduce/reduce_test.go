package reduce

import (
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/singletonfix/singletonfix/detect"
)

func TestPackage(t *testing.T) {
	pkg := check(t, map[string]string{
		"a.go": `package p

import (
	"strconv"
	"unicode/utf8"
)

// T is kept.
type T struct{ n int }

func (t *T) String() string { return strconv.Itoa(t.n) }

var instance *T

// Get is kept.
func Get() *T {
	if instance == nil {
		instance = newT()
	}
	return instance
}

// Other goes, with its import.
func Other() int { return utf8.RuneLen(1) }
`,
		"b.go": "package p\n\nfunc newT() *T { return &T{size} }\n\nconst size = 3\n",
		"c.go": "package p\n\ntype secret struct{}\n",
	})
	want := map[string]string{
		"a.go": `package p

import (
	"strconv"
	
)

// T is kept.
type T struct{ n int }

func (t *T) String() string { return strconv.Itoa(t.n) }

var instance *T

// Get is kept.
func Get() *T {
	if instance == nil {
		instance = newT()
	}
	return instance
}


`,
		"b.go": "package p\n\nfunc newT() *T { return &T{size} }\n\nconst size = 3\n",
	}
	got := map[string]string{}
	for name, src := range Package(pkg, detect.Find(pkg), false) {
		got[name] = string(src)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Package: -want +got\n%s", diff)
	}
	files := map[string]string{}
	for name, src := range got {
		files[name] = src
	}
	check(t, files) // it still compiles
}

// check type-checks files.
func check(t *testing.T, files map[string]string) *detect.Package {
	t.Helper()
	pkg := &detect.Package{Path: "p", Fset: token.NewFileSet(), Info: &types.Info{
		Defs: map[*ast.Ident]types.Object{}, Uses: map[*ast.Ident]types.Object{}, Types: map[ast.Expr]types.TypeAndValue{},
		Implicits: map[ast.Node]types.Object{}, Selections: map[*ast.SelectorExpr]*types.Selection{}, Scopes: map[ast.Node]*types.Scope{},
		Instances: map[*ast.Ident]types.Instance{}, FileVersions: map[*ast.File]string{},
	}}
	var syntax []*ast.File
	for _, name := range []string{"a.go", "b.go", "c.go"} {
		src, ok := files[name]
		if !ok {
			continue
		}
		f, err := parser.ParseFile(pkg.Fset, name, src, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		syntax = append(syntax, f)
		pkg.Files = append(pkg.Files, &detect.File{Name: name, Syntax: f, Src: []byte(src)})
	}
	conf := types.Config{Importer: importer.ForCompiler(pkg.Fset, "source", nil)}
	var err error
	if pkg.Types, err = conf.Check("p", pkg.Fset, syntax, pkg.Info); err != nil {
		t.Fatal(err)
	}
	return pkg
}
