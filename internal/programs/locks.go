package programs

// brokenDoubleCheck reads the variable before it takes the lock.
func (u *unit) brokenDoubleCheck() { u.doubleCheck(true) }

// missingRecheck does not look again when it has the lock.
func (u *unit) missingRecheck() { u.doubleCheck(false) }

func (u *unit) doubleCheck(again bool) {
	u.take(u.kindOf())
	u.choose("none", "none", "empty", "panics", "returned", "returned", "logged", "kept", "default")
	u.keepError()
	if u.chance(20) && u.recv == "" {
		u.flag()
		u.markAt = "last"
	}
	u.helper = u.mode != "kept" && u.chance(20)
	typ := u.one("sync.Mutex", "sync.Mutex", "sync.RWMutex")
	u.mutex(typ)
	u.locked = true
	u.getter(func(e exit) string { return u.doubleChecked(e, again, typ) })
	u.around()
}

// doubleChecked returns the body of a getter that tests, locks, and tests
// once more or not.
func (u *unit) doubleChecked(e exit, again bool, typ string) string {
	x := u.value()
	empty, full := u.unfilled(x), u.filled(x)
	forms := []string{"nested", "nested", "early"}
	if u.mode == "none" || u.mode == "empty" {
		forms = append(forms, "unlocked at the end")
	}
	if u.mark == "" && u.mode != "kept" && !again && typ == "sync.RWMutex" {
		forms = append(forms, "read lock", "read lock")
	}
	slow := func() string {
		if !again {
			return u.fill(e.leave)
		}
		return lines("if "+empty+" {", u.fill(e.leave), "}")
	}
	switch u.pick("locking", forms...) {
	case "early":
		second := ""
		if again {
			second = lines("if "+full+" {", e.done(x), "}")
		}
		return lines("if "+full+" {", e.done(x), "}", u.with(second), u.fill(e.leave), e.done(x))
	case "unlocked at the end":
		return lines("if "+empty+" {", u.lock+".Lock()", slow(), u.lock+".Unlock()", "}", e.done(x))
	case "read lock":
		return lines(u.lock+".RLock()", "cur := "+x, u.lock+".RUnlock()", "if "+u.isFull("cur")+" {", e.done("cur"), "}", u.with(u.fill(e.leave)), e.done(x))
	}
	return lines("if "+empty+" {", u.with(slow()), "}", e.done(x))
}

// localLock takes a lock that is new at each call.
func (u *unit) localLock() {
	u.take(u.kindOf())
	u.choose("none", "none", "empty", "panics", "returned", "logged", "default")
	if u.pick("local", "mutex", "mutex", "once", "tested once") != "mutex" {
		u.choose("none", "empty", "panics")
		u.getter(u.localOnce)
		u.around()
		return
	}
	local := u.one("var mu sync.Mutex", "mu := new(sync.Mutex)", "mu := &sync.Mutex{}", "mu := sync.Mutex{}", "var mu sync.RWMutex")
	u.getter(func(e exit) string { return lines(local, "mu.Lock()", "defer mu.Unlock()", u.flow(e)) })
	u.around()
}

// localOnce returns the body of a getter with a Once of its own. Meant is
// one that all calls share.
func (u *unit) localOnce(e exit) string {
	do := lines(".Do(func() {", u.fill(nil), "})")
	tested := u.chance(40)
	if u.meant == 1 && !tested {
		u.declare(u.name+"Once", func() string { return "var " + u.name + "Once sync.Once\n" })
		return lines(u.name+"Once"+do, e.done(u.value()))
	}
	do = lines("var once sync.Once", "once"+do)
	if tested {
		do = lines("if "+u.unfilled(u.value())+" {", do, "}")
	}
	return lines(do, e.done(u.value()))
}

// guarded writes a getter that is safe: everything under one lock.
func (u *unit) guarded() {
	u.take(u.kindOf())
	u.choose("none", "none", "empty", "panics", "returned", "returned", "logged", "default", "kept")
	u.keepError()
	if u.chance(30) {
		u.flag()
	}
	u.mutex(u.one("sync.Mutex", "sync.Mutex", "sync.RWMutex"))
	u.getter(func(e exit) string { return u.with(u.flow(e)) })
}

// unlockedReset is safe, but for functions that write without the lock.
func (u *unit) unlockedReset() {
	u.guarded()
	u.resets(true)
	u.locked = true
	u.readers()
	u.override()
}

// unlockedRead is safe, but for functions that read without the lock.
func (u *unit) unlockedRead() {
	u.guarded()
	u.reader()
	u.locked = true
	u.resets(false)
}

// safe has no flaw.
func (u *unit) safe() {
	u.guarded()
	u.locked = true
	u.resets(false)
	u.readers()
}
