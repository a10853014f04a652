package driver

import (
	"cmp"
	"context"
	"slices"
	"strconv"

	"github.com/singletonfix/singletonfix/detect"
	"github.com/singletonfix/singletonfix/internal/report"
	"github.com/singletonfix/singletonfix/internal/verify"
	"github.com/singletonfix/singletonfix/rewrite"
)

// A finding is a singleton and what was decided about it.
type finding struct {
	singleton *detect.Singleton
	plan      *rewrite.Plan     // nil: safe or refused
	refusal   *rewrite.Refusal  // nil: safe or planned
	problem   *verify.Problem   // what is wrong with the plan; nil: nothing that is known
	proof     *report.Proof     // what running it showed; nil: it was not run
	failed    *Failure          // what the failed proof was about; nil: there was none
	builds    []*look           // other builds that it was planned in
	after     *report.Guarantee // what the plan would guarantee; nil: not known, or not asked for
	untested  string            // why no race test is left for it; "": there is one, or none was asked for
}

// conclude plans the fixes of a package and, in a run that fixes, applies
// and verifies them.
func (r *run) conclude(ctx context.Context, l *look) *outcome {
	o := &outcome{}
	l.guard("fixing the package", func() { r.concludeAll(ctx, l, o) })
	o.errors, o.known = l.errors, l.known
	for _, s := range l.suppressed {
		at := s.Vars[0]
		o.suppressed = append(o.suppressed, report.Note{Code: s.Pattern, Message: at.Name(), Position: r.position(l.pkg.Fset, at.Obj.Pos())})
	}
	return o
}

func (r *run) concludeAll(ctx context.Context, l *look, o *outcome) {
	findings := r.plan(l, l.singletons)
	if r.opts.Fix && ctx.Err() == nil {
		o.change = r.fix(ctx, l, findings)
		if r.opts.Verify != nil && o.change != nil {
			o.change = r.prove(ctx, l, findings, o.change)
		}
	}
	if r.opts.Guarantees {
		r.setAfter(l, findings)
	}
	for _, f := range findings {
		if f.plan != nil && f.problem != nil {
			o.failures = append(o.failures, r.failureOf(l, f))
		}
		s := r.convert(l, f)
		o.singletons = append(o.singletons, s)
		if o.change != nil && f.plan != nil && f.problem == nil && r.applies(f.plan) {
			o.change.fixed = append(o.change.fixed, s.Fix)
		}
	}
}

// plan chooses a fix for each unsafe singleton. Of plans that change the
// same code the first stands.
func (r *run) plan(l *look, singletons []*detect.Singleton) []*finding {
	var findings []*finding
	var plans []*rewrite.Plan
	for _, s := range singletons {
		f := &finding{singleton: s}
		findings = append(findings, f)
		if s.Safe {
			continue
		}
		ended := l.guard("planning the fix of "+s.Vars[0].Name(), func() {
			strategy := r.strategy(s)
			f.plan, f.refusal = rewrite.Choose(s, rewrite.Options{Strategy: strategy, Manager: r.managerPath(l, strategy), AddReset: r.opts.AddReset, Doc: r.opts.Doc})
		})
		if !ended {
			f.problem = aPanic
		}
		l.guard("planning in other builds", func() { r.inOtherBuilds(l, f) })
		r.keepInFile(l, f)
		r.keepOffTaken(l, f)
		if f.plan != nil && r.chosen(s) {
			plans = append(plans, f.plan)
		}
	}
	for _, dropped := range rewrite.Conflicts(plans) {
		for _, f := range findings {
			if f.plan == dropped {
				f.refuse(rewrite.Conflict, "another fix changes the same code; apply that one first, then run singletonfix again")
			}
		}
	}
	reviewSiblings(findings)
	spread(l, findings)
	return findings
}

// reviewSiblings marks the fixes of lazy fields for a reviewer's eye where
// another field of their type is unsafe and has no fix: a new lock would say
// that the type is safe.
func reviewSiblings(findings []*finding) {
	for _, f := range findings {
		owner := f.singleton.Vars[0].Owner
		if owner == nil || f.plan == nil || f.singleton.Pattern != "lazy-field" {
			continue
		}
		for _, other := range findings {
			if v := other.singleton.Vars[0]; v.Owner == owner && other.plan == nil && !other.singleton.Safe {
				f.plan.Review = true
				f.plan.Notes = append(f.plan.Notes, v.Obj.Name()+" of "+owner.Name()+" is unsafe, too, and has no fix: "+owner.Name()+" is still not safe for concurrent use")
				break
			}
		}
	}
}

// refuse takes the plan back.
func (f *finding) refuse(reason rewrite.Reason, message string) {
	f.plan = nil
	f.refusal = &rewrite.Refusal{Reason: reason, Message: message, Pos: f.singleton.Vars[0].Obj.Pos()}
}

// applies reports whether the run carries p out.
func (r *run) applies(p *rewrite.Plan) bool {
	return (r.opts.Review || !p.Review) && r.chosen(p.Singleton)
}

// chosen reports whether the fix of s is one of those that were asked for.
func (r *run) chosen(s *detect.Singleton) bool {
	_, ok := r.opts.Fixes[idOf(s.Facts.Pkg, s)]
	return ok || r.opts.Fixes == nil
}

// strategy returns the one that s is to be fixed with.
func (r *run) strategy(s *detect.Singleton) string {
	return cmp.Or(r.opts.Fixes[idOf(s.Facts.Pkg, s)], r.opts.Strategy)
}

