package detect

var localLock = &Pattern{
	Name:  "local-lock",
	Doc:   `lock or Once that is a local variable, new at each call`,
	match: matchLocalLock,
}

func matchLocalLock(q *question) []Note {
	why := ""
	switch {
	case q.once != nil && q.kindOf(*q.once, q.site) == perCallLock:
		why = q.once.Name() + " is a local variable, new at each call: every call runs its function"
	case q.once == nil && q.kind == perCallLock && !q.atomic():
		why = q.lock.Name() + " is a local variable, new at each call: it excludes nobody"
	default:
		return nil
	}
	return []Note{{"local-lock", why, q.site.Test.Pos()}}
}
