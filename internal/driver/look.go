package driver

import (
	"cmp"
	"context"
	"fmt"
	"go/token"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/singletonfix/singletonfix/detect"
	"github.com/singletonfix/singletonfix/internal/load"
	"github.com/singletonfix/singletonfix/internal/report"
)

// A look is a package and the singletons in it that the run is about.
type look struct {
	pkg        *detect.Package
	set        *load.Set // that pkg is of
	singletons []*detect.Singleton
	suppressed []*detect.Singleton // what comments say to leave alone
	known      int                 // unsafe ones that a baseline has
	errors     []report.Error
	build      string           // the name of the build, if it is another than the run's
	builds     map[string]*look // the package in other builds, by the build's name
	taken      map[string]bool  // files that the fixes of another package change
}

// unsafe reports whether the run is about an unsafe singleton of l.
func (l *look) unsafe() bool {
	return slices.ContainsFunc(l.singletons, func(s *detect.Singleton) bool { return !s.Safe })
}

// look finds the singletons of every package of set, whose worlds are known by
// their paths, or are not asked for yet.
func (r *run) look(ctx context.Context, set *load.Set, worlds map[string]*detect.World) []*look {
	looks := make([]*look, len(set.Packages))
	each(len(looks), func(i int) {
		l := &look{pkg: set.Packages[i], set: set}
		looks[i] = l
		if ctx.Err() != nil {
			return // interrupted
		}
		l.pkg.World = worlds[l.pkg.Path]
		l.guard("looking for singletons", func() { r.sort(l, r.find(l.pkg, set)) })
	})
	return looks
}

// lookCloser looks again, with exact types, at the packages in which the
// first look found something unsafe. Only what is exact is changed.
func (r *run) lookCloser(ctx context.Context, scanned *load.Set, looks []*look) []*look {
	var paths []string
	worlds := make(map[string]*detect.World) // which are the same, whatever the types
	for _, l := range looks {
		if l.unsafe() {
			paths = append(paths, l.pkg.Path)
			worlds[l.pkg.Path] = l.pkg.World
		}
	}
	if len(paths) == 0 {
		return looks
	}
	set, err := scanned.Exact(paths)
	if err != nil {
		r.errors = append(r.errors, report.Error{Message: err.Error()})
		return slices.DeleteFunc(looks, (*look).unsafe)
	}
	r.addErrors(set.Errors)
	r.missing = map[string]string{}
	for _, m := range set.Missing {
		r.missing[m.Path] = strings.TrimSuffix(m.Msg, "; to add:") // the go command goes on with what to type
	}
	closer := map[string]*look{}
	for _, l := range r.look(ctx, set, worlds) {
		closer[l.pkg.Path] = l
	}
	var out []*look
	for _, l := range looks {
		if !l.unsafe() {
			out = append(out, l)
			continue
		}
		if exact := closer[l.pkg.Path]; exact != nil {
			out = append(out, exact) // otherwise an error of set says why it is not there
		}
	}
	return out
}

// sort notes in l those of found that the run is about, and those that it
// would be about but for a comment or a baseline.
func (r *run) sort(l *look, found []*detect.Singleton) {
	for _, s := range found {
		switch {
		case !r.wanted(s) || !r.onLines(l.pkg, s):
		case !s.Safe && s.Suppressed():
			l.suppressed = append(l.suppressed, s)
		case !s.Safe && r.opts.Known[known(l.pkg, s)]:
			l.known++
		default:
			l.singletons = append(l.singletons, s)
		}
	}
}

// find returns the singletons of pkg. How the rest of the module uses pkg,
// and what its helpers do there, matters only where something is unsafe, so
// only then is it looked up.
func (r *run) find(pkg *detect.Package, set *load.Set) []*detect.Singleton {
	find := detect.Find
	if r.opts.Fields {
		find = findFieldsToo
	}
	r.takeGenerated(pkg)
	found := find(pkg)
	anyUnsafe := func() bool { return slices.ContainsFunc(found, func(s *detect.Singleton) bool { return !s.Safe }) }
	if set.InBrief(pkg) && anyUnsafe() {
		if !set.Complete(pkg) {
			return nil
		}
		r.takeGenerated(pkg)
	}
	if pkg.World == nil && anyUnsafe() {
		pkg.World = set.World(pkg)
		found = find(pkg)
	}
	if anyUnsafe() && set.Imported(pkg) {
		found = find(pkg)
	}
	return r.inTestsToo(pkg, found)
}

