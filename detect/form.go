package detect

// A Form is a way to make a singleton that is safe for concurrent use, as
// the audit names it. Its Doc has a title line, what callers can rely on,
// and an example.
type Form struct {
	Name string // as in reports: "once"
	Doc  string
}

// Forms are all safe forms, in the order of the documentation.
var Forms = []*Form{
	{"once", `sync.Once fills it, and every reader has called Do

One goroutine builds the value, and the others wait for it: what Do runs is ordered before the
return of every call of Do. A failure cannot be tried again; after a panic, later calls find no
value. It cannot be reset: a Once that is assigned anew is no Once (once-reset).

Example:

	var (
		once     sync.Once
		instance *Config
	)

	func Get() *Config {
		once.Do(func() {
			instance = newConfig()
		})
		return instance
	}`},

	{"once-value", `sync.OnceFunc, OnceValue or OnceValues builds it

As with once, but the value is in no variable that somebody could read too early. An error that
OnceValues returns stays for ever; a panic is repeated at every call.

Example:

	var get = sync.OnceValue(newConfig)

	func Get() *Config { return get() }`},

	{"atomic-double-check", `atomic load, then a second look under a lock, and an atomic store that comes last

One goroutine builds the value, and whoever finds it there pays for one atomic load. A failure or
a panic is followed by another try; a reset stores nil under the lock.

Example:

	var (
		mu sync.Mutex
		db atomic.Pointer[DB]
	)

	func Open() (*DB, error) {
		if d := db.Load(); d != nil {
			return d, nil
		}
		mu.Lock()
		defer mu.Unlock()
		if d := db.Load(); d != nil {
			return d, nil
		}
		d, err := connect()
		if err != nil {
			return nil, err
		}
		db.Store(d)
		return d, nil
	}`},

	{"locked", `one mutex around the test, the building and the assignment

One goroutine builds the value, every reader takes the lock, and so does every reset. Where the
lock is given up while the value is built, two goroutines may build it and one of the values is
thrown away: the audit says so. Without defer, a panic leaves the mutex locked for ever.

Example:

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
	}`},

	{"rwmutex-double-check", `test under RLock, then a second one under Lock

As locked; those who find the value there do not exclude each other. Taking a read lock costs
more than a load or a Once.

Example:

	var (
		mu       sync.RWMutex
		instance *Config
	)

	func Get() *Config {
		mu.RLock()
		c := instance
		mu.RUnlock()
		if c != nil {
			return c
		}
		mu.Lock()
		defer mu.Unlock()
		if instance == nil {
			instance = newConfig()
		}
		return instance
	}`},

	{"atomic-swap", `compare-and-swap: who loses throws its value away

Everybody gets the same value, and nobody waits, but several goroutines may build one. That suits
values whose building has no effect besides.

Example:

	var instance atomic.Pointer[Config]

	func Get() *Config {
		if c := instance.Load(); c != nil {
			return c
		}
		instance.CompareAndSwap(nil, newConfig())
		return instance.Load()
	}`},

	{"sync-map", `registry in a sync.Map, filled with LoadOrStore

Everybody gets the same value for a key, and nobody waits, but several goroutines may build one
for the same key; all but one are thrown away.

Example:

	var pools sync.Map

	func Pool(name string) *DB {
		p, _ := pools.LoadOrStore(name, newDB(name))
		return p.(*DB)
	}`},

	{"singleflight", `test and building within singleflight.Group.Do

Those who ask for the same key at the same time share one building, and its error. The next call
after a failure tries again.

Example:

	import "golang.org/x/sync/singleflight"

	var (
		group singleflight.Group
		db    *DB
	)

	func Open() (*DB, error) {
		d, err, _ := group.Do("db", func() (any, error) {
			if db == nil {
				d, err := connect()
				if err != nil {
					return nil, err
				}
				db = d
			}
			return db, nil
		})
		if err != nil {
			return nil, err
		}
		return d.(*DB), nil
	}`},

	{"context-aware", `lock that a caller stops waiting for when its context ends

One goroutine builds the value under a channel of capacity 1; the others wait for it or for the
end of their context, whichever comes first. A failure is followed by another try.

Example:

	var (
		lock = make(chan struct{}, 1)
		db   atomic.Pointer[DB]
	)

	func Open(ctx context.Context) (*DB, error) {
		if d := db.Load(); d != nil {
			return d, nil
		}
		select {
		case lock <- struct{}{}:
			defer func() { <-lock }()
		case <-ctx.Done():
			return nil, ctx.Err()
		}
		if d := db.Load(); d != nil {
			return d, nil
		}
		d, err := connect()
		if err != nil {
			return nil, err
		}
		db.Store(d)
		return d, nil
	}`},

	{"manager", `registry of singletons of many types, keyed by type, under one lock

One goroutine builds the value of a type; every look-up takes the lock. A constructor that asks
for another singleton would wait for itself. The values and maps of the package that the strategy
manager writes have this name, too, and a lock each: they may ask for one another.

Example:

	var (
		mu     sync.Mutex
		values = map[reflect.Type]any{}
	)

	func Get[T any](build func() T) T {
		mu.Lock()
		defer mu.Unlock()
		key := reflect.TypeFor[T]()
		if v, ok := values[key]; ok {
			return v.(T)
		}
		v := build()
		values[key] = v
		return v
	}`},

	{"caller-locked", `helper that fills it under the lock of its callers

As locked. The helper is safe only as long as all its callers hold the lock: its comment should
say so, and its name may end in Locked.

Example:

	var (
		mu       sync.Mutex
		instance *Config
	)

	func getLocked() *Config {
		if instance == nil {
			instance = newConfig()
		}
		return instance
	}

	func Name() string {
		mu.Lock()
		defer mu.Unlock()
		return getLocked().Name
	}`},

	{"eager", `value that is built with the package's variables

It is there before anybody can ask, and a read costs nothing. The program pays for it at every
start, used or not; an error or panic can only end the program.

Example:

	var instance = newConfig()

	func Get() *Config { return instance }`},

	{"init-func", `value that an init function builds

As eager.

Example:

	var instance *Config

	func init() {
		instance = newConfig()
	}

	func Get() *Config { return instance }`},
}
