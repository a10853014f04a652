package race

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"strings"

	"github.com/singletonfix/singletonfix/detect"
)

// Prove runs a Job. Each of its singletons gets a Proof; the error says why
// the run as a whole was cut short.
func Prove(ctx context.Context, job *Job, opts Options) (*Result, error) {
	if opts.Timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, opts.Timeout)
		defer cancel()
	}
	res := &Result{Proofs: make(map[*detect.Singleton]*Proof), tunings: make(map[string]*tuning)}
	subs := job.subjects(res)
	s, err := open(ctx, job, opts)
	if err != nil {
		return nil, fmt.Errorf("prove the fixes of %s: %w", job.Before.Path, err)
	}
	defer s.close()
	s.proveAll(subs, res)
	if errors.Is(ctx.Err(), context.Canceled) {
		return nil, ctx.Err()
	}
	return res, nil
}

// subjects finds out what can be run, and says of the rest why not.
func (job *Job) subjects(res *Result) []*subject {
	var subs []*subject
	for _, s := range job.Singletons {
		sub, err := job.subject(s)
		if err != nil {
			res.Proofs[s] = &Proof{Status: NotRun, Reason: err.Error()}
			continue
		}
		for _, other := range subs {
			if other.name == sub.name {
				sub.name += testName(s.Vars[0].Name())
			}
		}
		sub.name = job.freeTest(sub.name)
		subs = append(subs, sub)
	}
	return subs
}

// freeTest returns a name that is free with Test and with Benchmark before it.
func (job *Job) freeTest(name string) string {
	for n, found := 2, name; ; n++ {
		if !isTaken(job.Before, "Test"+found) && !isTaken(job.Before, "Benchmark"+found) {
			return found
		}
		found = fmt.Sprintf("%s%d", name, n)
	}
}

func (job *Job) subject(s *detect.Singleton) (*subject, error) {
	sub, err := newSubject(s)
	if err != nil {
		return nil, err
	}
	if _, err := sub.getter.text(newMaker(job.Before, newImports(job.Before), 1)); err != nil {
		return nil, err
	}
	for _, after := range []bool{false, true} {
		if _, err := job.emptying(s, after, newImports(job.version(after))); err != nil {
			sub.lasting = err
		}
	}
	sub.tuning = sub.untuned(job.Before)
	return sub, nil
}

// proveAll proves what can be run.
func (s *session) proveAll(subs []*subject, res *Result) {
	if len(subs) == 0 {
		return
	}
	if err := s.toolchain(); err != nil {
		notRun(subs, res, err)
		return
	}
	before, subs, err := s.firstLook(subs, res)
	if err != nil {
		notRun(subs, res, err)
		return
	}
	if len(subs) == 0 {
		return
	}
	after, err := s.buildSide(subs, true, true)
	res.Test = s.source
	if err != nil {
		notRun(subs, res, fmt.Errorf("the test of the fixed code does not compile: %w", err))
		return
	}
	for _, sub := range subs {
		res.Proofs[sub.singleton] = s.prove(sub, before, after)
		res.tunings[sub.name] = &sub.tuning
	}
	if s.opts.OwnTests {
		s.ownTests(subs, before, after, res)
	}
	if s.opts.Bench {
		s.benchAll(subs, res)
	}
}

// notRun says of all subs that they could not be run.
func notRun(subs []*subject, res *Result, err error) {
	reason := err.Error()
	if errors.Is(err, context.DeadlineExceeded) {
		reason = "the time for the package was up"
	}
	for _, sub := range subs {
		res.Proofs[sub.singleton] = &Proof{Status: NotRun, Reason: reason}
	}
}

// toolchain says why the race detector cannot be used here; nil if it can.
func (s *session) toolchain() error {
	out, err := s.run(s.job.Dir, s.env(), "go", "env", "-json", "CGO_ENABLED", "CC", "GOCACHE", "GOPATH", "GOMODCACHE")
	if err != nil {
		return fmt.Errorf("the go command cannot be run: %s", strings.TrimSpace(string(out)+" "+err.Error()))
	}
	env := make(map[string]string)
	if err := json.Unmarshal(out, &env); err != nil {
		return fmt.Errorf("read what `go env` prints: %w", err)
	}
	if env["CGO_ENABLED"] != "1" {
		return errors.New("the race detector needs cgo, and CGO_ENABLED is 0")
	}
	for _, name := range []string{"GOCACHE", "GOPATH", "GOMODCACHE"} {
		s.goEnv = append(s.goEnv, name+"="+env[name]) // which tests would look for in the home folder
	}
	return compiler(env["CC"])
}

