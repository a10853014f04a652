package race

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
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
		notRun(subs, res, fmt.Errorf("the tests of the fixed code do not build here: %w", err))
		return
	}
	for _, sub := range subs {
		res.Proofs[sub.singleton] = s.proveWithLess(sub, before, after)
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
