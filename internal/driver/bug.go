package driver

import (
	"slices"
	"strconv"
	"strings"

	"github.com/singletonfix/singletonfix/detect"
	"github.com/singletonfix/singletonfix/internal/reduce"
	"github.com/singletonfix/singletonfix/rewrite"
)

// A Failure is a fix that was planned and found wrong, a bug of ours, with
// what shows it.
type Failure struct {
	ID      string           // of the singleton
	Why     string           // what was found wrong
	Dir     string           // of the package
	Root    string           // of its module
	Changes []rewrite.Change // what the fix would have changed, perhaps with others of the package; may be empty
	Test    []byte           // the race test that it failed; nil if it failed a check before that
	Log     string           // what the test printed

	pkg       *detect.Package
	singleton *detect.Singleton
}

// failureOf returns what shows that f is wrong.
func (r *run) failureOf(l *look, f *finding) *Failure {
	out := &Failure{}
	if f.failed != nil {
		out = f.failed
	} else if changes, problem := apply(l, []*rewrite.Plan{f.plan}); problem == nil {
		out.Changes = changes
	}
	out.ID = l.pkg.Path + "." + f.singleton.Vars[0].Name()
	out.Why = strings.TrimSuffix(f.problem.Message, howToReport)
	out.Dir, out.Root = l.set.Dir(l.pkg), l.set.ModuleRoot(l.pkg)
	out.pkg, out.singleton = l.pkg, f.singleton
	return out
}

// Versions returns the files of the package, by absolute name, cut down ever
// less: to what the singleton needs, that with the tests that use it, and whole.
func (f *Failure) Versions() []map[string][]byte {
	whole := make(map[string][]byte)
	for _, file := range f.pkg.Files {
		whole[file.Name] = file.Src
	}
	about := []*detect.Singleton{f.singleton}
	return []map[string][]byte{reduce.Package(f.pkg, about, false), reduce.Package(f.pkg, about, true), whole}
}

// Imports returns what the package and its tests import, sorted.
func (f *Failure) Imports() []string {
	var paths []string
	for _, file := range f.pkg.Files {
		for _, spec := range file.Syntax.Imports {
			if path, err := strconv.Unquote(spec.Path.Value); err == nil {
				paths = append(paths, path)
			}
		}
	}
	slices.Sort(paths)
	return slices.Compact(paths)
}
