package rewrite_test

import (
	"errors"
	"go/ast"
	"go/build"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/singletonfix/singletonfix/detect"
	"github.com/singletonfix/singletonfix/rewrite"
)

// tooLong is what no file of a few kilobytes may take, on a busy machine too.
const tooLong = 5 * time.Minute

// FuzzFix holds that whatever parses is looked at and fixed without a panic
// or a hang, and that what type-checked before still does.
func FuzzFix(f *testing.F) {
	for _, src := range fuzzSeeds(f) {
		f.Add(src)
	}
	for _, path := range fuzzed {
		if _, err := fuzzImports.Import(path); err != nil {
			f.Fatal(err)
		}
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		watchdog := time.AfterFunc(tooLong, func() { panic("hangs") })
		defer watchdog.Stop()
		pkg, errs := checkFuzzed(src)
		if pkg == nil {
			return
		}
		changes := fixFuzzed(t, pkg)
		if len(changes) == 0 || len(errs) > 0 {
			return // nothing that could be spoilt, or spoilt before
		}
		if _, errs := checkFuzzed(changes[0].After); len(errs) > 0 {
			t.Fatalf("the fixed file does not type-check: %v\n%s", errs[0], changes[0].After)
		}
	})
}

// fixFuzzed finds and fixes all that is unsafe in pkg, with and without the
// fields that detect finds on demand.
func fixFuzzed(t *testing.T, pkg *detect.Package) []rewrite.Change {
	detect.FindFields(pkg)
	var plans []*rewrite.Plan
	for _, s := range detect.Find(pkg) {
		if s.Safe {
			continue
		}
		for _, strategy := range rewrite.Strategies {
			rewrite.Choose(s, rewrite.Options{Strategy: strategy.Name})
		}
		if plan, _ := rewrite.Choose(s, rewrite.Options{}); plan != nil {
			plans = append(plans, plan)
		}
	}
	for _, dropped := range rewrite.Conflicts(plans) {
		for i, p := range plans {
			if p == dropped {
				plans = append(plans[:i:i], plans[i+1:]...)
				break
			}
		}
	}
	if len(plans) == 0 {
		return nil
	}
	changes, err := rewrite.Apply(pkg, plans)
	if err != nil {
		return nil // an answer, too: the file stays as it is
	}
	if len(changes) > 1 {
		t.Fatalf("%d files changed, of one", len(changes))
	}
	return changes
}

// checkFuzzed returns src as a package of one file; nil if it does not parse.
func checkFuzzed(src []byte) (*detect.Package, []error) {
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "p.go", src, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return nil, nil
	}
	pkg := &detect.Package{Path: "p", Fset: fset, Info: &types.Info{
		Types: map[ast.Expr]types.TypeAndValue{}, Defs: map[*ast.Ident]types.Object{}, Uses: map[*ast.Ident]types.Object{},
		Implicits: map[ast.Node]types.Object{}, Selections: map[*ast.SelectorExpr]*types.Selection{},
		Scopes: map[ast.Node]*types.Scope{}, Instances: map[*ast.Ident]types.Instance{}, FileVersions: map[*ast.File]string{},
	}}
	pkg.Files = []*detect.File{{Name: "p.go", Syntax: file, Src: src, Generated: ast.IsGenerated(file)}}
	var errs []error
	conf := types.Config{Importer: fuzzImports, FakeImportC: true, Error: func(err error) { errs = append(errs, err) }}
	pkg.Types, _ = conf.Check("p", fset, []*ast.File{file}, pkg.Info)
	return pkg, errs
}

// fuzzed are the packages that singletons are made of. All that a fuzzer comes
// up with would take too long to load.
var fuzzed = []string{"context", "errors", "fmt", "io", "os", "sort", "strconv", "strings", "sync", "sync/atomic", "time", "unsafe"}

var fuzzImports = &fewImports{from: importer.ForCompiler(token.NewFileSet(), "source", nil)}

type fewImports struct {
	mu   sync.Mutex
	from types.Importer
}

func (imp *fewImports) Import(path string) (*types.Package, error) {
	if !slices.Contains(fuzzed, path) {
		return nil, errors.New("not loaded")
	}
	imp.mu.Lock()
	defer imp.mu.Unlock()
	return imp.from.Import(path)
}

// fuzzSeeds returns the files of the cases, what they become, and some of the
// standard library's.
func fuzzSeeds(f *testing.F) [][]byte {
	f.Helper()
	var seeds [][]byte
	for _, pattern := range []string{"../testdata/*/*.txtar", "../golden/*/*.txtar"} {
		for _, name := range glob(f, pattern) {
			ar, err := txtar.ParseFile(name)
			if err != nil {
				f.Fatal(err)
			}
			for _, file := range ar.Files {
				if strings.HasSuffix(file.Name, ".go") {
					seeds = append(seeds, file.Data)
				}
			}
		}
	}
	for _, dir := range []string{"sync", "net/http", "time", "os", "mime", "log"} {
		for _, name := range glob(f, filepath.Join(build.Default.GOROOT, "src", dir, "*.go")) {
			src, err := os.ReadFile(name)
			if err != nil {
				f.Fatal(err)
			}
			if len(src) < 30_000 {
				seeds = append(seeds, src)
			}
		}
	}
	return seeds
}

func glob(f *testing.F, pattern string) []string {
	f.Helper()
	names, err := filepath.Glob(pattern)
	if err != nil || len(names) == 0 {
		f.Fatalf("no files match %s: %v", pattern, err)
	}
	return names
}
