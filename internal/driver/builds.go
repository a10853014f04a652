package driver

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/singletonfix/singletonfix/detect"
	"github.com/singletonfix/singletonfix/internal/load"
	"github.com/singletonfix/singletonfix/internal/verify"
	"github.com/singletonfix/singletonfix/rewrite"
)

// mostBuilds is how many other builds of a package are looked at for one fix.
const mostBuilds = 6

// inOtherBuilds plans the fix of f, which files that build constraints leave
// out stand in the way of, in the builds that have these files. The fix is the
// same in all of them, or there is none.
func (r *run) inOtherBuilds(l *look, f *finding) {
	if f.refusal == nil || f.refusal.Reason != rewrite.BuildVariant || f.singleton.Vars[0].Owner != nil {
		return
	}
	_, refusal := rewrite.Choose(f.singleton, r.buildOptions(l, r.strategy(f.singleton)))
	if refusal != nil && refusal.Reason != rewrite.BuildVariant {
		f.refusal.Message += "; besides, " + refusal.Message
		return // whatever other builds say
	}
	left := rewrite.LeftUses(f.singleton)
	builds, whole := l.set.Builds(l.pkg, left)
	if len(left) == 0 || !whole || len(builds) > mostBuilds {
		return
	}
	var others []*look
	for _, b := range builds {
		other, err := r.inBuild(l, b)
		if err != nil {
			f.refusal.Message += fmt.Sprintf("; in the build for %s: %v", b.Name, err)
			return
		}
		others = append(others, other)
	}
	var why string
	for _, strategy := range r.strategiesFor(l, f, others) {
		plan, problem := r.planInAll(l, f, others, left, strategy)
		if plan != nil {
			f.plan, f.refusal, f.builds = plan, nil, others
			return
		}
		why = cmp.Or(why, problem)
	}
	f.refusal.Message += cmp.Or(why, f.refusedIn(others))
}

// refusedIn says in which of the builds there is no fix, and why.
func (f *finding) refusedIn(others []*look) string {
	for _, other := range others {
		s := f.twin(other)
		if s == nil {
			return "; in the build for " + other.build + ": it is not found unsafe"
		}
		if _, refusal := rewrite.Choose(s, rewrite.Options{OtherBuilds: true}); refusal != nil {
			return "; in the build for " + other.build + ": " + refusal.Message
		}
	}
	return ""
}

// inBuild loads l's package for another build. The error says why it cannot
// be looked at.
func (r *run) inBuild(l *look, b load.Build) (*look, error) {
	if known := l.builds[b.Name]; known != nil {
		return known, nil
	}
	cfg := *r.cfg
	cfg.Env, cfg.Tags, cfg.All, cfg.Enter = b.Env, b.Tags, true, nil
	set, err := cfg.Scan([]string{l.set.Dir(l.pkg)})
	if err == nil && r.opts.Fix {
		set, err = set.Exact([]string{l.pkg.Path})
	}
	if err != nil {
		return nil, err
	}
	if len(set.Errors) > 0 {
		e := set.Errors[0]
		return nil, fmt.Errorf("%s, line %d: %s", filepath.Base(e.Pos.Filename), e.Pos.Line, e.Msg)
	}
	at := slices.IndexFunc(set.Packages, func(p *detect.Package) bool { return p.Path == l.pkg.Path })
	if at < 0 {
		return nil, fmt.Errorf("there is no such package")
	}
	other := &look{pkg: set.Packages[at], set: set, build: b.Name}
	if r.opts.Fix && len(other.pkg.Assumed) > len(l.pkg.Assumed) {
		return nil, fmt.Errorf("the types of %s cannot be had", other.pkg.Assumed[0])
	}
	if !l.guard("looking at the build for "+b.Name, func() { other.singletons = r.find(other.pkg, set) }) {
		return nil, fmt.Errorf("singletonfix panicked")
	}
	if l.builds == nil {
		l.builds = make(map[string]*look)
	}
	l.builds[b.Name] = other
	return other, nil
}

// twin returns the singleton of l that f is about; nil if that is none there, or safe.
func (f *finding) twin(l *look) *detect.Singleton {
	for _, s := range l.singletons {
		if !s.Safe && s.Vars[0].Owner == nil && s.Vars[0].Name() == f.singleton.Vars[0].Name() {
			return s
		}
	}
	return nil
}

// strategiesFor returns those that one of the builds would have by itself, and
// the mutex, which needs nothing that only one of them does.
func (r *run) strategiesFor(l *look, f *finding, others []*look) []string {
	asked := r.strategy(f.singleton)
	if asked != "" && asked != "auto" {
		return []string{asked}
	}
	var names []string
	for _, other := range others {
		if s := f.twin(other); s != nil {
			if plan, _ := rewrite.Choose(s, r.buildOptions(l, "")); plan != nil && !slices.Contains(names, plan.Strategy) {
				names = append(names, plan.Strategy)
			}
		}
	}
	if !slices.Contains(names, "mutex") {
		names = append(names, "mutex")
	}
	return names
}

