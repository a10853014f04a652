package race

import (
	"fmt"
	"slices"

	"github.com/singletonfix/singletonfix/detect"
)

// subjects finds out what can be run, and says of the rest why not.
func (job *Job) subjects(res *Result) []*subject {
	var subs []*subject
	after := detect.BuildFacts(job.After)
	for _, s := range job.Singletons {
		sub, err := job.subject(s, after)
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

// subject finds out what to call for s; after are the facts of the code that
// the fix leaves.
func (job *Job) subject(s *detect.Singleton, after *detect.Facts) (*subject, error) {
	sub, err := newSubject(s)
	if err != nil {
		return nil, err
	}
	if _, err := sub.getter.text(newMaker(job.Before, newImports(job.Before), 1)); err != nil {
		return nil, err
	}
	sub.others, sub.resets = job.able(sub.others, after), job.able(sub.resets, after)
	for _, after := range []bool{false, true} {
		if _, err := job.emptying(s, after, newImports(job.version(after))); err != nil {
			sub.lasting = err
		}
	}
	sub.tuning = sub.untuned(job.Before)
	return sub, nil
}

// able returns the targets whose arguments can be made, and that can do
// without a lock of their caller's after the fix, too.
func (job *Job) able(targets []*target, after *detect.Facts) []*target {
	return slices.DeleteFunc(targets, func(tgt *target) bool {
		_, err := tgt.text(newMaker(job.Before, newImports(job.Before), 1))
		return err != nil || slices.ContainsFunc(after.Funcs, func(f *detect.Func) bool {
			return f.Parent == nil && len(f.Entry) > 0 && f.PlainName() == tgt.fn.PlainName()
		})
	})
}
