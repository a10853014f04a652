package rewrite

import (
	"path/filepath"
	"testing"

	"golang.org/x/tools/go/analysis/analysistest"
	"golang.org/x/tools/txtar"
)

// TestAnalyzerFacts holds what one package learns of another, as facts and as
// what becomes of the findings, against the comments of a module.
func TestAnalyzerFacts(t *testing.T) {
	archive, err := txtar.ParseFile("testdata/facts.txtar")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for _, f := range archive.Files {
		write(t, filepath.Join(dir, f.Name), f.Data)
	}
	analysistest.Run(t, dir, Analyzer, "./...")
}

func TestAnalyzerOptions(t *testing.T) {
	tests := []struct {
		name  string
		flags analyzerFlags
		want  string
	}{
		{"defaults", analyzerFlags{minRisk: "low", strategy: "auto"}, ""},
		{"all", analyzerFlags{minRisk: "critical", strategy: "once", only: "nil-check,flag-guard", not: "once-reset"}, ""},
		{"risk", analyzerFlags{minRisk: "none", strategy: "auto"}, `-min-risk: there is no "none"; there are low, medium and critical`},
		{"pattern", analyzerFlags{minRisk: "low", strategy: "auto", only: "nil-check,nil"}, `-pattern: there is no "nil"; see ` + documentation + "patterns.md"},
		{"no pattern", analyzerFlags{minRisk: "low", strategy: "auto", not: "nil"}, `-no-pattern: there is no "nil"; see ` + documentation + "patterns.md"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := ""
			if _, err := tt.flags.options(); err != nil {
				got = err.Error()
			}
			if got != tt.want {
				t.Errorf("options() = %q, want %q", got, tt.want)
			}
		})
	}
}
