package programs

// atomic makes the variable an atomic pointer.
func (u *unit) atomic() {
	u.take(u.kindOf("pointer"))
	u.vars = []string{u.x + " atomic.Pointer[" + u.Name + "]"}
	u.load, u.clear = "$x.Load()", u.x+".Store(nil)"
	u.store = func(v string) string { return u.x + ".Store(" + v + ")" }
}

// racyAtomic tests and stores an atomic in two steps.
func (u *unit) racyAtomic() {
	if !u.atomics() {
		u.oldAtomic()
		return
	}
	if u.chance(40) {
		u.atomicFlag()
		return
	}
	u.atomic()
	u.choose("none", "none", "empty", "panics", "returned", "logged", "default")
	u.helper = u.chance(10)
	u.getter(u.flow)
	u.around()
}

// atomicFlag guards a plain value by an atomic flag. Meant is one that is set
// when the value is there.
func (u *unit) atomicFlag() {
	u.take(u.kindOf())
	u.choose("none", "none", "empty", "panics", "returned", "logged", "default")
	flag := u.name + "Ready"
	u.vars = append(u.vars, flag+" atomic.Bool")
	u.empty, u.full = "!"+flag+".Load()", flag+".Load()"
	u.mark, u.clear = flag+".Store(true)", u.clear+"\n"+flag+".Store(false)"
	u.markAt = u.pick("flag set", "last", "last", "top", "swapped")
	if u.markAt == "swapped" {
		u.mark = ""
		u.getter(func(e exit) string {
			if u.meant == 1 {
				return lines("if "+u.empty+" {", u.fill(e.leave), flag+".Store(true)", "}", e.done(u.value()))
			}
			return lines("if "+flag+".CompareAndSwap(false, true) {", u.fill(e.leave), "}", e.done(u.value()))
		})
		return
	}
	u.setLast()
	u.getter(u.flow)
	u.around()
}

// setLast sets the flag behind the value where the program means that: a
// panic then leaves it unset.
func (u *unit) setLast() {
	if u.meant == 1 && u.mode == "panics" && (u.markAt == "top" || u.markAt == "first") {
		u.markAt = "last"
	}
}

// oldAtomic guards a value by a number, with the functions of sync/atomic.
func (u *unit) oldAtomic() {
	u.take(u.kindOf())
	u.choose("none", "none", "returned", "panics")
	flag := u.name + "State"
	u.vars = append(u.vars, flag+" int32")
	u.empty, u.full = "atomic.LoadInt32(&"+flag+") == 0", "atomic.LoadInt32(&"+flag+") == 1"
	u.mark, u.clear = "atomic.StoreInt32(&"+flag+", 1)", u.clear+"\natomic.StoreInt32(&"+flag+", 0)"
	u.markAt = u.pick("flag set", "last", "top")
	u.setLast()
	u.getter(u.flow)
	u.around()
}

// earlyPublish stores the value and goes on building it.
func (u *unit) earlyPublish() {
	if u.atomics() && u.chance(60) {
		u.atomic()
	} else {
		u.take(u.kindOf("pointer"))
	}
	u.mode = "none"
	u.mutex("sync.Mutex")
	u.locked = true
	x := u.value()
	u.getter(func(e exit) string {
		return lines("if "+u.isFull(x)+" {", e.done(x), "}", u.with(lines("if "+u.isFull(x)+" {", e.done(x), "}")),
			"c := new("+u.Name+")", u.store("c"), "c.ID = nextID()", `c.Label = "built"`, e.done("c"))
	})
	u.around()
}
