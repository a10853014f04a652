package load

import (
	"embed"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"strings"
	"sync"
)

// The exported API of the standard library packages that singletons are
// mostly made with, as Go without function bodies. TestStubs holds them
// against the real packages, and writes them with -update.
//
//go:embed stubs/*.stub
var stubFiles embed.FS

// Stubs are checked when first imported, and shared by all units: a package
// is read only once it is complete.
var (
	stubMu   sync.Mutex
	stubPkgs = make(map[string]*types.Package)
)

// stub returns the package of the standard library at path as far as it is
// known here, nil if it is not.
func stub(path string) *types.Package {
	stubMu.Lock()
	defer stubMu.Unlock()
	return loadStub(path)
}

// loadStub does stub's work for those who hold the lock.
func loadStub(path string) *types.Package {
	if pkg, ok := stubPkgs[path]; ok {
		return pkg
	}
	stubPkgs[path] = nil
	src, err := stubFiles.ReadFile("stubs/" + stubName(path))
	if err != nil {
		return nil
	}
	fset := elsewhere()
	file, err := parser.ParseFile(fset, path, src, parser.SkipObjectResolution)
	if err != nil {
		panic("load: stub does not parse: " + err.Error())
	}
	conf := types.Config{
		Importer:         stubImporter{},
		IgnoreFuncBodies: true,
		Error:            func(error) {}, // what it imports may be unknown here
	}
	pkg, _ := conf.Check(path, fset, []*ast.File{file}, nil)
	pkg.MarkComplete()
	stubPkgs[path] = pkg
	return pkg
}

// elsewhere returns an empty FileSet whose positions are those of no package
// that is looked at: to look one up there finds no file, rather than a wrong one.
func elsewhere() *token.FileSet {
	fset := token.NewFileSet()
	fset.AddFile("", 1<<40, 0)
	return fset
}

// stubName returns the file of a stub: "sync_atomic.stub" for sync/atomic.
func stubName(path string) string { return strings.ReplaceAll(path, "/", "_") + ".stub" }

// A stubImporter resolves the imports of stubs.
type stubImporter struct{}

func (stubImporter) Import(path string) (*types.Package, error) {
	if path == "unsafe" {
		return types.Unsafe, nil
	}
	if pkg := loadStub(path); pkg != nil {
		return pkg, nil
	}
	return types.NewPackage(path, assumedName(path)), errFaked
}
