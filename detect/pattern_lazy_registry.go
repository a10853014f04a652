package detect

var lazyRegistry = &Pattern{
	Name: "lazy-registry",
	Doc: `unsynchronised map of values that are made when first asked for

Two goroutines may both build a value for one key, and a map that both use crashes the program.
The runtime ends it with "concurrent map writes" or "concurrent map read and map write", which
no recover catches; where it does not notice, one of the two values is lost.

Before:

	var pools = map[string]*DB{}

	func Pool(name string) *DB {
		if p, ok := pools[name]; ok {
			return p
		}
		p := newDB(name)
		pools[name] = p
		return p
	}

After:

	var pools = map[string]*DB{}
	var poolsMu sync.Mutex

	func Pool(name string) *DB {
		poolsMu.Lock()
		defer poolsMu.Unlock()
		if p, ok := pools[name]; ok {
			return p
		}
		p := newDB(name)
		pools[name] = p
		return p
	}

Refused when:

  - reentrant: making a value comes back to the map for another key
  - escapes: the map itself is handed out
  - exported: code outside the package can use the map`,
	match: matchLazyRegistry,
}

func matchLazyRegistry(q *question) []Note {
	if !q.bare || q.site.Key == nil || q.site.Flag || q.site.Var.Owner != nil {
		return nil
	}
	return q.unsynchronized()
}
