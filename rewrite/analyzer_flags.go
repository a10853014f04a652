package rewrite

import (
	"flag"
	"fmt"
	"strings"

	"github.com/singletonfix/singletonfix/detect"
)

// analyzerFlags are the flags of the Analyzer, as they are given. They mean
// what the flags of that name mean on the command line.
//
// A driver may set them once for each package of a program and all that it
// imports: what is wrong with them is said later, about the packages at hand.
type analyzerFlags struct {
	minRisk, only, not, strategy string
	review                       bool
}

func (f *analyzerFlags) register(flags *flag.FlagSet) {
	flags.StringVar(&f.minRisk, "min-risk", "low", "report and fix from this risk up: low, medium, critical")
	flags.StringVar(&f.only, "pattern", "", "only these patterns, separated by commas")
	flags.StringVar(&f.not, "no-pattern", "", "not these patterns, separated by commas")
	flags.StringVar(&f.strategy, "strategy", "auto", "how to fix: auto, or the name of one strategy")
	flags.BoolVar(&f.review, "review-fixes", false, "also suggest the fixes that need a reviewer's eye")
}

// analyzerOptions are what the flags say.
type analyzerOptions struct {
	minRisk   detect.Risk
	only, not []string // patterns
	strategy  string
	review    bool
}

func (f *analyzerFlags) options() (*analyzerOptions, error) {
	o := &analyzerOptions{strategy: f.strategy, review: f.review}
	var err error
	if o.minRisk, err = riskNamed(f.minRisk); err != nil {
		return nil, fmt.Errorf("-min-risk: %w", err)
	}
	if o.only, err = patternsNamed(f.only); err != nil {
		return nil, fmt.Errorf("-pattern: %w", err)
	}
	if o.not, err = patternsNamed(f.not); err != nil {
		return nil, fmt.Errorf("-no-pattern: %w", err)
	}
	names := []string{"auto"}
	for _, s := range Strategies {
		names = append(names, s.Name)
	}
	for _, name := range names {
		if name == f.strategy {
			return o, nil
		}
	}
	return nil, fmt.Errorf("-strategy: there is no %q; there are %s", f.strategy, strings.Join(names, ", "))
}

func riskNamed(name string) (detect.Risk, error) {
	for risk := detect.Low; risk <= detect.Critical; risk++ {
		if risk.String() == name {
			return risk, nil
		}
	}
	return detect.None, fmt.Errorf("there is no %q; there are low, medium and critical", name)
}

func patternsNamed(list string) ([]string, error) {
	if list == "" {
		return nil, nil
	}
	names := strings.Split(list, ",")
	for _, name := range names {
		if detect.PatternNamed(name) == nil {
			return nil, fmt.Errorf("there is no %q; see %spatterns.md", name, documentation)
		}
	}
	return names, nil
}
