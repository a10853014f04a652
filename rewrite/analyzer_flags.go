package rewrite

import (
	"flag"
	"fmt"
	"strings"

	"github.com/singletonfix/singletonfix/detect"
)

// analyzerOptions are the flags of the Analyzer. They mean what the flags of
// that name mean on the command line.
type analyzerOptions struct {
	minRisk   detect.Risk
	only, not patternList
	strategy  strategyName
	review    bool
}

func (o *analyzerOptions) register(flags *flag.FlagSet) {
	flags.Var((*riskName)(&o.minRisk), "min-risk", "report and fix from this risk up: low, medium, critical")
	flags.Var(&o.only, "pattern", "only these patterns, separated by commas")
	flags.Var(&o.not, "no-pattern", "not these patterns, separated by commas")
	flags.Var(&o.strategy, "strategy", "how to fix: auto, or the name of one strategy")
	flags.BoolVar(&o.review, "review-fixes", false, "also suggest the fixes that need a reviewer's eye")
}

// A riskName is the flag of a Risk.
type riskName detect.Risk

func (r *riskName) String() string { return detect.Risk(*r).String() }

func (r *riskName) Set(name string) error {
	for risk := detect.Low; risk <= detect.Critical; risk++ {
		if risk.String() == name {
			*r = riskName(risk)
			return nil
		}
	}
	return fmt.Errorf("no such risk %q: low, medium or critical", name)
}

// A patternList is the flag of some patterns.
type patternList []string

func (l *patternList) String() string { return strings.Join(*l, ",") }

func (l *patternList) Set(names string) error {
	for name := range strings.SplitSeq(names, ",") {
		if detect.PatternNamed(name) == nil {
			return fmt.Errorf("no such pattern %q: see %spatterns.md", name, documentation)
		}
		*l = append(*l, name)
	}
	return nil
}

// A strategyName is the flag of a strategy, "" standing for auto.
type strategyName string

func (s *strategyName) String() string { return string(*s) }

func (s *strategyName) Set(name string) error {
	if name == "auto" {
		*s = ""
		return nil
	}
	for _, st := range Strategies {
		if st.Name == name {
			*s = strategyName(name)
			return nil
		}
	}
	return fmt.Errorf("no such strategy %q", name)
}
