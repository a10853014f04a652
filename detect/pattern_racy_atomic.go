package detect

var racyAtomic = &Pattern{
	Name: "racy-atomic",
	Doc: `atomic that is tested and stored in two steps

Two goroutines may both build it, or use it before it is there. Each operation is atomic, but
nothing keeps another goroutine from coming in between: the test and the store need a lock around
them, or have to be one compare-and-swap. And a flag that is set before the value tells others to
read what nobody has written yet.

Before:

	var instance atomic.Pointer[Config]

	func Get() *Config {
		if instance.Load() == nil {
			instance.Store(newConfig())
		}
		return instance.Load()
	}

After:

	var instance atomic.Pointer[Config]
	var instanceMu sync.Mutex

	func Get() *Config {
		if instance.Load() == nil {
			instanceMu.Lock()
			defer instanceMu.Unlock()
			if instance.Load() == nil {
				instance.Store(newConfig())
			}
		}
		return instance.Load()
	}

Refused when:

  - exported: code outside the package can store to the atomic
  - reentrant: the initialiser comes back to the variable
  - partial-reset: a flag is taken back while others use what it guards
  - control-flow: the initialisation ends early, between the store and what completes the value`,
	match: matchRacyAtomic,
}

func matchRacyAtomic(q *question) []Note {
	if !q.atomic() || q.once != nil {
		return nil
	}
	if w := q.filledAfterFlag(q.site); w != nil {
		return []Note{
			q.readOutside("its flag is set before the value is there"),
			{"flag-before-value", "this is filled after the flag was set: whoever sees it set may read too early", w.Pos()},
		}
	}
	if q.kind == commonLock || q.onlySwaps() {
		return nil
	}
	return []Note{{"two-instances", "it is loaded, found empty and stored with neither lock nor compare-and-swap: two goroutines may both build it", q.site.Test.Pos()}}
}
