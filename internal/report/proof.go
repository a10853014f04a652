package report

import (
	"fmt"
	"strings"
)

// Values of [Proof.Status].
const (
	ProofPassed = "passed"
	ProofFailed = "failed"
	ProofNotRun = "not run"
)

// A Proof is what came of running the code before a fix and after it under
// the race detector.
type Proof struct {
	Status          string       `json:"status"` // passed | failed | not run
	Reason          string       `json:"reason"` // of a proof that failed or was not run; of one that passed, what it could not see
	RaceBefore      bool         `json:"race_before"`
	RaceAfter       bool         `json:"race_after"`
	ReportsBefore   int          `json:"reports_before"` // of the race detector
	ReportsAfter    int          `json:"reports_after"`
	ReportsOther    int          `json:"reports_other"`    // further reports after the fix, about data that is not the singleton's
	InstancesBefore int          `json:"instances_before"` // different values handed out in one round, at most; 0: not counted
	InstancesAfter  int          `json:"instances_after"`
	FailureBefore   string       `json:"failure_before"`   // what else went wrong before the fix: a panic, a nil
	FastBefore      float64      `json:"fast_path_before"` // nanoseconds a call; 0: not measured
	FastAfter       float64      `json:"fast_path_after"`
	ParallelBefore  float64      `json:"parallel_before"` // the same, with all processors calling
	ParallelAfter   float64      `json:"parallel_after"`
	Checks          []string     `json:"checks"`        // what the test looked at
	Made            []string     `json:"made"`          // missing files that were made for the test
	OwnTests        string       `json:"own_tests"`     // how the package's own tests went, in a line
	TestsChanged    []TestChange `json:"tests_changed"` // those of them that end otherwise after the fixes
}

// A TestChange is a test of the package's own that ends otherwise after the fixes.
type TestChange struct {
	Name   string `json:"name"`
	Before string `json:"before"` // pass | fail | race | skip | none
	After  string `json:"after"`
}

// String returns the verdict in a line.
func (p *Proof) String() string {
	if p.Status == ProofNotRun {
		return "not run: " + p.Reason
	}
	parts := []string{"race before: " + raced(p.RaceBefore, p.ReportsBefore) + ", after: " + raced(p.RaceAfter, p.ReportsAfter)}
	if p.InstancesBefore > 0 && p.InstancesAfter > 0 {
		parts = append(parts, fmt.Sprintf("instances %d -> %d", p.InstancesBefore, p.InstancesAfter))
	}
	if p.Status == ProofPassed && p.Reason != "" {
		parts = append(parts, "only failures were tried, as "+p.Reason)
	}
	if p.ReportsOther > 0 {
		parts = append(parts, count(p.ReportsOther, "report")+" about other data")
	}
	if p.FailureBefore != "" {
		parts = append(parts, "before, it also failed: "+p.FailureBefore)
	}
	if len(p.Made) > 0 {
		parts = append(parts, "with "+strings.Join(p.Made, ", ")+", which is missing, made for the test")
	}
	if p.FastBefore > 0 && p.FastAfter > 0 {
		parts = append(parts, fmt.Sprintf("fast path %.1f ns -> %.1f ns", p.FastBefore, p.FastAfter))
	}
	for _, c := range p.TestsChanged {
		parts = append(parts, fmt.Sprintf("%s: %s -> %s", c.Name, c.Before, c.After))
	}
	if p.Status == ProofFailed {
		parts = append([]string{"failed: " + p.Reason}, parts...)
	}
	return strings.Join(parts, "; ")
}

// details returns what else a proof showed, a line each.
func (p *Proof) details() []string {
	var lines []string
	if len(p.Checks) > 0 {
		lines = append(lines, "looked at: "+strings.Join(p.Checks, ", "))
	}
	if p.OwnTests != "" {
		lines = append(lines, "the package's own tests: "+p.OwnTests)
	}
	for _, c := range p.TestsChanged {
		lines = append(lines, fmt.Sprintf("%s: %s before, %s after", c.Name, c.Before, c.After))
	}
	return lines
}

func raced(yes bool, reports int) string {
	switch {
	case !yes:
		return "no"
	case reports == 0:
		return "yes (it crashes)"
	}
	return "yes (" + count(reports, "report") + ")"
}

// Verdicts returns a line for each proof in r of a fix that changes the file.
func (r *Report) Verdicts(file string) []string {
	var lines []string
	for i := range r.Singletons {
		s := &r.Singletons[i]
		if s.Fix != nil && s.Fix.Proof != nil && len(s.Fix.Files) > 0 && s.Fix.Files[0] == file {
			lines = append(lines, s.Position.String()+": "+s.Var+": "+s.Fix.Proof.String())
		}
	}
	return lines
}

// filled returns a copy of p in which no list is nil; nil for nil.
func (p *Proof) filled() *Proof {
	if p == nil {
		return nil
	}
	out := *p
	out.Checks = orEmpty(p.Checks)
	out.Made = orEmpty(p.Made)
	out.TestsChanged = orEmpty(p.TestsChanged)
	return &out
}
