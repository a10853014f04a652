// Package golangci makes singletonfix a linter of golangci-lint: a plugin of
// its module system, which is built into a golangci-lint of one's own. See
// docs/ci.md.
package golangci

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/golangci/plugin-module-register/register"
	"golang.org/x/tools/go/analysis"

	"github.com/singletonfix/singletonfix/rewrite"
)

func init() { register.Plugin(rewrite.Analyzer.Name, New) }

// New returns the linter with settings, which are the analyzer's flags by
// their names: min-risk, pattern, no-pattern, strategy, review-fixes.
func New(settings any) (register.LinterPlugin, error) {
	values, err := register.DecodeSettings[map[string]any](settings)
	if err != nil {
		return nil, fmt.Errorf("settings of singletonfix: %w", err)
	}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if err := set(name, values[name]); err != nil {
			return nil, err
		}
	}
	return linter{brief()}, nil
}

// brief returns the analyzer without the positions that belong to a finding:
// golangci-lint would count each of them as an issue of its own.
func brief() *analysis.Analyzer {
	a := *rewrite.Analyzer
	run := a.Run
	a.Run = func(pass *analysis.Pass) (any, error) {
		p := *pass
		p.Report = func(d analysis.Diagnostic) {
			d.Related = nil
			pass.Report(d)
		}
		return run(&p)
	}
	return &a
}

func set(name string, value any) error {
	text := fmt.Sprint(value)
	if list, ok := value.([]any); ok {
		var parts []string
		for _, v := range list {
			parts = append(parts, fmt.Sprint(v))
		}
		text = strings.Join(parts, ",")
	}
	if err := rewrite.Analyzer.Flags.Set(name, text); err != nil {
		return fmt.Errorf("settings of singletonfix: %s: %w", name, err)
	}
	return nil
}

type linter struct{ analyzer *analysis.Analyzer }

func (l linter) BuildAnalyzers() ([]*analysis.Analyzer, error) {
	return []*analysis.Analyzer{l.analyzer}, nil
}

func (linter) GetLoadMode() string { return register.LoadModeTypesInfo }
