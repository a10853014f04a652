package driver

import (
	"cmp"
	"context"
	"slices"
	"sync"

	"github.com/singletonfix/singletonfix/detect"
	"github.com/singletonfix/singletonfix/internal/load"
)

// stream carries out a run that only reports: each package is concluded as
// soon as it is loaded, and forgotten.
func (r *run) stream(ctx context.Context) (*Result, error) {
	type done struct {
		path, dir string
		*outcome
	}
	var mu sync.Mutex
	var all []done
	r.say("reading packages")
	set, err := r.cfg.Stream(r.opts.Patterns, func(set *load.Set, pkg *detect.Package) {
		if ctx.Err() != nil {
			return // interrupted
		}
		l := &look{pkg: pkg, set: set}
		l.guard("looking for singletons", func() { r.sort(l, r.find(l.pkg, set)) })
		o := r.conclude(ctx, l)
		mu.Lock()
		defer mu.Unlock()
		all = append(all, done{pkg.Path, set.Dir(pkg), o})
	})
	if err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	r.addErrors(set.Errors)
	slices.SortFunc(all, func(a, b done) int {
		return cmp.Or(cmp.Compare(a.path, b.path), cmp.Compare(a.dir, b.dir))
	})
	outcomes := make([]*outcome, len(all))
	for i, d := range all {
		outcomes[i] = d.outcome
	}
	return r.result(set.Looked, outcomes), nil
}
