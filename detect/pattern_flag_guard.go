package detect

var flagGuard = &Pattern{
	Name: "flag-guard",
	Doc: `unsynchronised flag in front of a lazy initialisation

Two goroutines may both find the flag unset and both initialise. A flag that is seen set says
nothing of the variables beside it: nothing orders the writes of the two for another goroutine,
which may see the flag before what it stands for.

Before:

	var (
		loaded bool
		names  map[string]string
	)

	func Name(code string) string {
		if !loaded {
			names = map[string]string{"de": "German", "fr": "French"}
			loaded = true
		}
		return names[code]
	}

After:

	var (
		namesOnce sync.Once
		names     map[string]string
	)

	func Name(code string) string {
		namesOnce.Do(func() {
			names = map[string]string{"de": "German", "fr": "French"}
		})
		return names[code]
	}

What changes, for a single goroutine:

  - where the fix is a Once and the initialisation panics, though its code does not show that it may:
    later calls find nothing; before, they tried again
  - where the flag was set before an initialisation that panics, and becomes an atomic: the next call
    tries again; before, it found nothing

Refused when:

  - exported: code outside the package can read or assign the flag or the values
  - partial-reset: a reset clears the flag and not the values, or the other way round
  - reentrant: the initialiser comes back to the flag
  - escapes: a map or slice that changes later is handed out`,
	match: matchFlagGuard,
}

func matchFlagGuard(q *question) []Note {
	if !q.bare || !q.site.Flag || q.site.Var.Owner != nil {
		return nil
	}
	return q.unsynchronized()
}
