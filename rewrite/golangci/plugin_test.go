package golangci

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/golangci/plugin-module-register/register"
	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/analysistest"

	"github.com/singletonfix/singletonfix/rewrite"
)

// TestPlugin gets the linter as golangci-lint does, with the settings of a
// configuration file.
func TestPlugin(t *testing.T) {
	newPlugin, err := register.GetPlugin("singletonfix")
	if err != nil {
		t.Fatal(err)
	}
	linter, err := newPlugin(map[string]any{"min-risk": "medium", "pattern": []any{"nil-check", "flag-guard"}, "review-fixes": true})
	if err != nil {
		t.Fatal(err)
	}
	analyzers, err := linter.BuildAnalyzers()
	if err != nil || len(analyzers) != 1 || analyzers[0].Name != "singletonfix" {
		t.Fatalf("the plugin has analyzers %v, %v", analyzers, err)
	}
	finds(t, analyzers[0])
	if mode := linter.GetLoadMode(); mode != register.LoadModeTypesInfo {
		t.Errorf("the plugin loads %s", mode)
	}
	for name, want := range map[string]string{"min-risk": "medium", "pattern": "nil-check,flag-guard", "review-fixes": "true"} {
		if got := rewrite.Analyzer.Flags.Lookup(name).Value.String(); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
}

func TestPluginSettings(t *testing.T) {
	if _, err := New(nil); err != nil {
		t.Errorf("without settings: %v", err)
	}
	if _, err := New(map[string]any{"max-risk": "low"}); err == nil || !strings.Contains(err.Error(), "settings of singletonfix: max-risk: no such flag") {
		t.Errorf("of an unknown setting it says %v", err)
	}
}

// finds runs the linter on a package, and wants one finding with a fix and
// without anything that would be counted besides.
func finds(t *testing.T, a *analysis.Analyzer) {
	t.Helper()
	dir := t.TempDir()
	for name, content := range map[string]string{
		"go.mod": "module p\n\ngo 1.26\n",
		"p.go":   "package p\n\nvar v *int // want `v .filled by Get. is unsafe`\n\nfunc Get() *int { // want Get:`fills`\n\tif v == nil {\n\t\tv = new(int)\n\t}\n\treturn v\n}\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	for _, result := range analysistest.Run(t, dir, a, "./...") {
		for _, d := range result.Diagnostics {
			if len(d.Related) > 0 || len(d.SuggestedFixes) != 1 {
				t.Errorf("the finding has %d related positions and %d fixes, want none and 1", len(d.Related), len(d.SuggestedFixes))
			}
		}
	}
}
