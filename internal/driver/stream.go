package driver

import (
	"cmp"
	"context"
	"slices"
	"sync"

	"github.com/singletonfix/singletonfix/detect"
	"github.com/singletonfix/singletonfix/internal/load"
)

// A found is what came of a package so far: a look, and once that is concluded
// its outcome.
type found struct {
	path, dir string
	look      *look // nil where it is not needed any more
	outcome   *outcome
}

func inOrder(a, b *found) int {
	return cmp.Or(cmp.Compare(a.path, b.path), cmp.Compare(a.dir, b.dir))
}

// stream looks at all packages, and concludes and forgets each as soon as it
// is loaded, but for those that a fix is to be made for. It returns them in
// order of import path.
func (r *run) stream(ctx context.Context) (*load.Set, []*found, error) {
	var mu sync.Mutex
	var all []*found
	set, err := r.cfg.Stream(r.opts.Patterns, func(set *load.Set, pkg *detect.Package) (keep bool) {
		if ctx.Err() != nil {
			return false // interrupted
		}
		l := &look{pkg: pkg, set: set}
		l.guard("looking for singletons", func() { r.sort(l, r.find(l.pkg, set)) })
		f := &found{path: pkg.Path, dir: set.Dir(pkg), look: l}
		if !r.opts.Fix || !l.unsafe() {
			f.outcome, f.look = r.conclude(ctx, l), nil
		}
		mu.Lock()
		defer mu.Unlock()
		all = append(all, f)
		return f.look != nil
	})
	if err != nil {
		return nil, nil, err
	}
	slices.SortFunc(all, inOrder)
	return set, all, ctx.Err()
}

// scan looks at all packages, and keeps them.
func (r *run) scan(ctx context.Context) (*load.Set, []*found, error) {
	set, err := r.cfg.Scan(r.opts.Patterns)
	if err != nil {
		return nil, nil, err
	}
	var all []*found
	for _, l := range r.look(ctx, set, nil) {
		all = append(all, &found{path: l.pkg.Path, dir: set.Dir(l.pkg), look: l})
	}
	return set, all, nil
}
