package detect

var missingRecheck = &Pattern{
	Name:  "missing-recheck",
	Doc:   `value tested outside the lock and not tested again inside`,
	match: matchMissingRecheck,
}

func matchMissingRecheck(q *question) []Note {
	s := q.site
	if q.kind != commonLock || q.retested {
		return nil
	}
	mu := q.lock.Name()
	var why string
	switch {
	case q.atomic() && (s.Held.Holds(q.lock, true) || q.onlySwaps()):
		return nil
	case q.atomic():
		why = "it is filled under " + mu + " without a second test inside"
	case !s.Held.Holds(q.lock, false):
		return []Note{q.readOutside("it is tested outside " + mu + " and not tested again inside")}
	case s.Key != nil:
		return nil // a cache under a lock, whose entries may be made twice
	case !s.Held.Holds(q.lock, true):
		why = "it is tested under RLock, and filled under Lock without a second test: two goroutines may both build it"
	case q.unlockedBetween(s, q.lock):
		why = mu + " is given up between the test and the write, and there is no second test: two goroutines may both build it"
	default:
		return nil // one critical section
	}
	return []Note{{"not-tested-again", why, s.Test.Pos()}}
}
