package load

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

func TestBuilds(t *testing.T) {
	tests := []struct {
		name  string
		files map[string]string // beside p.go, all of which use x
		want  []string
		whole bool
	}{
		{name: "file name", files: map[string]string{"p_windows.go": "package p\n"}, want: []string{"windows/amd64"}, whole: true},
		{name: "constraint", files: map[string]string{"a.go": "//go:build darwin || plan9\n\npackage p\n"}, want: []string{"darwin/amd64"}, whole: true},
		{name: "tag", files: map[string]string{"a.go": "//go:build remote\n\npackage p\n"}, want: []string{"-tags=remote"}, whole: true},
		{name: "two together or alone", files: map[string]string{
			"a.go": "//go:build remote\n\npackage p\n",
			"b.go": "//go:build remote || local\n\npackage p\n",
		}, want: []string{"-tags=local", "-tags=remote"}, whole: true},
		{name: "platform and tag", files: map[string]string{"a_windows.go": "//go:build !small\n\npackage p\n", "b.go": "//go:build small\n\npackage p\n"},
			want: []string{"-tags=small", "windows/amd64"}, whole: true},
		{name: "nowhere", files: map[string]string{"a_windows.go": "//go:build linux\n\npackage p\n"}},
		{name: "processor", files: map[string]string{"a_arm.go": "package p\n"}, want: []string{"linux/arm"}, whole: true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			tt.files["go.mod"] = "module p\n\ngo 1.21\n"
			tt.files["p.go"] = "package p\n\nvar x *int\n\nfunc Get() *int {\n\tif x == nil {\n\t\tx = new(int)\n\t}\n\treturn x\n}\n"
			for name, text := range tt.files {
				if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
					t.Fatal(err)
				}
			}
			cfg := &Config{Dir: dir, Env: append(os.Environ(), "GOOS=linux", "GOARCH=amd64", "GOFLAGS=")}
			set, err := cfg.Scan([]string{"."})
			if err != nil || len(set.Packages) != 1 {
				t.Fatalf("Scan = %v, %v", set, err)
			}
			builds, whole := set.Builds(set.Packages[0], set.Packages[0].Left)
			var got []string
			for _, b := range builds {
				got = append(got, b.Name)
			}
			if !slices.Equal(got, tt.want) || whole != tt.whole {
				t.Errorf("Builds = %v, %v; want %v, %v", got, whole, tt.want, tt.whole)
			}
		})
	}
}
