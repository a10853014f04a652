package programs

// once adds a sync.Once and returns its name.
func (u *unit) once(typ string) string {
	name := u.one(u.name+"Once", "once"+u.Name)
	u.vars = append([]string{name + " " + typ}, u.vars...)
	return name
}

// do returns the call that fills the variable once. Meant is a test of the
// variable, or of a flag of its own.
func (u *unit) do(once string) string {
	run := ""
	if u.helper = u.chance(20); u.helper {
		run = u.fill(nil)
		u.helper = false
	} else {
		run = u.marked(nil)
	}
	switch {
	case u.meant == 1:
		return lines("if "+u.unfilled(u.value())+" {", run, "}")
	case u.meant == 2:
		u.declare(once+"Done", func() string { return "var " + once + "Done bool\n" })
		return lines("if !"+once+"Done {", run, once+"Done = true", "}")
	case run == "init"+u.Name+"()":
		return once + ".Do(init" + u.Name + ")"
	}
	return lines(once+".Do(func() {", run, "})")
}

// renew returns the statement that lets the Once run again, or what that
// means.
func (u *unit) renew(once, value string) string {
	switch u.meant {
	case 1:
		return ""
	case 2:
		return once + "Done = false"
	}
	return once + " = " + value
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
	renew := u.renew(once, renewed)
	if u.chance(50) {
		u.clear = lines(renew, u.clear)
	} else {
		u.clear = lines(u.clear, renew)
	}
	u.resets(true)
	u.readers()
}

// lostOnceError keeps the error in a variable of the call. Meant is one that
// stays, or another try.
func (u *unit) lostOnceError() {
	u.take(u.kindOf())
	u.mode, u.err = "kept", "err"
	once := u.once("sync.Once")
	declared := "var err error"
	if u.meant == 1 {
		u.err, declared = u.x+"Err", ""
		u.vars = append(u.vars, u.err+" error")
	}
	form := u.pick("lost", "plain", "wrapped")
	u.getter(func(e exit) string {
		if u.meant == 2 && form == "plain" {
			return lines(declared, "if "+u.isEmpty(u.x)+" {", u.lost(form), "}", e.done(u.x))
		}
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
