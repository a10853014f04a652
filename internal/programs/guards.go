package programs

import "slices"

// nilCheck writes a getter that tests the variable and fills it.
func (u *unit) nilCheck() {
	u.take(u.kindOf())
	u.choose("none", "none", "none", "empty", "panics", "returned", "returned", "returned", "logged", "kept", "default")
	u.keepError()
	u.getter(u.flow)
	u.around()
}

// helperInit is the same, but another function does the filling.
func (u *unit) helperInit() {
	u.take(u.kindOf())
	u.choose("none", "empty", "panics", "returned", "returned", "logged", "default")
	u.helper = true
	u.getter(u.flow)
	u.around()
}

// flagGuard tests a flag beside the value.
func (u *unit) flagGuard() {
	u.take(u.kindOf("struct", "struct", "pointer", "pointer", "map", "slice", "string", "number", "interface", "time", "func"))
	u.choose("none", "none", "empty", "panics", "returned", "returned", "logged", "kept", "kept", "default")
	u.helper = u.mode != "kept" && u.chance(15)
	u.keepError()
	u.flag()
	u.setLast()
	u.getter(u.flow)
	u.around()
}

// flag adds a variable that says whether the value is there.
func (u *unit) flag() {
	name := u.self() + u.name + u.one("Loaded", "Ready", "Done")
	u.markAt = u.pick("flag set", "last", "last", "last", "first", "top", "deferred")
	if u.chance(15) {
		u.empty, u.full, u.mark = name+" == 0", name+" != 0", name+" = 1"
		u.vars = append(u.vars, name+" int")
		u.clear += "\n" + name + " = 0"
		return
	}
	u.empty, u.full, u.mark = u.one("!"+name, "!"+name, name+" == false"), name, name+" = true"
	u.vars = append(u.vars, name+" bool")
	u.clear += "\n" + name + " = false"
	if u.chance(50) {
		slices.Reverse(u.vars)
	}
}

// keepError adds the variable of an error that stays.
func (u *unit) keepError() {
	if u.mode == "kept" {
		u.err = u.x + "Err"
		u.vars = append(u.vars, u.err+" error")
		u.clear += "\n" + u.err + " = nil"
	}
}

// lazyField is the same with fields of a type whose values are shared.
func (u *unit) lazyField() {
	u.recv, u.callee = "(h *"+u.Name+"Holder) ", "Default"+u.Name+"."
	u.x, u.lock = "h."+u.name, "h.mu"
	u.store = func(v string) string { return u.x + " = " + v }
	switch u.pick("field", "nil-check", "nil-check", "flag-guard", "broken-double-check", "helper-init") {
	case "flag-guard":
		u.flagGuard()
	case "helper-init":
		u.helperInit()
	case "broken-double-check":
		u.brokenDoubleCheck()
		return
	default:
		u.nilCheck()
	}
	if u.chance(70) {
		u.vars = append(u.vars, "mu sync.Mutex", "hits int")
		u.funcs = append(u.funcs, u.fn("Hit", "", "int", "h.mu.Lock()\ndefer h.mu.Unlock()\nh.hits++\nreturn h.hits"))
	}
}
