package checks

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// rulesGo is the version of Bazel's rules for Go whose nogo is tried.
const rulesGo = "github.com/bazelbuild/rules_go@v0.65.0"

// nogoSources are the files that nogo is made of, besides its generated main.
var nogoSources = []string{
	"constants.go", "env.go", "flags.go", "nogo_fix.go", "nogo_goversions_go118.go", "nogo_goversions_go121.go",
	"nogo_goversions_go122.go", "nogo_main.go", "nogo_version.go", "nolint.go",
}

// TestNogo builds nogo as Bazel does, with the page's nogo.json, and has it
// look at one package of the shop after the other, which gets the facts of
// those below and no more.
func TestNogo(t *testing.T) {
	t.Parallel()
	nogo := buildNogo(t)
	dir, tmp := shop(t), t.TempDir()
	must(t, dir, "go list -export -deps -f '{{if .Export}}packagefile {{.ImportPath}}={{.Export}}{{end}}' ./... >"+tmp+"/importcfg")
	facts, all := "", ""
	for line := range strings.Lines(must(t, dir, `go list -deps -f '{{if .Module}}{{.ImportPath}} {{range .GoFiles}}{{$.Dir}}/{{.}} {{end}}{{end}}' ./...`)) {
		path, files, _ := strings.Cut(strings.TrimSpace(line), " ")
		out := filepath.Join(tmp, strings.ReplaceAll(path, "/", "_"))
		status, said := sh(t, dir, nogo+" -p "+path+" -importcfg "+tmp+"/importcfg -go_version 1.26"+facts+" -x "+out+" "+files)
		if status != 0 && status != 3 {
			t.Fatalf("nogo on %s: exit status %d\n%s", path, status, said)
		}
		facts += " -fact " + path + "=" + out
		all += said
	}
	if strings.Count(all, " is unsafe: ") != 4 || !strings.Contains(all, "/config/config.go:12:5: instance (filled by Get) is unsafe: ") {
		t.Errorf("nogo says\n%s", all)
	}
}

// buildNogo returns the program. Its module is below that of x/tools, whose
// internal packages nogo uses: Bazel does not mind.
func buildNogo(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	repo, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	var module struct{ Dir string }
	if err := json.Unmarshal([]byte(must(t, dir, "go mod download -json "+rulesGo)), &module); err != nil {
		t.Fatal(err)
	}
	sources := filepath.Join(module.Dir, "go/tools/builders")
	link := func(to string, names ...string) {
		if err := os.MkdirAll(filepath.Join(dir, to), 0o777); err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			put(t, filepath.Join(dir, to, name), read(t, filepath.Join(sources, name)))
		}
	}
	link("generate", "generate_nogo_main.go", "flags.go", "env.go")
	put(t, filepath.Join(dir, "generate/main.go"), "package main\n\nimport \"os\"\n\nfunc main() {\n\tif err := genNogoMain(os.Args[1:]); err != nil {\n\t\tpanic(err)\n\t}\n}\n")
	link("nogo", nogoSources...)
	put(t, filepath.Join(dir, "nogo.json"), snippetWith(t, ciDoc, "json", "analyzer_flags"))
	put(t, filepath.Join(dir, "go.mod"), "module golang.org/x/tools/nogo\n\ngo 1.26.0\n\nrequire github.com/singletonfix/singletonfix v0.0.0\n\nreplace github.com/singletonfix/singletonfix => "+repo+"\n")
	put(t, filepath.Join(dir, "go.sum"), read(t, "../../go.sum"))
	must(t, dir, `
export GOFLAGS=-mod=mod
go run ./generate -output nogo/main.go -analyzer_importpath github.com/singletonfix/singletonfix/rewrite -config nogo.json
go build -o nogo.exe ./nogo`)
	return filepath.Join(dir, "nogo.exe")
}
