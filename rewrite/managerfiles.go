package rewrite

import (
	_ "embed"
	"path"
	"strings"
)

// The package that the manager strategy gives to a module, which is a package
// of ours too, so that its tests run with ours.
var (
	//go:embed internal/lazy/lazy.go
	managerSource string
	//go:embed internal/lazy/lazy_test.go
	managerTest string
)

// ManagerNames are the names that the manager strategy's package can have, below
// the folder internal of a module: the first that is free, or that it has already.
var ManagerNames = []string{"lazy", "lazyvalue", "lazyinit", "lazysingleton"}

// ManagerFiles returns the files of the manager strategy's package at an
// import path, by name: its source, and its tests.
func ManagerFiles(importPath string) map[string][]byte {
	name := path.Base(importPath)
	rename := strings.NewReplacer("package lazy\n", "package "+name+"\n", "// Package lazy ", "// Package "+name+" ")
	return map[string][]byte{
		name + ".go":      []byte(rename.Replace(managerSource)),
		name + "_test.go": []byte(rename.Replace(managerTest)),
	}
}
