package detect

var checkedOnce = &Pattern{
	Name:  "checked-once",
	Doc:   `unsynchronised test in front of a sync.Once`,
	match: matchCheckedOnce,
}

func matchCheckedOnce(q *question) []Note {
	s := q.site
	if q.once == nil || q.atomic() || s.Held.Holds(*q.once, false) || q.kindOf(*q.once, s) == perCallLock {
		return nil
	}
	return []Note{q.readOutside("it is tested in front of " + q.once.Name() + ".Do, outside what the Once orders")}
}
