package driver

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/singletonfix/singletonfix/rewrite"
)

// outsideOf returns the files of other packages that plans change, as they were read.
func outsideOf(plans []*rewrite.Plan) map[string][]byte {
	files := make(map[string][]byte)
	for _, p := range plans {
		for _, e := range p.Outside {
			files[e.File.Name] = e.File.Src
		}
	}
	return files
}

// disentangle has no two packages change the same file, as each is verified
// and written by itself: what a later one does to such a file is left for
// another run.
func (r *run) disentangle(ctx context.Context, looks []*look, outcomes []*outcome) {
	taken := make(map[string]bool)
	for i, o := range outcomes {
		if o.change == nil {
			continue
		}
		names := changedNames(o.change.Changes)
		if slices.ContainsFunc(names, func(name string) bool { return taken[name] }) {
			l := looks[i]
			l.taken = maps.Clone(taken)
			outcomes[i] = r.conclude(ctx, l)
			names = nil
			if change := outcomes[i].change; change != nil {
				names = changedNames(change.Changes)
			}
		}
		for _, name := range names {
			taken[name] = true
		}
	}
}

func changedNames(changes []rewrite.Change) []string {
	var names []string
	for _, c := range changes {
		names = append(names, c.File.Name)
	}
	return names
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
	for _, name := range changedNames(changes) {
		if l.taken[name] {
			f.refuse(rewrite.Conflict, fmt.Sprintf("the fix of another package also changes %s; apply that one first, then run singletonfix again", r.rel(name)))
			return
		}
	}
}
