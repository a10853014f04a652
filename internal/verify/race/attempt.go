package race

import (
	"errors"
	"fmt"
)

// patience is how often a race is looked for in the code as it was.
const patience = 4

// proveWithLess is prove; where the test fails on both versions alike, the
// functions that it calls beside the getter may be to blame, and it tries
// without them: without readers, then without resets.
func (s *session) proveWithLess(sub *subject, before, after binary) *Proof {
	p := s.prove(sub, before, after)
	for _, rest := range []*[]*target{&sub.others, &sub.resets} {
		if p.Status != NotRun || p.After.Failure == "" || len(*rest) == 0 {
			continue
		}
		*rest = nil
		var err [2]error
		before, err[0] = s.buildSide([]*subject{sub}, false, true)
		after, err[1] = s.buildSide([]*subject{sub}, true, true)
		if errors.Join(err[:]...) == nil {
			p = s.prove(sub, before, after)
		}
	}
	return p
}

// prove runs the test of one singleton on both versions.
func (s *session) prove(sub *subject, before, after binary) *Proof {
	s.say("racing %s", sub.getter.fn.PlainName())
	p := &Proof{Status: Passed, Checks: sub.checks(), Made: sub.made}
	times := 1 // processes
	if sub.lasting != nil {
		times = 5
	}
	p.Before = s.race(sub, before, false, times)
	for tries := 1; tries < patience && !p.Before.Raced && p.Before.Instances < 2 && p.Before.Failure == ""; tries++ {
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
	case sub.failing != "":
		p.Reason = fmt.Sprintf("%s fails here: %s", sub.getter.fn.PlainName(), sub.failing)
		if !p.Before.Raced {
			p.Status = NotRun
		}
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
		r := s.testWith([]string{"GOGC=off"}, bin, args...) // see mostClosed
		s.log = r.out
		v := r.read(sub.tuning, s.job.Dir, own)
		sum.Raced = sum.Raced || v.Raced
		sum.Reports = max(sum.Reports, v.Reports)
		sum.Others = max(sum.Others, v.Others)
		sum.Instances = max(sum.Instances, v.Instances)
		sum.Closes = max(sum.Closes, mostClosed(r.out))
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
	case sub.closes == 1 && v.Closes > 1:
		return fmt.Sprintf("the fixed code closes one value %d times", v.Closes)
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
		{sub.closes == 1, "closed-once"},
		{sub.failing != "", "failures"},
		{true, "same-answers"},
	} {
		if c.is {
			list = append(list, c.name)
		}
	}
	return list
}
