package rewrite

import (
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"strings"
	"testing"

	"github.com/singletonfix/singletonfix/detect"
)

// TestFill follows blocks that fill the variable x, a *T.
func TestFill(t *testing.T) {
	tests := []struct {
		name  string
		block string
		want  state   // behind the block
		exits []state // at its returns
	}{
		{"literal", "x = &T{}", filled, nil},
		{"new", "x = new(T)", filled, nil},
		{"nil", "x = nil", empty, nil},
		{"nothing", "println()", empty, nil},
		{"own constructor", "x = good()", filled, nil},
		{"constructor that may return nil", "x = perhaps(1)", maybe, nil},
		{"through a local", "t := &T{}; x = t", filled, nil},
		{"error dropped", "x, _ = try()", maybe, nil},
		{"error handled", "t, err := try(); if err != nil { return }; x = t", filled, []state{empty}},
		{"error handled in the init of an if", "if t, err := try(); err == nil { x = t }", maybe, nil},
		{"error kept until the end", "var err error; x, err = try(); if err != nil { println() }", maybe, nil},
		{"one branch", "if cond { x = &T{} }", maybe, nil},
		{"both branches", "if cond { x = &T{} } else { x = new(T) }", filled, nil},
		{"other branch leaves", "if cond { x = &T{} } else { return }", filled, []state{empty}},
		{"later step fails", "x = &T{}; if cond { return }", filled, []state{filled}},
		{"emptied again", "x = &T{}; if cond { x = nil; return }", filled, []state{empty}},
		{"loop", "for i := 0; i < 3; i++ { x = &T{} }", maybe, nil},
		{"loop left", "for { x = &T{}; break }", maybe, nil},
		{"switch", "switch { case cond: x = &T{}; default: x = new(T) }", maybe, nil},
		{"panic where it is nil", "x = perhaps(1); if x == nil { panic(0) }", filled, nil},
		{"ends in return", "x = &T{}; return", dead, []state{filled}},
		{"helper", "fill()", filled, nil},
		{"goto", "if cond { goto end }; x = &T{}; end: println()", maybe, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d, block := fillDraft(t, tt.block)
			fl, got := d.fill(d.v, nilTest, block)
			if got != tt.want {
				t.Errorf("fill(%s) = %d, want %d", tt.block, got, tt.want)
			}
			var exits []state
			for _, ret := range fl.returns() {
				exits = append(exits, fl.exits[ret])
			}
			if len(exits) != len(tt.exits) {
				t.Fatalf("fill(%s) leaves by %d returns, want %d", tt.block, len(exits), len(tt.exits))
			}
			for i := range exits {
				if exits[i] != tt.exits[i] {
					t.Errorf("fill(%s): return %d leaves state %d, want %d", tt.block, i, exits[i], tt.exits[i])
				}
			}
		})
	}
}

// fillDraft returns a draft about the variable x and the block as statements.
func fillDraft(t *testing.T, block string) (*draft, []ast.Stmt) {
	t.Helper()
	src := `package p

type T struct{}
type fail struct{}
func (fail) Error() string { return "" }
var x *T
var cond bool
func good() *T { return &T{} }
func perhaps(i int) *T { if i > 0 { return nil }; return &T{} }
func try() (*T, error) { if cond { return nil, fail{} }; return &T{}, nil }
func fill() { x = &T{} }
func get() { ` + strings.ReplaceAll(block, "; ", "\n") + `
}
`
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "p.go", src, 0)
	if err != nil {
		t.Fatal(err)
	}
	info := &types.Info{
		Types: map[ast.Expr]types.TypeAndValue{}, Defs: map[*ast.Ident]types.Object{}, Uses: map[*ast.Ident]types.Object{},
		Selections: map[*ast.SelectorExpr]*types.Selection{}, Scopes: map[ast.Node]*types.Scope{},
	}
	conf := types.Config{Importer: importer.ForCompiler(fset, "source", nil)}
	pkg, err := conf.Check("p", fset, []*ast.File{file}, info)
	if err != nil {
		t.Fatal(err)
	}
	dp := &detect.Package{Path: "p", Fset: fset, Types: pkg, Info: info, Files: []*detect.File{{Name: "p.go", Syntax: file, Src: []byte(src)}}}
	fx := detect.BuildFacts(dp)
	d := &draft{Plan: &Plan{}, fx: fx, pkg: dp, v: fx.Variable(pkg.Scope().Lookup("x").(*types.Var))}
	get := file.Decls[len(file.Decls)-1].(*ast.FuncDecl)
	return d, get.Body.List
}
