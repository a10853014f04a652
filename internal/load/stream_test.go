package load

import (
	"slices"
	"sync"
	"testing"

	"github.com/singletonfix/singletonfix/detect"
)

// TestStream holds that Stream shows what Scan loads, and says the same of
// what is wrong, while it keeps nothing.
func TestStream(t *testing.T) {
	dir := tree(t, `
-- go.mod --
module example.com/m

go 1.21
-- a/a.go --
package a

var v *int

func Get() *int {
	if v == nil {
		v = new(int)
	}
	return v
}
-- a/a_test.go --
package a

func init() { v = nil }
-- b/b.go --
package b

var v *int

func Get() *int {
	if v == nil {
		v = missing
	}
	return v
}
-- c/c.go --
package c

func broken( {
-- d/d.go --
package d
`)
	c := &Config{Dir: dir}
	want := scan(t, c, "./...")
	var mu sync.Mutex
	var seen []string
	got, err := c.Stream([]string{"./..."}, func(s *Set, pkg *detect.Package) bool {
		mu.Lock()
		defer mu.Unlock()
		if s.Dir(pkg) == "" || len(pkg.Files) != 2 {
			t.Errorf("%s is shown with %d files, in folder %q; want 2 files in its folder", pkg.Path, len(pkg.Files), s.Dir(pkg))
		}
		seen = append(seen, pkg.Path)
		return false
	})
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(seen, []string{"example.com/m/a"}) || len(want.Packages) != 1 {
		t.Errorf("Stream shows %v, Scan loads %v; want package a of both", seen, want.Packages)
	}
	if !slices.Equal(got.Errors, want.Errors) || len(want.Errors) != 2 || got.Looked != want.Looked {
		t.Errorf("Stream: %d packages, errors %v; Scan: %d, %v; want the same, with two errors", got.Looked, got.Errors, want.Looked, want.Errors)
	}
	if len(got.Packages) > 0 || got.Dir(want.Packages[0]) != "" {
		t.Errorf("Stream keeps packages")
	}
	if len(got.seen) != got.Looked {
		t.Errorf("Stream knows %d packages by name, and looked at %d", len(got.seen), got.Looked)
	}
	if _, err := c.Stream([]string{"./none"}, nil); err == nil {
		t.Errorf("Stream of a folder that is not there gives no error")
	}
}