func (r *run) buildOptions(l *look, strategy string) rewrite.Options {
	return rewrite.Options{Strategy: strategy, Manager: r.managerPath(l, strategy), AddReset: r.opts.AddReset, Doc: r.opts.Doc, OtherBuilds: true}
}

// planInAll returns the plan of f with a strategy and what it changes in
// left, if the same comes of it in every build; else why not, as the end of a
// sentence, "" where the strategy is to blame.
func (r *run) planInAll(l *look, f *finding, others []*look, left []*detect.File, strategy string) (*rewrite.Plan, string) {
	plan, _ := rewrite.Choose(f.singleton, r.buildOptions(l, strategy))
	if plan == nil || namesLeft(l.pkg, plan.Declares()) {
		return nil, ""
	}
	changes, problem := apply(l, []*rewrite.Plan{plan})
	if problem != nil {
		return nil, ""
	}
	have := slices.Clone(changes)
	for _, other := range others {
		s := f.twin(other)
		if s == nil {
			return nil, ""
		}
		also, _ := rewrite.Choose(s, r.buildOptions(l, strategy))
		if also == nil {
			return nil, ""
		}
		theirs, problem := apply(other, []*rewrite.Plan{also})
		if problem != nil {
			return nil, ""
		}
		if !agree(other.pkg, have, theirs) || !agree(l.pkg, theirs, changes) {
			return nil, "; in the build for " + other.build + ": the fix would be another one"
		}
		for _, c := range theirs {
			if !changesFile(have, c.File.Name) {
				have = append(have, c)
				plan.Builds = append(plan.Builds, c)
			}
		}
		plan.Review = plan.Review || also.Review
		plan.Says = append(plan.Says, also.Says...)
	}
	slices.SortFunc(plan.Builds, func(a, b rewrite.Change) int { return cmp.Compare(a.File.Name, b.File.Name) })
	for _, file := range left {
		if !slices.ContainsFunc(others, func(other *look) bool { return hasFile(other.pkg, file.Name) }) {
			return nil, "; no build is known that has " + filepath.Base(file.Name)
		}
	}
	plan.Notes = append(plan.Notes, "planned in the builds that have "+names(left)+", too, with the same outcome")
	return plan, ""
}

// agree reports whether of the files that pkg has, changes makes what theirs does.
func agree(pkg *detect.Package, changes, theirs []rewrite.Change) bool {
	return !slices.ContainsFunc(changes, func(c rewrite.Change) bool {
		if !hasFile(pkg, c.File.Name) {
			return false
		}
		return !slices.ContainsFunc(theirs, func(d rewrite.Change) bool { return d.File.Name == c.File.Name && bytes.Equal(c.After, d.After) })
	})
}

func hasFile(pkg *detect.Package, name string) bool {
	return slices.ContainsFunc(pkg.Files, func(f *detect.File) bool { return f.Name == name })
}

func changesFile(changes []rewrite.Change, name string) bool {
	return slices.ContainsFunc(changes, func(c rewrite.Change) bool { return c.File.Name == name })
}

// namesLeft reports whether a file that pkg's build leaves out has one of names.
func namesLeft(pkg *detect.Package, names []string) bool {
	return slices.ContainsFunc(pkg.Left, func(f *detect.File) bool {
		return slices.ContainsFunc(names, func(name string) bool { return bytes.Contains(f.Src, []byte(name)) })
	})
}

func names(files []*detect.File) string {
	var list []string
	for _, f := range files {
		list = append(list, filepath.Base(f.Name))
	}
	return strings.Join(list, ", ")
}

// checkBuilds verifies the changes in the other builds that fixes were planned
// in, and returns the first problem, or nil.
func (r *run) checkBuilds(ctx context.Context, l *look, todo []*finding, changes []rewrite.Change) *verify.Problem {
	var checked []*look
	for _, f := range todo {
		for _, other := range f.builds {
			if slices.Contains(checked, other) {
				continue
			}
			checked = append(checked, other)
			change := r.changeOf(todo)
			for _, c := range changes {
				switch {
				case hasFile(other.pkg, c.File.Name):
					change.Files[c.File.Name] = c.After
				case filepath.Dir(c.File.Name) != filepath.Dir(l.pkg.Files[0].Name): // of a package that uses this one
					change.Files[c.File.Name], change.Outside[c.File.Name] = c.After, c.Before
				}
			}
			var problems []verify.Problem
			if !l.guard("verifying the fixes in another build", func() { problems = verify.Check(ctx, other.set, other.pkg, change) }) {
				return aPanic
			}
			if len(problems) > 0 {
				return &problems[0]
			}
		}
	}
	return nil
}
