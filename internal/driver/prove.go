package driver

import (
	"context"
	"maps"
	"sync"
	"time"

	"github.com/singletonfix/singletonfix/internal/report"
	"github.com/singletonfix/singletonfix/internal/verify"
	"github.com/singletonfix/singletonfix/internal/verify/race"
)

// VerifyOptions say how fixes are proved by running them.
type VerifyOptions struct {
	Timeout  time.Duration // for each package
	Skip     Parts         // what to leave out
	Progress func(string)  // told what is being done; may be nil; called from several goroutines

	running sync.WaitGroup
	mu      sync.Mutex
	stopped bool
}

// Stop waits until nothing runs any more, and has nothing new begin: then no
// process is left, and no folder. The context of the run must be done.
func (v *VerifyOptions) Stop() {
	v.mu.Lock()
	v.stopped = true
	v.mu.Unlock()
	v.running.Wait()
}

// begin reports whether a package may still be run; running.Done ends that.
func (v *VerifyOptions) begin() bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	if !v.stopped {
		v.running.Add(1)
	}
	return !v.stopped
}

// Parts are what a proof can do without.
type Parts struct {
	Bench    bool // the time that the fast path takes
	OwnTests bool // the package's own tests
}

// howToReport ends the sentence about a proof that failed.
const howToReport = "; please report it: --report-bug DIR writes what is needed"

// prove runs the fixes that change makes, and returns what is left of it: a
// fix whose proof fails is taken out.
func (r *run) prove(ctx context.Context, l *look, findings []*finding, change *Package) *Package {
	job, proved := r.job(l, findings, change)
	if job == nil {
		return change
	}
	if !r.opts.Verify.begin() {
		return nil // interrupted
	}
	defer r.opts.Verify.running.Done()
	var res *race.Result
	var err error
	ended := l.guard("proving the fixes", func() { res, err = race.Prove(ctx, job, r.raceOptions()) })
	if ctx.Err() != nil {
		return nil // interrupted: nothing is written
	}
	if !ended || err != nil {
		reason := "singletonfix panicked; the error of the package says where"
		if err != nil {
			reason = err.Error()
		}
		for _, f := range proved {
			f.proof = &report.Proof{Status: report.ProofNotRun, Reason: reason}
		}
		return change
	}
	return r.keepProved(ctx, l, findings, proved, res, change)
}

// keepProved notes the proofs, and returns the change without the fixes that
// failed theirs.
func (r *run) keepProved(ctx context.Context, l *look, findings, proved []*finding, res *race.Result, change *Package) *Package {
	failed := false
	for _, f := range proved {
		f.proof = proofOf(res, res.Proofs[f.singleton])
		if f.proof.Status == report.ProofFailed {
			failed = true
			f.failed = &Failure{Changes: change.Changes, Test: res.Test, Log: res.Proofs[f.singleton].Log}
			f.problem = &verify.Problem{Code: verify.Failed, Message: "its proof failed: " + f.proof.Reason + howToReport}
		}
	}
	if failed {
		change = r.fix(ctx, l, findings)
	}
	if change == nil {
		return nil
	}
	changes, problem := r.withRaceTest(l, change.Changes, proved, res)
	if problem == nil {
		change.Changes = changes
	}
	return change
}

func (r *run) raceOptions() race.Options {
	v := r.opts.Verify
	return race.Options{Timeout: v.Timeout, Progress: v.Progress, Tags: r.opts.Tags, Mod: r.opts.Mod, Bench: !v.Skip.Bench, OwnTests: !v.Skip.OwnTests}
}

// job returns what is to be run, and the findings that it is about; nil where
// the changed package cannot be looked at.
func (r *run) job(l *look, findings []*finding, change *Package) (*race.Job, []*finding) {
	files := make(map[string][]byte)
	for _, c := range change.Changes {
		files[c.File.Name] = c.After
	}
	if change.managed {
		maps.Copy(files, r.managers.of(l).Missing)
	}
	checked, err := l.set.RecheckAlone(l.pkg, files)
	if err != nil {
		return nil, nil // it was looked at a moment ago
	}
	job := &race.Job{Before: l.pkg, After: checked.Package, Changes: files, Dir: l.set.Dir(l.pkg), Root: l.set.ModuleRoot(l.pkg)}
	var about []*finding
	for _, f := range findings {
		if f.plan != nil && f.problem == nil && r.applies(f.plan) {
			job.Singletons = append(job.Singletons, f.singleton)
			about = append(about, f)
		}
	}
	return job, about
}

// proofOf returns p, of res, as the report shows it.
func proofOf(res *race.Result, p *race.Proof) *report.Proof {
	out := &report.Proof{
		Status: p.Status, Reason: p.Reason,
		RaceBefore: p.Before.Raced, RaceAfter: p.After.Raced,
		ReportsBefore: p.Before.Reports, ReportsAfter: p.After.Reports, ReportsOther: p.After.Others,
		InstancesBefore: p.Before.Instances, InstancesAfter: p.After.Instances,
		FailureBefore: p.Before.Failure,
		FastBefore:    p.Before.Single, FastAfter: p.After.Single,
		ParallelBefore: p.Before.Parallel, ParallelAfter: p.After.Parallel,
		Checks: p.Checks, Made: p.Made, OwnTests: res.OwnTests,
	}
	for _, c := range res.Tests {
		out.TestsChanged = append(out.TestsChanged, report.TestChange(c))
	}
	return out
}
