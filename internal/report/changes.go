package report

import (
	"cmp"
	"fmt"
	"slices"
)

// WorstChanges returns changes with those that fix the worst risk first,
// otherwise in the order given. A file that another one changes with stays
// behind it.
func (r *Report) WorstChanges(changes []FileChange) []FileChange {
	rank := map[string]int{}
	for _, s := range r.worstFirst() {
		for _, name := range s.Fix.Files {
			if n, ok := rank[name]; s.Fix.fixes() && (!ok || ranks[s.Risk] < n) {
				rank[name] = ranks[s.Risk]
			}
		}
	}
	out := slices.Clone(changes)
	slices.SortStableFunc(out, func(a, b FileChange) int { return cmp.Compare(rank[a.Name], rank[b.Name]) })
	return out
}

// FixLines returns a line for each fix that changes the file: what is wrong,
// and what makes it safe. It stands at the first file of a fix; the others say
// that they go with it.
func (r *Report) FixLines(file string) []string {
	var lines []string
	for _, s := range r.worstFirst() {
		at := slices.Index(s.Fix.Files, file)
		if at < 0 || !s.Fix.fixes() {
			continue
		}
		if at > 0 {
			lines = append(lines, visible(fmt.Sprintf("%s: goes with the fix of %s", s.Position, s.Var)))
			continue
		}
		lines = append(lines, visible(fmt.Sprintf("%s: %s [%s, %s]", s.Position, s.line(), s.Pattern, s.Risk)))
	}
	return lines
}
