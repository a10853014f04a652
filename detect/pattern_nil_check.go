package detect

var nilCheck = &Pattern{
	Name: "nil-check",
	Doc: `unsynchronised test for nil, or another empty value, in front of a lazy initialisation

Two goroutines may both find it empty and both build it. Nothing orders the test of one goroutine
and the assignment of another, which is a data race: whoever finds the variable filled need not
see all of what it points to, and may use it half built.

Before:

	var instance *Config

	func Get() *Config {
		if instance == nil {
			instance = newConfig()
		}
		return instance
	}

After:

	var instance *Config
	var instanceOnce sync.Once

	func Get() *Config {
		instanceOnce.Do(func() {
			instance = newConfig()
		})
		return instance
	}

What changes, for a single goroutine:

  - where the fix is a Once and the initialisation panics, though its code does not show that it may:
    later calls find nothing; before, they tried again

Refused when:

  - exported: code outside the package can read or assign the variable
  - address-taken: somebody holds a pointer to it
  - reentrant: the initialiser comes back to the variable, and would wait for itself
  - control-flow: the guarded block cannot be moved without changing what it does`,
	match: matchNilCheck,
}

// A test with neither flag, helper nor key, and nothing that guards it.
func matchNilCheck(q *question) []Note {
	s := q.site
	if !q.bare || s.Flag || s.Key != nil || s.Var.Owner != nil || len(s.Calls) > 0 {
		return nil
	}
	return q.unsynchronized()
}
