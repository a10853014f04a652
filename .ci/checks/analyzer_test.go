package checks

import (
	"encoding/json"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/bazelbuild/buildtools/build"
)

// TestAnalyzerSnippet builds the page's program, and runs it.
func TestAnalyzerSnippet(t *testing.T) {
	t.Parallel()
	tmp := t.TempDir()
	code := strings.Replace(snippet(t, "../../docs/analyzer.md", "go"), "import ", "import \"golang.org/x/tools/go/analysis/singlechecker\"\nimport ", 1)
	put(t, filepath.Join(tmp, "main.go"), "package main\n\n"+code)
	repo, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	must(t, repo, "go build -o "+tmp+"/check "+tmp+"/main.go")
	status, out := sh(t, shop(t), tmp+"/check ./config")
	if status != 3 || !strings.Contains(out, "config/config.go:12:5: instance (filled by Get) is unsafe") {
		t.Errorf("exit status %d, want 3; it says\n%s", status, out)
	}
}

// TestBazelSnippets holds the page's files for Bazel against the syntax of
// such files, the module's path, and the analyzer's name and flags.
func TestBazelSnippets(t *testing.T) {
	rules := map[string]*build.Rule{}
	text := ""
	for _, m := range regexp.MustCompile("(?s)```python\n(.*?)```").FindAllStringSubmatch(read(t, ciDoc), -1) {
		name := "BUILD.bazel"
		if strings.Contains(m[1], "use_repo(") {
			name = "MODULE.bazel"
		}
		file, err := build.Parse(name, []byte(m[1]))
		if err != nil {
			t.Fatal(err)
		}
		if formatted := string(build.Format(file)); formatted != m[1] {
			t.Errorf("buildifier would have\n%s", formatted)
		}
		for _, r := range file.Rules("") {
			rules[r.Kind()] = r
		}
		text += m[1]
	}
	module := strings.TrimSpace(must(t, "../..", "go list -m"))
	repo := strings.NewReplacer("/", "_", ".", "_").Replace(strings.Replace(module, "github.com", "com_github", 1)) // as gazelle names it
	deps := rules["nogo"].AttrStrings("deps")
	if len(deps) != 1 || deps[0] != "@"+repo+"//rewrite" {
		t.Errorf("nogo has deps %q, want rewrite in %s", deps, repo)
	}
	if !strings.Contains(text, `use_repo(go_deps, "`+repo+`")`) {
		t.Errorf("MODULE.bazel does not use %s", repo)
	}
	nogoConfig(t)
}

// nogoConfig holds the page's nogo.json against the analyzer.
func nogoConfig(t *testing.T) {
	t.Helper()
	var config map[string]struct {
		ExcludeFiles  map[string]string `json:"exclude_files"`
		AnalyzerFlags map[string]string `json:"analyzer_flags"`
	}
	dec := json.NewDecoder(strings.NewReader(snippetWith(t, ciDoc, "json", "analyzer_flags")))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&config); err != nil {
		t.Fatal(err)
	}
	c, ok := config["singletonfix"]
	if !ok || len(config) != 1 {
		t.Fatalf("nogo.json is about %v, want singletonfix", config)
	}
	for pattern := range c.ExcludeFiles {
		if _, err := regexp.Compile(pattern); err != nil {
			t.Error(err)
		}
	}
	out, err := exec.Command(tool, "-flags").Output()
	if err != nil {
		t.Fatal(err)
	}
	for name := range c.AnalyzerFlags {
		if !strings.Contains(string(out), `"singletonfix.`+name+`"`) {
			t.Errorf("the analyzer has no flag %s", name)
		}
	}
}
