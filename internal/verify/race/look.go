package race

import (
	"fmt"
	"strings"
)

// firstLook compiles the code as it was, and finds out by probes what may be
// asked of each singleton. It returns those that can be run.
func (s *session) firstLook(subs []*subject, res *Result) (binary, []*subject, error) {
	bin, err := s.buildSide(subs, false, true)
	if err != nil {
		return "", subs, fmt.Errorf("its tests do not build here: %w", err)
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
		retuned = retuned || sub.tuning.rounds != was.rounds || len(sub.later) > 0 // the rest can be left out when the test is run
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
	r := s.testWith([]string{"GOGC=off"}, bin, "-test.run=^"+probeName+`\d*`+sub.name+"$", "-test.v", "-test.count=1")
	seen := readProbe(r.out)
	answers := seen.answers
	called := sub.getter.fn.PlainName()
	switch {
	case !r.ended && seen.ended:
		sub.others = nil // one of them does not return
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
	sub.closes = mostClosed(r.out)
	sub.answers, sub.unfilled = answers, !seen.filled && sub.failing == ""
	sub.tune(answers)
	sub.order(seen.panics)
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
