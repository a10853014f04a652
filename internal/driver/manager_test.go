package driver

import (
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/singletonfix/singletonfix/detect"
	"github.com/singletonfix/singletonfix/rewrite"
)

const getter = `

type T struct{ n int }

var instance *T

func Get() *T {
	if instance == nil {
		instance = &T{n: 1}
	}
	return instance
}
`

// TestManagerOfEachModule finds that the packages of each module share one,
// which is written before them, and that a nested module has its own.
func TestManagerOfEachModule(t *testing.T) {
	dir := t.TempDir()
	unpack(t, dir, []txtar.File{
		{Name: "go.mod", Data: []byte("module example.com/m\n\ngo 1.21\n")},
		{Name: "p.go", Data: []byte("package m" + getter)},
		{Name: "q/q.go", Data: []byte("package q" + getter)},
		{Name: "nested/go.mod", Data: []byte("module example.com/nested\n\ngo 1.21\n")},
		{Name: "nested/deep/p.go", Data: []byte("package deep" + getter)},
		{Name: "old/go.mod", Data: []byte("module example.com/old\n\ngo 1.17\n")},
		{Name: "old/p.go", Data: []byte("package old" + getter)},
	})
	var written []string
	for _, pattern := range []string{"./...", "./nested/...", "./old/..."} {
		res := mustRun(t, Options{Dir: dir, Patterns: []string{pattern}, Strategy: "manager", Fix: true})
		for _, p := range res.Packages {
			needs := ""
			if p.Needs != nil {
				needs = " after " + p.Needs.Path
			}
			written = append(written, p.Path+needs)
		}
	}
	want := []string{
		"example.com/m/internal/lazy",
		"example.com/m after example.com/m/internal/lazy",
		"example.com/m/q after example.com/m/internal/lazy",
		"example.com/nested/internal/lazy",
		"example.com/nested/deep after example.com/nested/internal/lazy",
	}
	if diff := cmp.Diff(want, written); diff != "" {
		t.Errorf("what is written, in order: -want +got\n%s", diff)
	}
}

// TestManagerNames holds the names that the manager's package can have
// against those that detect knows it by.
func TestManagerNames(t *testing.T) {
	for _, name := range rewrite.ManagerNames {
		if path := "example.com/m/internal/" + name; !detect.IsManager(path) {
			t.Errorf("IsManager(%q) = false", path)
		}
		for file, src := range rewrite.ManagerFiles("internal/" + name) {
			if filepath.Ext(file) != ".go" || len(src) == 0 {
				t.Errorf("ManagerFiles has %q for %s", file, name)
			}
		}
	}
}
