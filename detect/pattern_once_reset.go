package detect

var onceReset = &Pattern{
	Name: "once-reset",
	Doc: `sync.Once assigned anew while it may be in use

Two goroutines may both initialise, or the program dies of "unlock of unlocked mutex". The
assignment is not ordered with a Do that is under way: it overwrites the mutex that Do holds and
the flag that it sets, and lets the next call in while the first still builds.

Before:

	var (
		once     sync.Once
		instance *Config
	)

	func Get() *Config {
		once.Do(func() {
			instance = newConfig()
		})
		return instance
	}

	func Reset() {
		once = sync.Once{}
		instance = nil
	}

After:

	var (
		instance   atomic.Pointer[Config]
		instanceMu sync.Mutex
	)

	func Get() *Config {
		if v := instance.Load(); v != nil {
			return v
		}
		instanceMu.Lock()
		defer instanceMu.Unlock()
		if v := instance.Load(); v != nil {
			return v
		}
		v := newConfig()
		instance.Store(v)
		return v
	}

	func Reset() {
		instanceMu.Lock()
		defer instanceMu.Unlock()
		instance.Store(nil)
	}

What changes, for a single goroutine:

  - where the initialisation panics: the next call tries again; before, later calls found nothing
  - where a setter is called before the getter: its value stays; before, what the Once runs replaced it
    (a fix for a reviewer's eye)

Refused when:

  - partial-reset: the reset clears the Once and not all of what it fills
  - reentrant: the initialiser comes back to the getter or to the reset
  - teardown: the old value is closed in a way that cannot keep its order under a lock
  - exported: code outside the package can use the Once or the value`,
}
