package detect_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"log"

	"github.com/singletonfix/singletonfix/detect"
)

const source = `package config

type Config struct{ Name string }

var instance *Config

func Get() *Config {
	if instance == nil {
		instance = &Config{Name: "app"}
	}
	return instance
}
`

// A package is what the standard library's parser and type checker make of
// its files; golang.org/x/tools/go/packages loads whole programs so.
func Example() {
	pkg := &detect.Package{Path: "example.com/app/config", Fset: token.NewFileSet()}
	syntax, err := parser.ParseFile(pkg.Fset, "config.go", source, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		log.Fatal(err)
	}
	pkg.Files = []*detect.File{{Name: "config.go", Syntax: syntax, Src: []byte(source)}}
	pkg.Info = &types.Info{
		Types:      map[ast.Expr]types.TypeAndValue{},
		Defs:       map[*ast.Ident]types.Object{},
		Uses:       map[*ast.Ident]types.Object{},
		Implicits:  map[ast.Node]types.Object{},
		Selections: map[*ast.SelectorExpr]*types.Selection{},
		Scopes:     map[ast.Node]*types.Scope{},
		Instances:  map[*ast.Ident]types.Instance{},
	}
	var conf types.Config
	if pkg.Types, err = conf.Check(pkg.Path, pkg.Fset, []*ast.File{syntax}, pkg.Info); err != nil {
		log.Fatal(err)
	}

	for _, s := range detect.Find(pkg) {
		fmt.Printf("%s, filled by %s: safe %v, %s, %s risk\n", s.Vars[0].Name(), s.Getter(), s.Safe, s.Pattern, s.Risk)
		for _, reason := range s.Reasons {
			fmt.Printf("\t%s: %s\n", pkg.Fset.Position(reason.Pos), reason.Message)
		}
	}
	// Output:
	// instance, filled by Get: safe false, nil-check, medium risk
	// 	config.go:8:5: it is tested without synchronisation
	// 	config.go:9:3: and filled without synchronisation
}

func ExamplePatternNamed() {
	fmt.Println(detect.PatternNamed("nil-check").Title())
	// Output: unsynchronised test for nil, or another empty value, in front of a lazy initialisation
}
