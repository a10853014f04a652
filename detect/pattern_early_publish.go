package detect

var earlyPublish = &Pattern{
	Name: "early-publish",
	Doc: `value that others can see before it is complete

A goroutine may use the value while another is still filling it. The store makes all that was
written before it visible, and nothing that comes after: what is assigned to the value later
races with whoever has loaded it by then.

Before:

	var (
		mu       sync.Mutex
		instance atomic.Pointer[Config]
	)

	func Get() *Config {
		if c := instance.Load(); c != nil {
			return c
		}
		mu.Lock()
		defer mu.Unlock()
		if c := instance.Load(); c != nil {
			return c
		}
		c := new(Config)
		instance.Store(c)
		c.Name = os.Getenv("NAME")
		return c
	}

After:

	var (
		mu       sync.Mutex
		instance atomic.Pointer[Config]
	)

	func Get() *Config {
		if c := instance.Load(); c != nil {
			return c
		}
		mu.Lock()
		defer mu.Unlock()
		if c := instance.Load(); c != nil {
			return c
		}
		c := new(Config)
		c.Name = os.Getenv("NAME")
		instance.Store(c)
		return c
	}

Refused when:

  - reentrant: what fills the value reads the variable, and so needs the store where it is
  - control-flow: the initialisation ends early behind the store, or lets another goroutine go on
  - no-form: the value is completed elsewhere than behind the store`,
	match: matchEarlyPublish,
}

func matchEarlyPublish(q *question) []Note {
	if !q.atomic() || q.once != nil {
		return nil
	}
	return q.publishedEarly(q.site)
}