// buildSide compiles one version of the package with the race tests of subs
// and, where the race detector is on, their probes.
func (s *session) buildSide(subs []*subject, after, race bool) (binary, error) {
	p, err := s.job.page(subs, after)
	if err != nil {
		return "", err
	}
	files := make(map[string][]byte)
	side := "before"
	if after {
		maps.Copy(files, s.job.Changes)
		side = "after"
	}
	if s.source, err = p.write(); err != nil {
		return "", err
	}
	files[filepath.Join(s.job.Dir, FileName)] = s.source
	if race {
		pkg := s.job.version(after)
		s.job.withYields(pkg, variables(pkg, s.job.names(after)), files)
		if files[filepath.Join(s.job.Dir, "singletonfix_probe_test.go")], err = s.job.probes(p, subs, after); err != nil {
			return "", err
		}
	}
	s.say("compiling the tests of the code %s the fix", side)
	return s.build(fmt.Sprintf("%s-race=%v-%d", side, race, s.next()), files, race)
}

// firstLook compiles the code as it was, and finds out by probes what may be
// asked of each singleton. It returns those that can be run.
func (s *session) firstLook(subs []*subject, res *Result) (binary, []*subject, error) {
	bin, err := s.buildSide(subs, false, true)
	if err != nil {
		return "", subs, fmt.Errorf("its test does not compile: %w", err)
	}
	var able []*subject
	retuned := false
	for _, sub := range subs {
		was := sub.tuning
		if err := s.probe(sub, bin); err != nil {
			notRun([]*subject{sub}, res, err)
			continue
		}
		able = append(able, sub)
		retuned = retuned || sub.tuning.rounds != was.rounds // the rest can be left out when the test is run
	}
	if !retuned || len(able) == 0 {
		return bin, able, nil
	}
	bin, err = s.buildSide(able, false, true)
	return bin, able, err
}

// probe calls the getter alone on the code as it was. The error says why a
// test would say nothing.
func (s *session) probe(sub *subject, bin binary) error {
	s.say("trying %s", sub.getter.fn.PlainName())
	r := s.test(bin, "-test.run=^"+probeName+`\d*`+sub.name+"$", "-test.v", "-test.count=1")
	seen := readProbe(r.out)
	answers := seen.answers
	called := sub.getter.fn.PlainName()
	switch {
	case !r.ended:
		return fmt.Errorf("%s, called alone, does not return", called)
	case len(answers) == 0 && !strings.Contains(r.out, "=== RUN"):
		return fmt.Errorf("the package's tests do not start%s", lastLine(r.out))
	case !seen.ended:
		return fmt.Errorf("%s, called alone with made-up arguments, ends with %s", called, r.ending())
	case allFailed(answers) && s.supply(sub, answers[0].err):
		return s.probe(sub, bin)
	case allFailed(answers):
		sub.failing = answers[0].err
	}
	sub.answers, sub.unfilled = answers, !seen.filled && sub.failing == ""
	sub.tune(answers)
	return nil
}

// ending returns how a run ended, in a line.
func (r runOf) ending() string {
	if f := r.failure(); f != "" {
		return f
	}
	return "a failure" + lastLine(r.out)
}

func allFailed(answers []answer) bool {
	for _, a := range answers {
		if !a.failed {
			return false
		}
	}
	return len(answers) > 0
}

// patience is how often a race is looked for in the code as it was.
const patience = 4

