package load

import (
	"os"
	"path/filepath"
	"testing"
)

// FuzzScan holds that a module is loaded, or that the error says why not,
// whatever its go.mod and its one file hold.
func FuzzScan(f *testing.F) {
	f.Add("module p\n\ngo 1.26\n", []byte("package p\n\nvar x *int\n\nfunc Get() *int {\n\tif x == nil {\n\t\tx = new(int)\n\t}\n\treturn x\n}\n"))
	f.Add("module (\n\t\"p\"\n)\n", []byte("//go:build !linux\n\npackage p\n"))
	f.Add("module p\ngo 1.999\ntoolchain go1.999\n", []byte("package p\n\nimport \"C\"\nimport . \"x/y\"\n\nvar x = y.Z\n\nfunc f() { x = z.F() }\n"))
	f.Fuzz(func(t *testing.T, gomod string, src []byte) {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "go.mod"), []byte(gomod), 0o666); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "p.go"), src, 0o666); err != nil {
			t.Fatal(err)
		}
		set, err := (&Config{Dir: dir, Tests: true, All: true}).Scan(nil)
		if err == nil && len(set.Packages) == 0 && len(set.Errors) == 0 {
			t.Error("Scan: neither a package nor an error")
		}
	})
}
