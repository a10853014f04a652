package detect

var brokenDoubleCheck = &Pattern{
	Name:  "broken-double-check",
	Doc:   `double-checked locking whose first check is not synchronised`,
	match: matchBrokenDoubleCheck,
}

func matchBrokenDoubleCheck(q *question) []Note {
	if q.kind != commonLock || q.atomic() || !q.retested || q.site.Held.Holds(q.lock, false) {
		return nil
	}
	return []Note{q.readOutside("its first test, outside " + q.lock.Name() + ", is not synchronised with the write inside")}
}
