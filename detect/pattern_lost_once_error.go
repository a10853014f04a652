package detect

var lostOnceError = &Pattern{
	Name: "lost-once-error",
	Doc: `error of a sync.Once that only its first caller sees

After a failure every later call returns as if it had succeeded. The function runs once, but the
error that it leaves behind is a variable of the call that ran it: all others have one of their
own, which is nil, and go on as if there were a value.

Before:

	var (
		once sync.Once
		db   *DB
	)

	func Open() (*DB, error) {
		var err error
		once.Do(func() {
			db, err = connect()
		})
		return db, err
	}

After:

	var (
		once  sync.Once
		db    *DB
		dbErr error
	)

	func Open() (*DB, error) {
		once.Do(func() {
			db, dbErr = connect()
		})
		return db, dbErr
	}

What changes, for a single goroutine:

  - where the initialisation fails: later calls return its error; before, they returned none

Refused when:

  - control-flow: the error has other work in the function as well, or a function literal uses it
  - exported: code outside the package can use the Once or the value
  - no-form: the value is also used by those who have not asked the Once`,
}
