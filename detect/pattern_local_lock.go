package detect

var localLock = &Pattern{
	Name: "local-lock",
	Doc: `lock or Once that is a local variable, new at each call

Every call has a lock of its own, which keeps nobody out. A mutex or a Once orders those who use
the same one; one that is declared in the getter, or in a receiver or parameter that is a copy,
is used by a single call. The code behaves as if it had no lock.

Before:

	var instance *Config

	func Get() *Config {
		var mu sync.Mutex
		mu.Lock()
		defer mu.Unlock()
		if instance == nil {
			instance = newConfig()
		}
		return instance
	}

After:

	var instance *Config
	var mu sync.Mutex

	func Get() *Config {
		mu.Lock()
		defer mu.Unlock()
		if instance == nil {
			instance = newConfig()
		}
		return instance
	}

What changes, for a single goroutine:

  - where a Once of the call's own is the only guard: it runs once; before, it ran at each call

Refused when:

  - exported: code outside the package can read or assign the variable
  - reentrant: the initialiser comes back to the variable, which a lock that works would not survive
  - copied: the lock is a field of a receiver or parameter that is a copy`,
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
