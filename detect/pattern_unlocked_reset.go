package detect

var unlockedReset = &Pattern{
	Name: "unlocked-reset",
	Doc: `write of a singleton outside the lock of its getter

The write races with the getter, which may hand out a value that is gone or half replaced. A
lock orders only those who take it: the getter does, and the reset, setter or teardown does not.

Before:

	var (
		mu       sync.Mutex
		instance *Config
	)

	func Get() *Config {
		mu.Lock()
		defer mu.Unlock()
		if instance == nil {
			instance = newConfig()
		}
		return instance
	}

	func Reset() {
		instance = nil
	}

After:

	var (
		mu       sync.Mutex
		instance *Config
	)

	func Get() *Config {
		mu.Lock()
		defer mu.Unlock()
		if instance == nil {
			instance = newConfig()
		}
		return instance
	}

	func Reset() {
		mu.Lock()
		defer mu.Unlock()
		instance = nil
	}

What changes, for a single goroutine:

  - where a value that a Once fills is emptied: the next call builds it anew; before, it stayed empty (a
    fix for a reviewer's eye); what else changes without the Once stands at once-reset

Refused when:

  - lock-order: a caller of the reset may hold the lock already
  - teardown: the old value is closed in a way that may wait for somebody who needs the lock
  - partial-reset: the reset clears only some of what the lock guards
  - exported: code outside the package can assign the variable`,
}
