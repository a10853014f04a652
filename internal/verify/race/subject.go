package race

import (
	"fmt"
	"slices"
	"unicode"
	"unicode/utf8"

	"github.com/singletonfix/singletonfix/detect"
)

// A subject is a singleton and the functions that its test calls.
type subject struct {
	singleton *detect.Singleton
	name      string    // of the test, without Test and Benchmark
	getter    *target   // fills it
	others    []*target // fill or read it too
	later     []*target // read it and rely on its being filled
	resets    []*target // empty or replace it
	lasting   error     // why it cannot be emptied between two rounds; nil if it can
	tuning    tuning
	failing   string   // the error that every call returns here; "" if one succeeds
	closes    int      // how often resets, called alone, close one value
	unfilled  bool     // the calls leave its variable empty
	made      []string // files that were made for it
	answers   []answer // of the code as it was, called alone
}

// newSubject finds out what there is to call. The error says why the
// singleton's code cannot be run.
func newSubject(s *detect.Singleton) (*subject, error) {
	sub := &subject{singleton: s}
	for _, f := range fillers(s) {
		tgt, err := newTarget(s, f)
		if err != nil {
			return nil, err
		}
		if sub.getter == nil || f.PlainName() == s.Getter() {
			sub.others = appendTarget(sub.others, sub.getter)
			sub.getter = tgt
			continue
		}
		sub.others = appendTarget(sub.others, tgt)
	}
	if sub.getter == nil {
		return nil, fmt.Errorf("no function that fills %s can be called", s.Vars[0].Name())
	}
	sub.addUsers()
	sub.preferValue()
	sub.name = "Race" + testName(sub.getter.fn.PlainName())
	return sub, nil
}

// preferValue has a function take the getter's place that calls it and hands
// out the value, where the getter itself hands out none.
func (sub *subject) preferValue() {
	if sub.getter.value >= 0 {
		return
	}
	for i, tgt := range sub.others {
		if tgt.value >= 0 && slices.Contains(upwards(sub.getter.fn), tgt.fn) {
			sub.getter, sub.others[i] = tgt, sub.getter
			return
		}
	}
}

// appendTarget appends tgt unless it is nil or there already.
func appendTarget(list []*target, tgt *target) []*target {
	if tgt == nil || slices.ContainsFunc(list, func(have *target) bool { return have.fn == tgt.fn }) {
		return list
	}
	return append(list, tgt)
}

// addUsers adds the resets and what else reads or writes the variables while
// goroutines share them. What cannot be called is left out: the test then
// says less, and nothing wrong.
func (sub *subject) addUsers() {
	s := sub.singleton
	for _, f := range s.Resets {
		for _, f := range entries(f) {
			if tgt, err := newTarget(s, f); err == nil && f != sub.getter.fn {
				sub.resets = appendTarget(sub.resets, tgt)
			}
		}
	}
	for _, v := range s.Vars {
		for _, a := range v.Accesses {
			if a.In == nil || a.Phase != detect.Shared || a.File.Test {
				continue
			}
			for _, f := range entries(a.In) {
				sub.addUser(f)
			}
		}
	}
}

func (sub *subject) addUser(f *detect.Func) {
	is := func(tgt *target) bool { return tgt.fn == f }
	if is(sub.getter) || slices.ContainsFunc(sub.resets, is) || f.Phase != detect.Shared {
		return
	}
	if tgt, err := newTarget(sub.singleton, f); err == nil {
		sub.others = appendTarget(sub.others, tgt)
	}
}

// testName returns the name of a function as part of the name of a test:
// Get, ServerGet.
func testName(plain string) string {
	name, start := "", true
	for _, r := range plain {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			start = true
			continue
		}
		if start {
			r = unicode.ToUpper(r)
		}
		name, start = name+string(r), false
	}
	if first, _ := utf8.DecodeRuneInString(name); unicode.IsDigit(first) {
		return "N" + name
	}
	return name
}
