package detect

var missingRecheck = &Pattern{
	Name: "missing-recheck",
	Doc: `value tested outside the lock and not tested again inside

Two goroutines may both find it empty and build it one after the other. Whoever had to wait for
the lock does not look again whether the value is there by now, and replaces one that somebody
may already hold. Where the first test is made outside of any lock, it is a data race besides.

Before:

	var (
		mu       sync.Mutex
		instance *Config
	)

	func Get() *Config {
		if instance == nil {
			mu.Lock()
			defer mu.Unlock()
			instance = newConfig()
		}
		return instance
	}

After:

	var (
		mu       sync.Mutex
		instance atomic.Pointer[Config]
	)

	func Get() *Config {
		if instance.Load() == nil {
			mu.Lock()
			defer mu.Unlock()
			if instance.Load() == nil {
				instance.Store(newConfig())
			}
		}
		return instance.Load()
	}

Refused when:

  - exported: code outside the package can read or assign the variable
  - reentrant: the initialiser, which would then run under the lock, comes back to the variable
  - control-flow: what follows would be held up by the lock, where it has to be taken in front of the test`,
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
