package singletonfix_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/singletonfix/singletonfix"

// layers is the import table: what each package may import of ours, and what
// it has to itself, or nearly so. Syntax and types go in at the bottom, files
// and words come out at the top; nothing flows back.
var layers = map[string]struct {
	ours   []string
	others []string // beside the standard library
}{
	"detect":                {others: []string{"golang.org/x/tools/go/ast/", "golang.org/x/tools/go/cfg", "golang.org/x/tools/go/types/"}},
	"rewrite/internal/lazy": {},
	"rewrite":               {ours: []string{"detect"}, others: []string{"github.com/dave/dst", "golang.org/x/tools/go/ast/", "golang.org/x/tools/imports", "golang.org/x/tools/go/analysis"}},
	"rewrite/golangci":      {ours: []string{"rewrite"}, others: []string{"github.com/golangci/plugin-module-register/", "golang.org/x/tools/go/analysis"}},
	"internal/load":         {ours: []string{"detect"}, others: []string{"golang.org/x/tools/go/packages", "golang.org/x/tools/go/gcexportdata"}},
	"internal/verify":       {ours: []string{"internal/load", "detect"}},
	"internal/verify/race":  {ours: []string{"detect"}},
	"internal/reduce":       {ours: []string{"detect"}},
	"internal/report":       {ours: []string{"rewrite", "detect"}, others: []string{"github.com/alecthomas/chroma/v2", "github.com/sergi/go-diff/"}},
	"internal/driver":       {ours: []string{"internal/load", "internal/verify", "internal/verify/race", "internal/reduce", "internal/report", "rewrite", "detect"}},
	"internal/transaction":  {},
	"internal/cli":          {ours: []string{"internal/driver", "internal/report", "internal/transaction", "rewrite", "detect"}, others: []string{"github.com/spf13/pflag", "golang.org/x/tools/txtar", "golang.org/x/tools/go/analysis"}},
	"cmd/singletonfix":      {ours: []string{"internal/cli"}},

	"internal/programs": {}, // what tests are made of
}

// quiet are the standard packages that the libraries below internal/driver
// have no business with: they print nothing, write nothing and start nothing.
var quiet = map[string][]string{
	"detect":          {"os", "os/exec", "log", "net", "net/http"},
	"rewrite":         {"os", "os/exec", "log", "net", "net/http"},
	"internal/report": {"os", "os/exec", "log", "net", "net/http"},
	"internal/driver": {"os", "os/exec", "log", "net", "net/http"},
}

// costly are packages of those libraries that each start of the tool would pay
// for, with milliseconds and megabytes.
var costly = []string{"github.com/alecthomas/chroma/v2/lexers", "github.com/alecthomas/chroma/v2/styles"}

// TestImports holds the import table against the imports of the sources.
func TestImports(t *testing.T) {
	seen := map[string]bool{}
	for file, imports := range sources(t) {
		pkg := path.Dir(file)
		layer, ok := layers[pkg]
		if !ok {
			t.Errorf("%s: package %s is not in the import table", file, pkg)
			continue
		}
		seen[pkg] = true
		for _, imp := range imports {
			if !allowed(imp, layer.ours, layer.others) {
				t.Errorf("%s imports %s, which the import table does not allow for %s", file, imp, pkg)
			}
			if slices.Contains(costly, imp) {
				t.Errorf("%s imports %s, which each start of the tool would pay for", file, imp)
			}
			if slices.Contains(quiet[pkg], imp) {
				t.Errorf("%s imports %s: %s takes values and returns values", file, imp, pkg)
			}
		}
	}
	for pkg := range layers {
		if !seen[pkg] {
			t.Errorf("the import table names %s, which is not there", pkg)
		}
	}
}

func allowed(imp string, ours, others []string) bool {
	if rest, ok := strings.CutPrefix(imp, module+"/"); ok {
		return slices.Contains(ours, rest)
	}
	first, _, _ := strings.Cut(imp, "/")
	if !strings.Contains(first, ".") {
		return true // the standard library
	}
	return slices.ContainsFunc(others, func(prefix string) bool {
		return imp == prefix || strings.HasPrefix(imp, strings.TrimSuffix(prefix, "/")+"/")
	})
}

// sources returns the imports of each file of the module that is not a test,
// by name.
func sources(t *testing.T) map[string][]string {
	t.Helper()
	files := map[string][]string{}
	err := filepath.WalkDir(".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if name != "." && (strings.HasPrefix(d.Name(), ".") || d.Name() == "testdata") {
				return filepath.SkipDir // not of the product
			}
			return nil
		}
		if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			return nil
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		key := filepath.ToSlash(name)
		files[key] = []string{}
		for _, spec := range f.Imports {
			imp, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			files[key] = append(files[key], imp)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// TestMainIsOneStatement holds main to what the layout says of it.
func TestMainIsOneStatement(t *testing.T) {
	const name = "cmd/singletonfix/main.go"
	f, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, decl := range f.Decls {
		if fn, ok := decl.(*ast.FuncDecl); ok && len(fn.Body.List) != 1 {
			t.Errorf("%s: %s has %d statements, want 1", name, fn.Name.Name, len(fn.Body.List))
		}
	}
}
