package load

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestLargePackage holds that code is parsed up to a size, and data read up
// to another: one package that is too large keeps no other from being loaded.
func TestLargePackage(t *testing.T) {
	const candidate = "var x *int\n\nfunc Get() *int {\n\tif x == nil {\n\t\tx = new(int)\n\t}\n\treturn x\n}\n"
	dir := t.TempDir()
	for name, content := range map[string]string{
		"go.mod":     "module p\n\ngo 1.26\n",
		"code/x.go":  "package code\n\n" + candidate + "/*" + strings.Repeat("x", maxPackage) + "*/\n",
		"data/x.go":  "package data\n\nconst Data = `" + strings.Repeat("x", maxPackage) + "`\n",
		"huge/x.go":  "package huge\n\nconst Data = `" + strings.Repeat("x", maxFile) + "`\n",
		"small/x.go": "package small\n\n" + candidate,
	} {
		full := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(full), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(full, []byte(content), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	set, err := (&Config{Dir: dir}).Scan(nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(set.Packages) != 1 || set.Packages[0].Path != "p/small" {
		t.Errorf("packages are %v, want p/small alone", set.Packages)
	}
	if len(set.Errors) != 2 || set.Errors[0].Package != "p/code" || !strings.Contains(set.Errors[0].Msg, "packages of up to 16 MB apart") ||
		set.Errors[1].Package != "p/huge" || !strings.Contains(set.Errors[1].Msg, "reads files of up to 64 MB") {
		t.Errorf("errors are %v; want one of p/code and one of p/huge", set.Errors)
	}
}
