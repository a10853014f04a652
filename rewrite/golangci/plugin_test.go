package golangci

import (
	"strings"
	"testing"

	"github.com/golangci/plugin-module-register/register"

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
	if err != nil || len(analyzers) != 1 || analyzers[0] != rewrite.Analyzer {
		t.Errorf("the plugin has analyzers %v, %v", analyzers, err)
	}
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
