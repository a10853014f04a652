package rewrite

import (
	"go/ast"
	"go/types"
	"testing"
)

func TestFreeName(t *testing.T) {
	const src = `package p

import "github.com/x/taken"

var config, config2 int

type T struct{ onlyField int }

func outer(param int) {
	shadow := 1
	func() {
		inner := 2
		_ = inner
	}()
	_ = shadow
}

func other(elsewhere int) {}
`
	tests := []struct {
		name, want, got string
		local           bool // in the scope of outer
	}{
		{"free", "instanceOnce", "instanceOnce", false},
		{"a package variable", "config", "config3", false},
		{"an import of a file", "taken", "taken2", false},
		{"a predeclared name", "len", "len2", false},
		{"a field hides nothing", "onlyField", "onlyField", false},
		{"a parameter anywhere", "param", "param2", false},
		{"a local anywhere", "shadow", "shadow2", false},
		{"in a closure", "inner", "inner2", false},
		{"local: free", "v", "v", true},
		{"local: in a closure", "inner", "inner2", true},
		{"local: a parameter", "param", "param2", true},
		{"local: in another function", "elsewhere", "elsewhere", true},
		{"local: a package variable", "config", "config3", true},
		{"local: predeclared", "new", "new2", true},
	}
	pkg := checkSource(t, []byte(src))
	var scope *types.Scope
	for _, d := range pkg.Files[0].Syntax.Decls {
		if fn, ok := d.(*ast.FuncDecl); ok && fn.Name.Name == "outer" {
			scope = pkg.Info.Scopes[fn.Type]
		}
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var scopes []*types.Scope
			if test.local {
				scopes = append(scopes, scope)
			}
			if got := freeName(pkg, test.want, scopes...); got != test.got {
				t.Errorf("freeName(%s) = %s, want %s", test.want, got, test.got)
			}
		})
	}
}
