package race

import (
	"regexp"

	"github.com/singletonfix/singletonfix/detect"
)

// Source returns the test that stays in a package: of those singletons of pkg,
// which are safe, that a test can call. It runs nothing, and so asks only for
// what the code shows. nil: there is nothing to test.
//
// known is what running the tests has shown, or nil.
func Source(pkg *detect.Package, singletons []*detect.Singleton, known *Result) ([]byte, error) {
	job := &Job{Before: pkg, After: pkg, Singletons: singletons}
	subs := job.subjects(&Result{Proofs: make(map[*detect.Singleton]*Proof)})
	if len(subs) == 0 {
		return nil, nil
	}
	for _, sub := range subs {
		sub.tuning.notNil = false // the code may have its reasons
		if known != nil && known.tunings[sub.name] != nil {
			sub.tuning = *known.tunings[sub.name]
		}
	}
	p, err := job.page(subs, false)
	if err != nil {
		return nil, err
	}
	return p.write()
}

var testFunc = regexp.MustCompile(`(?m)^func Test(\w+)\(`)

// Tested returns those of singletons, all of pkg, that src has a test of: src
// was written by [Source] for an earlier state of pkg.
func Tested(pkg *detect.Package, singletons []*detect.Singleton, src []byte) []*detect.Singleton {
	had := make(map[string]bool)
	for _, m := range testFunc.FindAllSubmatch(src, -1) {
		had[string(m[1])] = true
	}
	job := &Job{Before: pkg, After: pkg, Singletons: singletons}
	var tested []*detect.Singleton
	for _, sub := range job.subjects(&Result{Proofs: make(map[*detect.Singleton]*Proof)}) {
		if had[sub.name] {
			tested = append(tested, sub.singleton)
		}
	}
	return tested
}
