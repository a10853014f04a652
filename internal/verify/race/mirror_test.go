package race

import (
	"os"
	"path/filepath"
	"testing"
)

func TestMirror(t *testing.T) {
	root := t.TempDir()
	for name, text := range map[string]string{"go.mod": "module p\n", "a/b/p.go": "package b\n", "a/b/testdata/x": "x", "a/beside": "beside"} {
		file := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	// The temporary folder stands in the folder that is copied.
	cwd, err := mirror(root, filepath.Join(root, "a", "b"), filepath.Join(root, "a", "b", "temp"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"p.go", "testdata/x", "../beside", "../../go.mod"} {
		if _, err := os.Stat(cwd + "/" + name); err != nil {
			t.Errorf("a test does not find %s: %v", name, err)
		}
	}
	for _, name := range []string{"new", "testdata/x", "p.go", "../new"} {
		if err := os.WriteFile(cwd+"/"+name, []byte("changed"), 0o666); err != nil {
			t.Errorf("a test cannot write %s: %v", name, err)
		}
	}
	for _, name := range []string{"a/b/new", "a/new"} {
		if _, err := os.Stat(filepath.Join(root, name)); err == nil {
			t.Errorf("what a test wrote is at %s", name)
		}
	}
	if src, _ := os.ReadFile(filepath.Join(root, "a/b/testdata/x")); string(src) != "x" {
		t.Errorf("a test changed testdata/x to %q", src)
	}
}
