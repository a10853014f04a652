package cli

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/singletonfix/singletonfix/detect"
	"github.com/singletonfix/singletonfix/internal/driver"
	"github.com/singletonfix/singletonfix/internal/report"
	"github.com/singletonfix/singletonfix/rewrite"
)

// module writes files to a new module and returns its folder and a change of
// each file to "new NAME".
func module(t *testing.T, names ...string) (string, []rewrite.Change) {
	t.Helper()
	dir := t.TempDir()
	put(t, filepath.Join(dir, "go.mod"), "module p\n")
	var changes []rewrite.Change
	for _, name := range names {
		put(t, filepath.Join(dir, name), "old "+name)
		changes = append(changes, rewrite.Change{
			File:   &detect.File{Name: filepath.Join(dir, name)},
			Before: []byte("old " + name),
			After:  []byte("new " + name),
		})
	}
	return dir, changes
}

func put(t *testing.T, name, content string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
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

func TestWritePackage(t *testing.T) {
	dir, changes := module(t, "a.go", "b.go")
	if err := writePackage(changes); err != nil {
		t.Fatal(err)
	}
	want(t, dir, "a.go=new a.go", "b.go=new b.go")
}

// TestWriteNothing has one file of a package in the way of the others.
func TestWriteNothing(t *testing.T) {
	tests := []struct {
		name  string
		spoil func(t *testing.T, name string)
		says  string
		left  string
	}{
		{
			name:  "changed since it was read",
			spoil: func(t *testing.T, name string) { put(t, name, "newer") },
			says:  "has changed since it was read; run again",
			left:  "b.go=newer",
		},
		{
			name: "read-only",
			spoil: func(t *testing.T, name string) {
				if err := os.Chmod(name, 0o444); err != nil {
					t.Fatal(err)
				}
			},
			says: "is read-only",
			left: "b.go=old b.go",
		},
		{
			name: "gone",
			spoil: func(t *testing.T, name string) {
				if err := os.Remove(name); err != nil {
					t.Fatal(err)
				}
			},
			says: "no such file",
		},
		{
			name: "a folder by now",
			spoil: func(t *testing.T, name string) {
				if err := os.Remove(name); err != nil {
					t.Fatal(err)
				}
				if err := os.Mkdir(name, 0o755); err != nil {
					t.Fatal(err)
				}
			},
			says: "is not a regular file",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir, changes := module(t, "a.go", "b.go")
			tt.spoil(t, filepath.Join(dir, "b.go"))
			err := writePackage(changes)
			if err == nil || !strings.Contains(err.Error(), tt.says) {
				t.Errorf("writePackage: error %v, want one that says %q", err, tt.says)
			}
			files := []string{"a.go=old a.go"}
			if tt.left != "" {
				files = append(files, tt.left)
			}
			want(t, dir, files...)
		})
	}
}

// TestWritePutsBack has the second of two renames fail.
func TestWritePutsBack(t *testing.T) {
	dir, changes := module(t, "a.go", "b.go")
	var targets []*target
	for _, c := range changes {
		x, err := newTarget(c)
		if err != nil {
			t.Fatal(err)
		}
		if x.temp, err = x.store(x.After); err != nil {
			t.Fatal(err)
		}
		targets = append(targets, x)
	}
	if err := os.Remove(targets[1].temp); err != nil {
		t.Fatal(err)
	}
	if err := replaceAll(targets); err == nil {
		t.Error("replaceAll: no error, though a new file was gone")
	}
	want(t, dir, "a.go=old a.go", "b.go=old b.go")
}

func TestWriteFollowsLinksWithinTheModule(t *testing.T) {
	dir, changes := module(t, "a.go")
	link := filepath.Join(dir, "link.go")
	if err := os.Symlink("a.go", link); err != nil {
		t.Skip("no symbolic links here")
	}
	changes[0].File = &detect.File{Name: link}
	if err := writePackage(changes); err != nil {
		t.Fatal(err)
	}
	if to, err := os.Readlink(link); err != nil || to != "a.go" {
		t.Errorf("the link leads to %q, %v; want a.go", to, err)
	}
	want(t, dir, "a.go=new a.go", "link.go=new a.go")
}

// TestWriteAllAfterAnInterrupt holds that no package is begun then.
func TestWriteAllAfterAnInterrupt(t *testing.T) {
	dir, changes := module(t, "a.go")
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	res := &driver.Result{Report: &report.Report{}, Packages: []*driver.Package{{Path: "p", Changes: changes}}}
	if err := writeAll(ctx, res); err == nil {
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
	res := &driver.Result{Report: &report.Report{}, Packages: []*driver.Package{{Path: "one", Changes: bad}, {Path: "two", Changes: good}}}
	if err := writeAll(context.Background(), res); err != nil {
		t.Fatal(err)
	}
	want(t, one, "a.go=newer")
	want(t, two, "b.go=new b.go")
	if n := len(res.Report.Errors); n != 1 {
		t.Errorf("the report has %d errors, want 1", n)
	}
}