// inTestsToo returns what is found in pkg, with what is in its tests if that
// is asked for, and without it otherwise.
func (r *run) inTestsToo(pkg *detect.Package, found []*detect.Singleton) []*detect.Singleton {
	found = slices.DeleteFunc(slices.Clone(found), (*detect.Singleton).InTests)
	if r.opts.Tests {
		found = append(found, findInTests(pkg)...)
	}
	return found
}

// takeGenerated makes generated files of pkg files like any other, if that is
// asked for.
func (r *run) takeGenerated(pkg *detect.Package) {
	if !r.opts.Generated {
		return
	}
	for _, f := range pkg.Files {
		f.Generated = false
	}
}

// findFieldsToo returns the singletons of pkg, variables and fields, in
// source order.
func findFieldsToo(pkg *detect.Package) []*detect.Singleton {
	found := append(detect.Find(pkg), detect.FindFields(pkg)...)
	slices.SortStableFunc(found, func(a, b *detect.Singleton) int {
		return cmp.Compare(a.Vars[0].Obj.Pos(), b.Vars[0].Obj.Pos())
	})
	return found
}

// findInTests returns the singletons of pkg's tests. To detect, what only
// tests reach is not shared; so it is shown a copy in which test files are
// files like any other.
func findInTests(pkg *detect.Package) []*detect.Singleton {
	if !slices.ContainsFunc(pkg.Files, func(f *detect.File) bool { return f.Test }) {
		return nil
	}
	plain := *pkg
	plain.Files = nil
	for _, f := range pkg.Files {
		file := *f
		file.Test = false
		plain.Files = append(plain.Files, &file)
	}
	found := slices.DeleteFunc(detect.Find(&plain), func(s *detect.Singleton) bool { return !s.InTests() })
	for _, s := range found {
		if !s.Safe {
			s.Risk = detect.Low
			s.Evidence = []detect.Note{{Message: "only tests reach it", Pos: s.Vars[0].Obj.Pos()}}
		}
	}
	return found
}

// wanted reports whether the run is about singletons like s.
func (r *run) wanted(s *detect.Singleton) bool {
	o := r.opts
	switch {
	case len(o.Only) > 0 && !slices.Contains(o.Only, s.Pattern):
		return false
	case slices.Contains(o.Not, s.Pattern):
		return false
	case !s.Safe && s.Risk < o.MinRisk:
		return false
	}
	return true
}

// byLine reports whether the run is only about what stands on some lines.
func (r *run) byLine() bool { return len(r.opts.Selection) > 0 || r.opts.Changed != nil }

// onLines reports whether s stands where the run looks.
func (r *run) onLines(pkg *detect.Package, s *detect.Singleton) bool {
	if len(r.opts.Selection) > 0 && !selected(pkg, s, r.opts.Selection) {
		return false
	}
	return r.opts.Changed == nil || r.opts.Changed.touches(pkg, s)
}

// selected reports whether s is declared, read or written on one of lines.
func selected(pkg *detect.Package, s *detect.Singleton, lines []Line) bool {
	on := func(pos token.Pos) bool {
		p := pkg.Fset.PositionFor(pos, false)
		return slices.ContainsFunc(lines, func(l Line) bool {
			return l.File == p.Filename && (l.N == 0 || l.N == p.Line)
		})
	}
	for _, v := range s.Vars {
		if on(v.Obj.Pos()) {
			return true
		}
		for _, a := range v.Accesses {
			if on(a.Pos()) {
				return true
			}
		}
	}
	return false
}

// guard calls f and reports whether it came to its end. A panic, which is a
// bug of ours, becomes an error of the package, so that the others and what
// else is known of this one are served.
func (l *look) guard(doing string, f func()) (ended bool) {
	defer func() {
		if p := recover(); p != nil {
			l.errors = append(l.errors, report.Error{
				Package: l.pkg.Path,
				Message: fmt.Sprintf("a bug of singletonfix: %s panicked: %v; please report it with this trace\n%s", doing, p, strings.TrimSpace(string(debug.Stack()))),
			})
		}
	}()
	f()
	return true
}
