package driver

import (
	"bytes"
	"context"
	"fmt"
	"slices"

	"github.com/singletonfix/singletonfix/detect"
	"github.com/singletonfix/singletonfix/internal/verify"
	"github.com/singletonfix/singletonfix/rewrite"
)

// outsideOf returns the files of other packages that plans change, as they were read.
func outsideOf(plans []*rewrite.Plan) map[string][]byte {
	files := make(map[string][]byte)
	for _, p := range plans {
		for _, e := range p.Outside {
			files[e.File.Name] = e.File.Src
		}
		for _, c := range p.Builds {
			files[c.File.Name] = c.Before
		}
	}
	return files
}

// disentangle puts packages of which a file is changed by both together: they
// are written as one. What cannot be put together is left for another run.
func (r *run) disentangle(ctx context.Context, looks []*look, outcomes []*outcome) {
	by := make(map[string]int) // which outcome changes a file
	for i, o := range outcomes {
		if o.change == nil {
			continue
		}
		first := r.firstOf(by, o.change)
		if first >= 0 && !r.join(ctx, looks, outcomes, first, i) {
			looks[i].taken = make(map[string]bool)
			for name := range by {
				looks[i].taken[name] = true
			}
			outcomes[i] = r.conclude(ctx, looks[i])
			first = -1
		}
		if first < 0 {
			first = i
		}
		if change := outcomes[first].change; change != nil {
			for _, c := range change.Changes {
				by[c.File.Name] = first
			}
		}
	}
}

// firstOf returns the outcome that changes a file which change changes too,
// or -1. Where there are several, they cannot be told apart from one.
func (r *run) firstOf(by map[string]int, change *Package) int {
	for _, c := range change.Changes {
		if i, ok := by[c.File.Name]; ok {
			return i
		}
	}
	return -1
}

// join adds the change of outcome i to that of first, and verifies both
// packages with all that changes. It reports whether that went well.
func (r *run) join(ctx context.Context, looks []*look, outcomes []*outcome, first, i int) bool {
	into, from := outcomes[first].change, outcomes[i].change
	changes := slices.Clone(into.Changes)
	for _, c := range from.Changes {
		at := slices.IndexFunc(changes, func(d rewrite.Change) bool { return d.File.Name == c.File.Name })
		if at < 0 {
			changes = append(changes, c)
			continue
		}
		after, ok := rewrite.Together(c.Before, changes[at].After, c.After)
		if !ok || !bytes.Equal(c.Before, changes[at].Before) {
			return false
		}
		changes[at].After = after
	}
	members := append(into.members[:len(into.members):len(into.members)], from.members...)
	for _, l := range members {
		var with []*detect.Package
		for _, other := range members {
			if other != l {
				with = append(with, other.pkg)
			}
		}
		if !r.standTogether(ctx, l, with, changes) {
			return false
		}
	}
	into.Changes, into.members = changes, members
	into.Assumed = slices.Compact(slices.Sorted(slices.Values(append(into.Assumed, from.Assumed...))))
	into.managed = into.managed || from.managed
	into.fixed = append(into.fixed, from.fixed...)
	outcomes[i].change = nil
	return true
}

// standTogether verifies the package of l with changes of several packages.
func (r *run) standTogether(ctx context.Context, l *look, with []*detect.Package, changes []rewrite.Change) bool {
	change := verify.Change{Files: map[string][]byte{}, Outside: map[string][]byte{}, Fields: r.opts.Fields}
	for _, c := range changes {
		change.Files[c.File.Name] = c.After
		if !hasFile(l.pkg, c.File.Name) {
			change.Outside[c.File.Name] = c.Before
		}
	}
	// What the fixes of the package itself may do was verified with them alone.
	var problems []verify.Problem
	ended := l.guard("verifying the fixes of several packages", func() { problems = verify.CheckTypes(ctx, l.set, l.pkg, change, with) })
	return ended && len(problems) == 0
}

// keepOffTaken refuses a fix that changes a file which the fixes of another
// package change.
func (r *run) keepOffTaken(l *look, f *finding) {
	if len(l.taken) == 0 || f.plan == nil {
		return
	}
	changes, problem := apply(l, []*rewrite.Plan{f.plan})
	if problem != nil {
		return // whoever carries it out finds out
	}
	for _, c := range changes {
		if l.taken[c.File.Name] {
			f.refuse(rewrite.Conflict, fmt.Sprintf("the fix of another package also changes %s; apply that one first, then run singletonfix again", r.rel(c.File.Name)))
			return
		}
	}
}
