package detect

var checkedOnce = &Pattern{
	Name: "checked-once",
	Doc: `unsynchronised test in front of a sync.Once

A goroutine may find it filled and use it half built. What a Once runs is ordered before the
return of every call of its Do, but whoever finds the variable filled never calls Do. The test
saves nothing: Do begins with one of its own, which is atomic.

Before:

	var (
		once     sync.Once
		instance *Config
	)

	func Get() *Config {
		if instance == nil {
			once.Do(func() {
				instance = newConfig()
			})
		}
		return instance
	}

After:

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

Refused when:

  - exported: code outside the package can read or assign the variable
  - control-flow: the guarded block does more than call Do
  - reentrant: what the Once runs comes back to the getter, and would wait for itself`,
	match: matchCheckedOnce,
}

func matchCheckedOnce(q *question) []Note {
	s := q.site
	if q.once == nil || q.atomic() || s.Held.Holds(*q.once, false) || q.kindOf(*q.once, s) == perCallLock {
		return nil
	}
	return []Note{q.readOutside("it is tested in front of " + q.once.Name() + ".Do, outside what the Once orders")}
}
