package race

import (
	"go/types"
	"regexp"
	"slices"

	"github.com/singletonfix/singletonfix/detect"
)

// Source returns the test that stays in a package: of those singletons of pkg,
// which are safe, that a test can call. It runs nothing, and so asks only for
// what the code shows. nil: there is nothing to test.
//
// Of the others, untested says why a test cannot call them. known is what
// running the tests has shown, or nil.
func Source(pkg *detect.Package, singletons []*detect.Singleton, known *Result) (src []byte, untested map[*detect.Singleton]string, err error) {
	job := &Job{Before: pkg, After: pkg, Singletons: singletons}
	res := &Result{Proofs: make(map[*detect.Singleton]*Proof)}
	subs := job.subjects(res)
	untested = make(map[*detect.Singleton]string)
	for s, p := range res.Proofs {
		untested[s] = p.Reason
	}
	if len(subs) == 0 {
		return nil, untested, nil
	}
	for _, sub := range subs {
		sub.tuning.notNil = false // the code may have its reasons
		if sub.mayCount() {
			sub.tuning.value, sub.tuning.args = false, false
		}
		if known != nil && known.tunings[sub.name] != nil {
			sub.tuning = *known.tunings[sub.name]
		}
	}
	p, err := job.page(subs, false)
	if err != nil {
		return nil, nil, err
	}
	src, err = p.write()
	return src, untested, err
}

// mayCount reports whether what the getter returns comes from a map of
// numbers or the like, and so may be another at each call.
func (sub *subject) mayCount() bool {
	if sub.getter.value < 0 || nilable(sub.valueType()) {
		return false
	}
	return slices.ContainsFunc(sub.singleton.Vars, func(v *detect.Variable) bool {
		m, ok := v.Obj.Type().Underlying().(*types.Map)
		return ok && v.Field == "" && types.Identical(m.Elem(), sub.valueType())
	})
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
