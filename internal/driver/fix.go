package driver

import (
	"context"

	"github.com/singletonfix/singletonfix/detect"
	"github.com/singletonfix/singletonfix/internal/report"
	"github.com/singletonfix/singletonfix/rewrite"
)

// A finding is a singleton and what was decided about it.
type finding struct {
	singleton *detect.Singleton
	plan      *rewrite.Plan    // nil: safe or refused
	refusal   *rewrite.Refusal // nil: safe or planned
	failed    bool             // there was a plan, and it was found wrong
	out       *report.Singleton
}

// conclude plans the fixes of a package and, in a run that fixes, applies
// and verifies them.
func (r *run) conclude(ctx context.Context, l *look) (o *outcome) {
	o = &outcome{errors: l.errors}
	defer func() {
		if p := recover(); p != nil {
			o = &outcome{errors: append(l.errors, panicError(l.pkg.Path, "planning the fixes", p))}
		}
	}()
	findings := r.plan(l.singletons)
	if r.opts.Fix && ctx.Err() == nil {
		o.change = r.fix(ctx, l, findings)
	}
	for _, f := range findings {
		o.singletons = append(o.singletons, r.convert(l.pkg, f))
	}
	if o.change != nil {
		for i, f := range findings {
			if f.plan != nil && r.applies(f.plan) {
				o.change.fixed = append(o.change.fixed, o.singletons[i].Fix)
			}
		}
	}
	return o
}

// plan chooses a fix for each unsafe singleton. Of plans that change the
// same code the first stands.
func (r *run) plan(singletons []*detect.Singleton) []*finding {
	var findings []*finding
	var plans []*rewrite.Plan
	for _, s := range singletons {
		f := &finding{singleton: s}
		findings = append(findings, f)
		if s.Safe {
			continue
		}
		f.plan, f.refusal = rewrite.Choose(s, rewrite.Options{Strategy: r.opts.Strategy})
		if f.plan != nil {
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
	return findings
}

// refuse takes the plan back.
func (f *finding) refuse(reason rewrite.Reason, message string) {
	f.plan = nil
	f.refusal = &rewrite.Refusal{Reason: reason, Message: message, Pos: f.singleton.Vars[0].Obj.Pos()}
}

// applies reports whether the run carries p out.
func (r *run) applies(p *rewrite.Plan) bool { return r.opts.Review || !p.Review }

// fix carries the plans out in memory and returns the changes that stood the
// check, or nil. All plans are tried at once; if that fails, one after the
// other, so that a bad one does not take the others with it.
func (r *run) fix(ctx context.Context, l *look, findings []*finding) *Package {
	var todo []*finding
	for _, f := range findings {
		if f.plan != nil && r.applies(f.plan) {
			todo = append(todo, f)
		}
	}
	if len(todo) == 0 {
		return nil
	}
	changes, problem := r.try(ctx, l, todo)
	if problem == nil {
		return packageOf(l, changes)
	}
	if len(todo) == 1 {
		todo[0].fail(problem)
		return nil
	}
	var good []*finding
	changes = nil
	for _, f := range todo {
		if ctx.Err() != nil {
			return nil // interrupted: nothing is written
		}
		with, problem := r.try(ctx, l, append(good[:len(good):len(good)], f))
		if problem != nil {
			f.fail(problem)
			continue
		}
		good, changes = append(good, f), with
	}
	return packageOf(l, changes)
}

func packageOf(l *look, changes []rewrite.Change) *Package {
	if len(changes) == 0 {
		return nil
	}
	return &Package{Path: l.pkg.Path, Changes: changes}
}

// fail says that the check of a fix found it wrong.
func (f *finding) fail(p *problem) {
	f.failed = true
	f.refusal = &rewrite.Refusal{Reason: rewrite.VerifyFailed, Message: p.Message, Pos: p.Pos}
}

// try applies the plans of todo and verifies the result.
func (r *run) try(ctx context.Context, l *look, todo []*finding) ([]rewrite.Change, *problem) {
	var plans []*rewrite.Plan
	for _, f := range todo {
		plans = append(plans, f.plan)
	}
	changes, err := rewrite.Apply(l.pkg, plans)
	if err != nil {
		return nil, &problem{Message: err.Error()}
	}
	problems := check(ctx, r.cfg, l.pkg, changes, nil)
	if len(problems) > 0 {
		return nil, &problems[0]
	}
	return changes, nil
}
