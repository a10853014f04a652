package driver

import (
	"cmp"
	"fmt"
	"path/filepath"
	"slices"

	"github.com/singletonfix/singletonfix/detect"
	"github.com/singletonfix/singletonfix/internal/verify"
	"github.com/singletonfix/singletonfix/internal/verify/race"
	"github.com/singletonfix/singletonfix/rewrite"
)

// withRaceTest returns changes together with the race test of the package as
// they leave it: where one is asked for, or stands there from an earlier run.
// known is what running the fixes showed, or nil.
func (r *run) withRaceTest(l *look, changes []rewrite.Change, todo []*finding, known *race.Result) ([]rewrite.Change, *verify.Problem) {
	old, problem := r.oldRaceTest(l)
	if old == nil || problem != nil {
		return changes, problem
	}
	changes = slices.DeleteFunc(slices.Clone(changes), func(c rewrite.Change) bool { return c.File.Name == old.Name })
	after, err := r.lookWithout(l, changes, old)
	if err != nil {
		return nil, &verify.Problem{Code: verify.Failed, Message: err.Error()}
	}
	var src []byte
	if !l.guard("writing the race test", func() { src, err = writeRaceTest(after, todo, old, known) }) {
		return nil, aPanic
	}
	if err != nil {
		return nil, &verify.Problem{Code: verify.Failed, Message: err.Error()}
	}
	if src == nil {
		return changes, nil // nothing that a test could call
	}
	return append(changes, rewrite.Change{File: old, Before: old.Src, After: src}), nil
}

// oldRaceTest returns the race test of a package, which is empty if it is to
// be new; nil if there is to be none.
func (r *run) oldRaceTest(l *look) (*detect.File, *verify.Problem) {
	name := filepath.Join(l.set.Dir(l.pkg), race.FileName)
	for _, f := range l.pkg.Files {
		switch {
		case f.Name != name:
		case f.IsRaceTest():
			return f, nil
		case r.opts.RaceTests:
			return nil, &verify.Problem{Code: verify.Failed, Message: fmt.Sprintf("%s is there already, and --race-tests has not written it; rename it", race.FileName)}
		}
	}
	if !r.opts.RaceTests {
		return nil, nil
	}
	return &detect.File{Name: name, Test: true}, nil
}

// lookWithout returns the package as changes leave it, without its race test,
// which still speaks of how it was.
func (r *run) lookWithout(l *look, changes []rewrite.Change, old *detect.File) (*detect.Package, error) {
	overlay := map[string][]byte{}
	if len(old.Src) > 0 {
		overlay[old.Name] = []byte("package " + l.pkg.Types.Name() + "\n")
	}
	for _, c := range changes {
		overlay[c.File.Name] = c.After
	}
	checked, err := l.set.RecheckAlone(l.pkg, overlay)
	if err != nil {
		return nil, err
	}
	return checked.Package, nil
}

// writeRaceTest returns the race test of after, of what todo has fixed and of
// what old is about, and notes what of todo it leaves out; nil if that is all.
func writeRaceTest(after *detect.Package, todo []*finding, old *detect.File, known *race.Result) ([]byte, error) {
	found := append(slices.DeleteFunc(detect.Find(after), func(s *detect.Singleton) bool { return !s.Safe }), race.SafeFields(after)...)
	slices.SortStableFunc(found, func(a, b *detect.Singleton) int { return cmp.Compare(a.Vars[0].Obj.Pos(), b.Vars[0].Obj.Pos()) })
	wanted := race.Tested(after, found, old.Src)
	fixed := make(map[*finding]*detect.Singleton)
	for _, f := range todo {
		if fixed[f] = sameOf(found, f.singleton); fixed[f] != nil {
			wanted = append(wanted, fixed[f])
		}
	}
	src, untested, err := race.Source(after, slices.DeleteFunc(found, func(s *detect.Singleton) bool { return !slices.Contains(wanted, s) }), known)
	for _, f := range todo {
		f.untested = untested[fixed[f]]
		if fixed[f] == nil {
			f.untested = "the fixed code has no function that just hands out its value"
		}
	}
	return src, err
}