// fix carries the plans out in memory and returns the changes that stood the
// check, or nil. All plans are tried at once; if that fails, one after the
// other, so that a bad one does not take the others with it.
func (r *run) fix(ctx context.Context, l *look, findings []*finding) *Package {
	var todo []*finding
	for _, f := range findings {
		if f.plan != nil && f.problem == nil && r.applies(f.plan) {
			todo = append(todo, f)
		}
	}
	if len(todo) == 0 {
		return nil
	}
	changes, problem := r.try(ctx, l, findings, todo)
	if problem == nil {
		return r.packageOf(l, changes, todo)
	}
	if len(todo) == 1 {
		todo[0].problem = problem
		return nil
	}
	var good []*finding
	changes = nil
	for _, f := range todo {
		if ctx.Err() != nil {
			return nil // interrupted: nothing is written
		}
		with, problem := r.try(ctx, l, findings, append(good[:len(good):len(good)], f))
		if problem != nil && problem.Code == verify.Deadlock && len(good) > 0 {
			if _, alone := r.try(ctx, l, findings, []*finding{f}); alone == nil {
				f.refuse(rewrite.Conflict, "another fix lets a caller hold the same lock; apply that one first, then run singletonfix again")
				continue
			}
		}
		if problem != nil {
			f.problem = problem
			continue
		}
		good, changes = append(good, f), with
	}
	return r.packageOf(l, changes, good)
}

func (r *run) packageOf(l *look, changes []rewrite.Change, fixed []*finding) *Package {
	if len(changes) == 0 {
		return nil
	}
	return &Package{Path: l.pkg.Path, Root: l.set.ModuleRoot(l.pkg), Changes: changes, Assumed: r.assumed(l.pkg), managed: needManager(plansOf(fixed)), members: []*look{l}}
}

// assumed returns what pkg and its tests import and whose types could not be had.
func (r *run) assumed(pkg *detect.Package) []string {
	var paths []string
	for _, f := range pkg.Files {
		for _, spec := range f.Syntax.Imports {
			path, err := strconv.Unquote(spec.Path.Value)
			if err == nil && r.missing[path] != "" {
				paths = append(paths, path)
			}
		}
	}
	slices.Sort(paths)
	return slices.Compact(paths)
}

// try applies the plans of todo, which are some of findings, and verifies
// the result.
func (r *run) try(ctx context.Context, l *look, findings, todo []*finding) ([]rewrite.Change, *verify.Problem) {
	plans := plansOf(todo)
	change := r.changeOf(todo)
	changes, problem := apply(l, plans)
	if problem != nil {
		return nil, problem
	}
	if changes, problem = r.withRaceTest(l, changes, todo, nil); problem != nil {
		return nil, problem
	}
	for _, c := range changes {
		change.Files[c.File.Name] = c.After
	}
	change.Outside = outsideOf(plans)
	change.Files = r.withManager(l, plans, change.Files)
	change.Again = func(after *detect.Package, found []*detect.Singleton) (bool, error) {
		return r.again(l, after, found, findings, todo), nil
	}
	var problems []verify.Problem
	if !l.guard("verifying the fixes", func() { problems = verify.Check(ctx, l.set, l.pkg, change) }) {
		return nil, aPanic
	}
	if len(problems) > 0 {
		return nil, &problems[0]
	}
	if problem := r.checkBuilds(ctx, l, todo, changes); problem != nil {
		return nil, problem
	}
	return changes, nil
}

// changeOf returns what is to be verified of the fixes todo, but for the files.
func (r *run) changeOf(todo []*finding) verify.Change {
	change := verify.Change{Files: map[string][]byte{}, Outside: map[string][]byte{}, Fields: r.opts.Fields}
	for _, f := range todo {
		if len(f.plan.Outside) > 0 {
			change.Exported = append(change.Exported, f.plan.Declares()...)
		}
		change.Says = append(change.Says, f.plan.Says...)
		for _, v := range f.singleton.Vars {
			change.Fixed = append(change.Fixed, v.Name())
			if v.Obj.Exported() {
				change.Exported = append(change.Exported, v.Obj.Name())
			}
		}
	}
	return change
}

// aPanic is the problem of a plan whose handling panicked; the error of the
// package says more.
var aPanic = &verify.Problem{Code: verify.Failed, Message: "singletonfix panicked; the error of the package says where"}

// apply carries out plans in memory.
func apply(l *look, plans []*rewrite.Plan) (changes []rewrite.Change, problem *verify.Problem) {
	var err error
	if !l.guard("rewriting", func() { changes, err = rewrite.Apply(l.pkg, plans) }) {
		return nil, aPanic
	}
	if err != nil {
		return nil, &verify.Problem{Code: verify.Failed, Message: err.Error()}
	}
	return changes, nil
}

// again reports whether a run on the package after the plans of todo, in which
// found is found, would change it once more. What the other findings are about
// does not count: it is as it was.
func (r *run) again(l *look, after *detect.Package, found []*detect.Singleton, findings, todo []*finding) bool {
	ours, left := map[string]bool{}, map[string]bool{}
	for _, f := range findings {
		if name := f.singleton.Vars[0].Name(); slices.Contains(todo, f) {
			ours[name] = true
		} else {
			left[name] = true
		}
	}
	r.takeGenerated(after)
	found = slices.DeleteFunc(r.inTestsToo(after, found), func(s *detect.Singleton) bool {
		name := s.Vars[0].Name()
		if r.byLine() && !ours[name] {
			return true // lines have moved; it may not be one of findings
		}
		return left[name] || !r.wanted(s) || s.Suppressed() || r.opts.Known[known(after, s)]
	})
	return slices.ContainsFunc(r.plan(l, found), func(f *finding) bool { return f.plan != nil && r.applies(f.plan) })
}
