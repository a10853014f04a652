package report

import (
	"cmp"
	"slices"
)

// ranks orders risks, the worst first.
var ranks = map[string]int{"critical": 0, "medium": 1, "low": 2, "none": 3}

// worstFirst returns the unsafe singletons of r, the worst risk first and
// otherwise in the order of r.
func (r *Report) worstFirst() []*Singleton {
	var unsafe []*Singleton
	for i := range r.Singletons {
		if r.Singletons[i].Fix != nil {
			unsafe = append(unsafe, &r.Singletons[i])
		}
	}
	slices.SortStableFunc(unsafe, func(a, b *Singleton) int {
		return cmp.Compare(ranks[a.Risk], ranks[b.Risk])
	})
	return unsafe
}

// An outlook counts what is safe now, and what would be.
type outlook struct {
	Total      int
	Safe       int // as the code was found
	Then       int // with the fixes that -w applies
	Reviewed   int // with those, too, that deserve a reviewer's eye
	Status     map[string]int
	Strategies map[string]int
}

// outlook counts r's singletons, those that are not listed too.
func (r *Report) outlook() outlook {
	o := outlook{Total: r.Summary.Singletons, Safe: r.Summary.Safe, Status: map[string]int{}, Strategies: map[string]int{}}
	for _, s := range r.worstFirst() {
		o.Status[s.Fix.Status]++
		if s.Fix.fixes() {
			o.Strategies[s.Fix.Strategy]++
		}
	}
	o.Then = o.Safe + o.Status[Available] + o.Status[Applied]
	o.Reviewed = o.Then + o.Status[Review]
	return o
}

// fixes reports whether f makes its singleton safe, if need be under a
// reviewer's eye.
func (f *Fix) fixes() bool {
	return f.Status == Available || f.Status == Applied || f.Status == Review
}

// percent returns n of total in per cent, rounded down: not quite all is
// never 100.
func percent(n, total int) int {
	if total == 0 {
		return 100
	}
	return n * 100 / total
}
