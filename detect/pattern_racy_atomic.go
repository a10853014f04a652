package detect

var racyAtomic = &Pattern{
	Name:  "racy-atomic",
	Doc:   `atomic that is tested and stored in two steps`,
	match: matchRacyAtomic,
}

func matchRacyAtomic(q *question) []Note {
	if !q.atomic() || q.once != nil {
		return nil
	}
	if w := q.filledAfterFlag(q.site); w != nil {
		return []Note{
			q.readOutside("its flag is set before the value is there"),
			{"flag-before-value", "this is filled after the flag was set: whoever sees it set may read too early", w.Pos()},
		}
	}
	if q.kind == commonLock || q.onlySwaps() {
		return nil
	}
	return []Note{{"two-instances", "it is loaded, found empty and stored with neither lock nor compare-and-swap: two goroutines may both build it", q.site.Test.Pos()}}
}