// prove runs the test of one singleton on both versions.
func (s *session) prove(sub *subject, before, after binary) *Proof {
	s.say("racing %s", sub.getter.fn.PlainName())
	p := &Proof{Status: Passed, Checks: sub.checks(), Made: sub.made}
	times := 1 // processes
	if sub.lasting != nil {
		times = 5
	}
	p.Before = s.race(sub, before, false, times)
	for tries := 1; tries < patience && !p.Before.Raced && p.Before.Instances < 2; tries++ {
		p.Before = s.race(sub, before, false, times) // what the code prints keeps its goroutines apart, now and then
	}
	p.After = s.race(sub, after, true, times)
	if s.ctx.Err() != nil {
		return &Proof{Status: NotRun, Reason: "the time for the package was up"}
	}
	switch why := s.disproof(sub, p, after); {
	case why != "":
		p.Status, p.Reason, p.Log = Failed, why, s.log
	case p.After.Failure != "":
		p.Status, p.Reason = NotRun, "its test fails before the fix and after it: "+p.After.Failure
	case sub.unfilled && !p.Before.Raced:
		p.Status, p.Reason = NotRun, fmt.Sprintf("%s does not fill %s when it is called with made-up arguments", sub.getter.fn.PlainName(), sub.singleton.Vars[0].Name())
	case sub.failing != "" && !p.Before.Raced:
		p.Status, p.Reason = NotRun, fmt.Sprintf("%s fails here: %s", sub.getter.fn.PlainName(), sub.failing)
	}
	return p
}

// race runs the test of a singleton in a number of processes.
func (s *session) race(sub *subject, bin binary, after bool, times int) Verdict {
	pkg := s.job.version(after)
	own := ownLines(pkg, variables(pkg, s.job.namesOf(sub.singleton, after)))
	var sum Verdict
	for range times {
		args := []string{"-test.run=^Test" + sub.name + "$", "-test.v", "-test.count=1"}
		if !sub.tuning.args {
			args = append(args, "-test.skip=/^first_arguments_win$")
		}
		r := s.test(bin, args...)
		s.log = r.out
		v := r.read(sub.tuning, s.job.Dir, own)
		sum.Raced = sum.Raced || v.Raced
		sum.Reports = max(sum.Reports, v.Reports)
		sum.Others = max(sum.Others, v.Others)
		sum.Instances = max(sum.Instances, v.Instances)
		if sum.Failure == "" {
			sum.Failure = v.Failure
		}
	}
	return sum
}

// disproof says what the run shows to be wrong with the fix; "" if nothing.
func (s *session) disproof(sub *subject, p *Proof, after binary) string {
	switch v := p.After; {
	case v.Raced:
		return "the fixed code races"
	case v.Instances > 1:
		return fmt.Sprintf("the fixed code hands out %d different values", v.Instances)
	case v.Failure != "" && v.Failure != p.Before.Failure:
		return "the fixed code fails its test: " + v.Failure
	}
	if sub.singleton.Pattern == "lost-once-error" {
		return "" // it is fixed to answer otherwise
	}
	r := s.test(after, "-test.run=^"+probeName+`\d*`+sub.name+"$", "-test.v", "-test.count=1")
	s.log += r.out
	seen := readProbe(r.out)
	if !seen.ended {
		return "the fixed code, called alone, ends with " + r.ending()
	}
	if diff := answersDiffer(sub.answers, seen.answers); diff != "" {
		return "called alone, the fixed code answers otherwise: " + diff
	}
	return ""
}

// checks names what the test of sub looks at.
func (sub *subject) checks() []string {
	list := []string{"races"}
	for _, c := range []struct {
		is   bool
		name string
	}{
		{sub.tuning.value, "one-value"},
		{sub.tuning.args, "first-arguments-win"},
		{len(sub.resets) > 0, "resets"},
		{true, "same-answers"},
	} {
		if c.is {
			list = append(list, c.name)
		}
	}
	return list
}

// benchAll measures the fast paths, without the race detector.
func (s *session) benchAll(subs []*subject, res *Result) {
	for _, after := range []bool{false, true} {
		bin, err := s.buildSide(subs, after, false)
		if err != nil {
			return // not measured
		}
		for _, sub := range subs {
			p := res.Proofs[sub.singleton]
			v := &p.Before
			if after {
				v = &p.After
			}
			s.say("measuring %s", sub.getter.fn.PlainName())
			v.readBench(s.test(bin, "-test.run=^$", "-test.bench=^Benchmark"+sub.name+"$", "-test.benchtime=100ms").out)
		}
	}
}
