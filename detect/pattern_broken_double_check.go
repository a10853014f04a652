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

After, by hand:

	var (
		mu       sync.Mutex
		instance atomic.Pointer[Config]
	)

	func Get() *Config {
		if c := instance.Load(); c != nil {
			return c
		}
		mu.Lock()
		defer mu.Unlock()
		if c := instance.Load(); c != nil {
			return c
		}
		c := newConfig()
		instance.Store(c)
		return c
	}

Refused when:

  - exported: code outside the package can read or assign the variable
  - go-version: the module is older than go 1.19, which brought atomic.Pointer
  - mutated-after-publish: the value is still being built after it was stored
  - no-form: the guard has a shape that no strategy knows`,
	match: matchBrokenDoubleCheck,
}

func matchBrokenDoubleCheck(q *question) []Note {
	if q.kind != commonLock || q.atomic() || !q.retested || q.site.Held.Holds(q.lock, false) {
		return nil
	}
	return []Note{q.readOutside("its first test, outside " + q.lock.Name() + ", is not synchronised with the write inside")}
}
