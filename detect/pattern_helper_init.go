package detect

var helperInit = &Pattern{
	Name: "helper-init",
	Doc: `unsynchronised test in front of a call that initialises

Two goroutines may both find it empty and both call the initialiser. That the test and the
assignment stand in different functions changes nothing: no lock, Once or atomic orders the two,
so it is a data race, and the value may be used half built.

Before:

	var db *DB

	func Open() (*DB, error) {
		if db == nil {
			if err := dial(); err != nil {
				return nil, err
			}
		}
		return db, nil
	}

	func dial() error {
		d, err := connect()
		if err != nil {
			return err
		}
		db = d
		return nil
	}

After:

	var db atomic.Pointer[DB]
	var dbMu sync.Mutex

	func Open() (*DB, error) {
		if v := db.Load(); v != nil {
			return v, nil
		}
		dbMu.Lock()
		defer dbMu.Unlock()
		if v := db.Load(); v != nil {
			return v, nil
		}
		if err := dial(); err != nil {
			return nil, err
		}
		return db.Load(), nil
	}

	func dial() error {
		d, err := connect()
		if err != nil {
			return err
		}
		db.Store(d)
		return nil
	}

What changes, for a single goroutine:

  - where the fix is a Once and the initialisation panics, though its code does not show that it may:
    later calls find nothing; before, they tried again

Refused when:

  - exported: code outside the package can read or assign the variable
  - lock-order: the initialiser is also called where another lock is held
  - reentrant: the initialiser comes back to the variable
  - mutated-after-publish: the initialiser stores the value and goes on building it`,
	match: matchHelperInit,
}

func matchHelperInit(q *question) []Note {
	s := q.site
	if !q.bare || len(s.Calls) == 0 || s.Flag || s.Key != nil || s.Var.Owner != nil {
		return nil
	}
	return q.unsynchronized()
}
