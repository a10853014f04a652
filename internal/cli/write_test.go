package cli

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/singletonfix/singletonfix/detect"
	"github.com/singletonfix/singletonfix/internal/driver"
	"github.com/singletonfix/singletonfix/internal/report"
	"github.com/singletonfix/singletonfix/internal/transaction"
	"github.com/singletonfix/singletonfix/rewrite"
)

// module writes a file to a new module and returns the module's folder, and a
// package that changes the file to "new NAME".
func module(t *testing.T, name string) (string, *driver.Package) {
	t.Helper()
	dir := t.TempDir()
	put(t, filepath.Join(dir, "go.mod"), "module p\n")
	put(t, filepath.Join(dir, name), "old "+name)
	return dir, &driver.Package{Path: "p/" + name, Root: dir, Changes: []rewrite.Change{{
		File:   &detect.File{Name: filepath.Join(dir, name)},
		Before: []byte("old " + name),
		After:  []byte("new " + name),
	}}}
}

func put(t *testing.T, name, content string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

// holding returns the modules in dirs as a run that writes holds them.
func holding(t *testing.T, dirs ...string) *modules {
	t.Helper()
	held := &modules{write: true, stderr: io.Discard, trees: map[string]*transaction.Tree{}}
	t.Cleanup(held.leave)
	if _, err := held.enter(t.Context(), dirs); err != nil {
		t.Fatal(err)
	}
	return held
}

// want fails unless dir holds, beside go.mod, just these files: NAME=CONTENT.
func want(t *testing.T, dir string, files ...string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range entries {
		if e.Name() == "go.mod" || e.IsDir() {
			continue
		}
		content, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, e.Name()+"="+string(content))
	}
	if g, w := strings.Join(got, "; "), strings.Join(files, "; "); g != w {
		t.Errorf("the folder holds %s; want %s", g, w)
	}
}

// TestWriteAllAfterAnInterrupt holds that no package is begun then.
func TestWriteAllAfterAnInterrupt(t *testing.T) {
	dir, p := module(t, "a.go")
	held := holding(t, dir)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	res := &driver.Result{Report: &report.Report{}, Packages: []*driver.Package{p}}
	if err := writeAll(ctx, held, res); err == nil {
		t.Error("writeAll: no error, though it was interrupted")
	}
	want(t, dir, "a.go=old a.go")
}

// TestWriteAllGoesOn holds that a package that cannot be written keeps no
// other from being written.
func TestWriteAllGoesOn(t *testing.T) {
	one, bad := module(t, "a.go")
	two, good := module(t, "b.go")
	put(t, filepath.Join(one, "a.go"), "newer")
	res := &driver.Result{Report: &report.Report{}, Packages: []*driver.Package{bad, good}}
	if err := writeAll(context.Background(), holding(t, one, two), res); err != nil {
		t.Fatal(err)
	}
	want(t, one, "a.go=newer")
	want(t, two, "b.go=new b.go")
	if n := len(res.Report.Errors); n != 1 {
		t.Errorf("the report has %d errors, want 1", n)
	}
	if msg := res.Report.Errors[0].Message; !strings.HasSuffix(msg, "nothing of the package was changed") {
		t.Errorf("the error is %q, want one that says what has become of the files", msg)
	}
}
