package detect

var brokenDoubleCheck = &Pattern{
	Name: "broken-double-check",
	Doc: `double-checked locking whose first check is not synchronised

A goroutine may find it filled and use it half built. The first test reads the variable outside
the lock, so nothing orders it after the write of another goroutine, which holds the lock: the
new pointer may be seen before what it points to. The test has to be an atomic load, and the
assignment an atomic store that comes last.

Before:

	var (
		mu       sync.Mutex
		instance *Config
	)

	func Get() *Config {
		if instance == nil {
			mu.Lock()
			defer mu.Unlock()
			if instance == nil {
				instance = newConfig()
			}
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
  - mutated-after-publish: the value is still being built after it was stored
  - control-flow: what follows would be held up by the lock, where it has to be taken in front of the test`,
	match: matchBrokenDoubleCheck,
}

func matchBrokenDoubleCheck(q *question) []Note {
	if q.kind != commonLock || q.atomic() || !q.retested || q.site.Held.Holds(q.lock, false) {
		return nil
	}
	return []Note{q.readOutside("its first test, outside " + q.lock.Name() + ", is not synchronised with the write inside")}
}
