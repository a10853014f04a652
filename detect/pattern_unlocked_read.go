package detect

var unlockedRead = &Pattern{
	Name: "unlocked-read",
	Doc: `read of a singleton outside the lock of its getter

The read may see an old value, or a new one that is half built. A lock orders only those who take
it: the getter does, and this reader does not, so nothing orders it with the write that the
getter makes.

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

	func Loaded() bool {
		return instance != nil
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

	func Loaded() bool {
		mu.Lock()
		defer mu.Unlock()
		return instance != nil
	}

Refused when:

  - lock-order: the reader may run where the lock is held already
  - escapes: the reader hands out a map or slice that changes later
  - exported: code outside the package can read the variable`,
}
