package driver

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/singletonfix/singletonfix/internal/report"
)

// sample are the cases that TestProof proves each time: one for each thing
// that a race test can have.
var sample = regexp.MustCompile(`^(nil-check/(textbook|readers_bypass|closure_getter)|flag-guard/flag_error|lazy-registry/beside|once-reset/reset_for_tests_string|unlocked-reset/locked_getter|missing-recheck/atomic)$`)

// TestProof runs the generated race tests of cases: what is fixed must not
// race, nor answer otherwise when nothing is concurrent.
// SINGLETONFIX_PROVE=REGEXP proves the cases that match, and writes each
// verdict to standard output.
func TestProof(t *testing.T) {
	if testing.Short() {
		t.Skip("compiles and races")
	}
	wanted := sample
	asked := os.Getenv("SINGLETONFIX_PROVE")
	if asked != "" {
		wanted = regexp.MustCompile(asked)
	}
	for _, name := range caseNames(t, inputs) {
		name = strings.TrimSuffix(name, ".txtar")
		if !wanted.MatchString(name) {
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			raceSlots <- struct{}{}
			defer func() { <-raceSlots }()
			c := newCase(t, filepath.FromSlash(name+".txtar"))
			opts := c.opts
			opts.Fix, opts.Verify = true, &VerifyOptions{Timeout: 2 * time.Minute, Skip: Parts{Bench: true, OwnTests: true}}
			for _, s := range mustRun(t, opts).Report.Singletons {
				checkProof(t, &s, asked != "")
			}
		})
	}
}

func checkProof(t *testing.T, s *report.Singleton, aloud bool) {
	p := s.Fix.Proof
	if p == nil {
		return // not fixed
	}
	if aloud {
		fmt.Printf("PROOF %s %s %s: %s\n", t.Name(), s.Pattern, s.Var, p)
	}
	if p.Status == report.ProofFailed {
		t.Errorf("%s: the proof of %s failed: %s", s.Position, s.Var, p.Reason)
	}
	switch {
	case aloud:
	case p.Status == report.ProofNotRun:
		t.Errorf("%s: the proof of %s was not run: %s", s.Position, s.Var, p.Reason)
	case !p.RaceBefore && p.InstancesBefore < 2:
		t.Errorf("%s: nothing is wrong with %s before its fix: %s", s.Position, s.Var, p)
	}
}
