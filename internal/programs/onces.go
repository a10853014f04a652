package programs

// once adds a sync.Once and returns its name.
func (u *unit) once(typ string) string {
	name := u.one(u.name+"Once", "once"+u.Name)
	u.vars = append([]string{name + " " + typ}, u.vars...)
	return name
}

// do returns the call that fills the variable once.
func (u *unit) do(once string) string {
	if u.chance(20) {
		u.helper = true
		defer func() { u.helper = false }()
		u.fill(nil)
		return once + ".Do(init" + u.Name + ")"
	}
	return lines(once+".Do(func() {", u.fill(nil), "})")
}

// checkedOnce tests the variable in front of its Once.
func (u *unit) checkedOnce() {
	u.take(u.kindOf())
	u.choose("none", "none", "empty", "panics", "kept", "default")
	u.keepError()
	once := u.once("sync.Once")
	u.getter(func(e exit) string {
		x := u.value()
		if u.chance(30) {
			return lines("if "+u.filled(x)+" {", e.done(x), "}", u.do(once), e.done(x))
		}
		return lines("if "+u.unfilled(x)+" {", u.do(once), "}", e.done(x))
	})
	if u.chance(50) {
		u.readers()
	}
	if u.chance(20) {
		u.resets(false)
	}
}

// onceReset renews its Once.
func (u *unit) onceReset() {
	u.take(u.kindOf())
	u.choose("none", "none", "none", "panics", "kept", "default", "empty")
	u.keepError()
	renewed := u.one("sync.Once{}", "sync.Once{}", "new(sync.Once)")
	typ := "sync.Once"
	if renewed == "new(sync.Once)" {
		typ = "= new(sync.Once)"
	}
	once := u.once(typ)
	u.getter(func(e exit) string { return lines(u.do(once), e.done(u.value())) })
	u.clear = u.one(once+" = "+renewed+"\n"+u.clear, u.clear+"\n"+once+" = "+renewed)
	u.resets(true)
	u.readers()
}

// lostOnceError keeps the error in a variable of the call. Meant is one that
// stays.
func (u *unit) lostOnceError() {
	u.take(u.kindOf())
	u.mode, u.err = "kept", "err"
	once := u.once("sync.Once")
	declared := "var err error"
	if u.meant {
		u.err, declared = u.x+"Err", ""
		u.vars = append(u.vars, u.err+" error")
	}
	form := u.pick("lost", "plain", "wrapped")
	u.getter(func(e exit) string {
		return lines(declared, once+".Do(func() {", u.lost(form), "})", e.done(u.x))
	})
	u.readers()
}

// lost returns the statements that set the value, or the error.
func (u *unit) lost(form string) string {
	if form == "wrapped" {
		return lines("v, e := "+u.call("open"), "if e != nil {", u.err+` = fmt.Errorf("open: %w", e)`, "return", "}", u.store("v"))
	}
	return u.fill(nil)
}
