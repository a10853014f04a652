package detect

var lazyField = &Pattern{
	Name: "lazy-field",
	Doc: `unsynchronised lazy initialisation of a field of a shared value

Two goroutines that share the value may both find the field empty and both fill it. It is the
same data race as with a package variable. Only --fields reports it, for types whose code
shows that their values are shared: a lock or an atomic in them, a method that is started with
go or serves requests, a package variable that holds one.

Before:

	type Store struct {
		mu    sync.Mutex
		cache map[string]int
	}

	func (s *Store) Cache() map[string]int {
		if s.cache == nil {
			s.cache = make(map[string]int)
		}
		return s.cache
	}

After:

	type Store struct {
		mu        sync.Mutex
		cache     map[string]int
		cacheOnce sync.Once
	}

	func (s *Store) Cache() map[string]int {
		s.cacheOnce.Do(func() {
			s.cache = make(map[string]int)
		})
		return s.cache
	}

Refused when:

  - copied: values of the type are copied, converted or built without keys
  - compared: values of the type are compared or used as map keys
  - reentrant: what fills the field comes back to it, in this value or another`,
	match: matchLazyField,
}

func matchLazyField(q *question) []Note {
	if !q.bare || q.site.Var.Owner == nil {
		return nil
	}
	return q.unsynchronized()
}
