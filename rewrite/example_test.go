package rewrite_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"log"

	"github.com/singletonfix/singletonfix/detect"
	"github.com/singletonfix/singletonfix/rewrite"
)

const source = `package config

var instance *Config

type Config struct{ Name string }

func Get() *Config {
	if instance == nil {
		instance = &Config{Name: "app"}
	}
	return instance
}
`

// load returns source as a package. A program would use
// golang.org/x/tools/go/packages, and give the packages' tests along.
func load() *detect.Package {
	pkg := &detect.Package{Path: "example.com/app/config", Fset: token.NewFileSet()}
	syntax, err := parser.ParseFile(pkg.Fset, "config.go", source, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		log.Fatal(err)
	}
	pkg.Files = []*detect.File{{Name: "config.go", Syntax: syntax, Src: []byte(source)}}
	pkg.Info = &types.Info{
		Types:        map[ast.Expr]types.TypeAndValue{},
		Defs:         map[*ast.Ident]types.Object{},
		Uses:         map[*ast.Ident]types.Object{},
		Implicits:    map[ast.Node]types.Object{},
		Selections:   map[*ast.SelectorExpr]*types.Selection{},
		Scopes:       map[ast.Node]*types.Scope{},
		Instances:    map[*ast.Ident]types.Instance{},
		FileVersions: map[*ast.File]string{},
	}
	conf := types.Config{GoVersion: "go1.26"}
	if pkg.Types, err = conf.Check(pkg.Path, pkg.Fset, []*ast.File{syntax}, pkg.Info); err != nil {
		log.Fatal(err)
	}
	return pkg
}

// Choosing and applying are apart: a plan can be looked at, or thrown away,
// and Apply writes no file.
func Example() {
	pkg := load()
	var plans []*rewrite.Plan
	for _, s := range detect.Find(pkg) {
		if s.Safe {
			continue
		}
		plan, refusal := rewrite.Choose(s, rewrite.Options{})
		if refusal != nil {
			fmt.Println("no fix:", refusal.Reason, refusal.Message)
			continue
		}
		fmt.Println("plan:", plan.Strategy)
		plans = append(plans, plan)
	}
	changes, err := rewrite.Apply(pkg, plans)
	if err != nil {
		log.Fatal(err)
	}
	for _, c := range changes {
		fmt.Printf("%s:\n%s", c.File.Name, c.After)
	}
	// Output:
	// plan: once
	// config.go:
	// package config
	//
	// import "sync"
	//
	// var instance *Config
	// var instanceOnce sync.Once
	//
	// type Config struct{ Name string }
	//
	// func Get() *Config {
	// 	instanceOnce.Do(func() {
	// 		instance = &Config{Name: "app"}
	// 	})
	// 	return instance
	// }
}

// A strategy can be asked for; where it does not fit, the refusal says why.
func ExampleChoose() {
	for _, s := range detect.Find(load()) {
		plan, refusal := rewrite.Choose(s, rewrite.Options{Strategy: "mutex"})
		fmt.Println(plan.Strategy, refusal == nil)
	}
	// Output: mutex true
}
