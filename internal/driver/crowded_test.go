package driver

import (
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"testing"

	"github.com/singletonfix/singletonfix/detect"
	"github.com/singletonfix/singletonfix/rewrite"
)

// TestSpread holds that as many fixes of a file stand as its size permits,
// the first ones, whatever other files hold.
func TestSpread(t *testing.T) {
	fset := token.NewFileSet()
	pkg := &detect.Package{Fset: fset}
	var findings []*finding
	for _, name := range []string{"a.go", "b.go"} {
		syntax, err := parser.ParseFile(fset, name, "package p\n\nvar x, y, z *int\n", 0)
		if err != nil {
			t.Fatal(err)
		}
		pkg.Files = append(pkg.Files, &detect.File{Name: name, Syntax: syntax, Src: make([]byte, mostTogether/2)})
		for _, id := range syntax.Decls[0].(*ast.GenDecl).Specs[0].(*ast.ValueSpec).Names {
			v := &detect.Variable{Obj: types.NewVar(id.Pos(), nil, id.Name, nil)}
			findings = append(findings, &finding{singleton: &detect.Singleton{Vars: []*detect.Variable{v}}, plan: &rewrite.Plan{}})
		}
	}
	findings[0].plan = nil // refused already: no work
	spread(&look{pkg: pkg}, findings)
	for i, want := range []bool{false, true, true, true, true, false} {
		if got := findings[i].plan != nil; got != want {
			t.Errorf("finding %d: planned is %v, want %v", i, got, want)
		}
	}
	if r := findings[5].refusal; r == nil || r.Reason != rewrite.Conflict {
		t.Errorf("the third of b.go is refused with %v, want %v", r, rewrite.Conflict)
	}
}
