package race

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// How a test of the package's own ends.
const (
	passes  = "pass"
	fails   = "fail"
	races   = "race"
	skipped = "skip"
	crashes = "crash" // the process ended in it, or had to be ended
	absent  = "none"
)

// ownTests runs the package's own tests on both versions of the code.
func (s *session) ownTests(subs []*subject, before, after binary, res *Result) {
	s.say("running the package's own tests")
	skip := "-test.skip=^(" + probeName + `\d*.*|` + testNames(subs) + ")$"
	was := s.test(before, "-test.v", "-test.count=1", skip).endings()
	r := s.test(after, "-test.v", "-test.count=1", skip)
	is := r.endings()
	if len(was) == 0 || s.ctx.Err() != nil {
		return // there are none, or time is up
	}
	for _, name := range slices.Sorted(maps.Keys(was)) {
		a, b := was[name], endingOf(is, name)
		if b == absent && !r.ended {
			continue // its turn had not come when its time was up
		}
		if a != b {
			res.Tests = append(res.Tests, s.again(name, before, after, TestChange{name, a, b}))
		}
	}
	res.Tests = slices.DeleteFunc(res.Tests, func(c TestChange) bool { return c.Before == c.After })
	res.OwnTests = fmt.Sprintf("%d of %d pass before, %d after", count(was, passes), len(was), count(is, passes))
	if !r.ended {
		res.OwnTests += " until the time was up"
	}
	for _, c := range res.Tests {
		if c.broken() {
			s.blame(c, res)
			return
		}
	}
}

// broken reports whether the fix has broken a test. One that a crash kept
// from running says nothing.
func (c TestChange) broken() bool {
	return c.Before == passes && (c.After == fails || c.After == races || c.After == crashes)
}

// again runs a test alone if the fix seems to have broken it: what fails now
// and then is no news.
func (s *session) again(name string, before, after binary, c TestChange) TestChange {
	if !c.broken() {
		return c
	}
	only := []string{"-test.v", "-test.count=3", "-test.run=^" + regexp.QuoteMeta(name) + "$"}
	c.Before = endingOf(s.test(before, only...).endings(), name)
	r := s.test(after, only...)
	s.log = r.out
	c.After = endingOf(r.endings(), name)
	return c
}

// blame has all proofs fail: a test that passed does not any more.
func (s *session) blame(c TestChange, res *Result) {
	for _, p := range res.Proofs {
		if p.Status == Passed {
			p.Status = Failed
			p.Log = s.log
			p.Reason = fmt.Sprintf("the package's own %s passed, and now ends with %s", c.Name, c.After)
		}
	}
}

// testNames returns the tests of subs as alternatives of a regular expression.
func testNames(subs []*subject) string {
	var names []string
	for _, sub := range subs {
		names = append(names, "Test"+sub.name)
	}
	return strings.Join(names, "|")
}

func count(endings map[string]string, ending string) int {
	n := 0
	for _, e := range endings {
		if e == ending {
			n++
		}
	}
	return n
}

func endingOf(endings map[string]string, name string) string {
	if e := endings[name]; e != "" {
		return e
	}
	return absent
}

var (
	current = regexp.MustCompile(`^=== (?:RUN|NAME|CONT)\s+([^/\s]+)`)
	result  = regexp.MustCompile(`^--- (PASS|FAIL|SKIP): (\S+)`)
)

// endings returns how each test of a run ended; of several runs of one, the worst.
func (r runOf) endings() map[string]string {
	found := make(map[string]string)
	raced := make(map[string]bool)
	running := ""
	for line := range strings.Lines(r.out) {
		if m := current.FindStringSubmatch(line); m != nil {
			running = m[1]
			if found[running] == "" {
				found[running] = crashes // until it is said to have ended
			}
		}
		if strings.Contains(line, "race detected during execution of test") {
			raced[running] = true
		}
		if m := result.FindStringSubmatch(line); m != nil {
			name := m[2]
			switch ending := map[string]string{"PASS": passes, "FAIL": fails, "SKIP": skipped}[m[1]]; {
			case ending == fails && raced[name]:
				found[name] = races
			case found[name] != fails && found[name] != races:
				found[name] = ending
			}
		}
	}
	return found
}
