package programs

// What can go wrong when a value is filled, and what becomes of it:
//
//	none      nothing
//	empty     the constructor may find nothing: the variable stays as it is
//	panics    it may panic
//	returned  it may fail; the caller gets the error, the next one tries again
//	logged    it may fail; the caller gets nothing
//	kept      it may fail; the error is kept beside the value
//	default   it may fail; a default takes the value's place

// choose gives the unit one of these modes.
func (u *unit) choose(modes ...string) { u.mode = u.pick("errors", modes...) }

// fill returns the statements that build the value and store it. What leave
// returns ends the function because of an error, given as an expression.
func (u *unit) fill(leave func(err string) string) string {
	if u.helper {
		return u.callHelper(leave)
	}
	return u.marked(leave)
}

// callHelper returns the call of a function that fills the variable.
func (u *unit) callHelper(leave func(err string) string) string {
	name := "init" + u.Name
	if u.mode != "returned" {
		u.declare(name, func() string {
			return u.fn(name, "", "", u.marked(func(string) string { return "return" }))
		})
		return u.self() + name + "()"
	}
	u.declare(name, func() string {
		return u.fn(name, "", "error", u.marked(func(err string) string { return "return " + err })+"\nreturn nil")
	})
	return lines("if err := "+u.self()+name+"(); err != nil {", leave("err"), "}")
}

// declare adds a function, if there is none of that name.
func (u *unit) declare(name string, text func() string) {
	if !u.named[name] {
		u.named[name] = true
		u.funcs = append(u.funcs, text())
	}
}

// marked returns the statements that build the value, store it, and set the
// flag that says so.
func (u *unit) marked(leave func(err string) string) string {
	plain := u.store
	defer func() { u.store = plain }()
	switch u.markAt {
	case "top":
		return lines(u.mark, u.filling(leave))
	case "deferred":
		return lines("defer func() { "+u.mark+" }()", u.filling(leave))
	case "first":
		u.store = func(v string) string { return u.mark + "\n" + plain(v) }
	case "last":
		u.store = func(v string) string { return plain(v) + "\n" + u.mark }
	}
	return u.filling(leave)
}

// marks returns the statement that sets the flag behind an assignment of the
// variable that is no store.
func (u *unit) marks() string {
	if u.markAt == "first" || u.markAt == "last" {
		return u.mark
	}
	return ""
}

func (u *unit) filling(leave func(err string) string) string {
	switch u.mode {
	case "none":
		return u.fillSurely()
	case "empty":
		return u.store(u.call("find"))
	case "panics":
		return u.fillOrPanic()
	case "returned":
		return u.fillOrReturn(leave)
	case "logged":
		return u.fillOrLog(leave)
	case "kept":
		return lines(u.x+", "+u.err+" = "+u.call("open"), u.marks())
	case "default":
		return lines("v, err := "+u.call("open"), "if err != nil {", `log.Print("using the default: ", err)`, "v = "+u.build("7"), "}", u.store("v"))
	}
	panic("no mode " + u.mode)
}

func (u *unit) fillSurely() string {
	forms := []string{"literal", "call", "steps"}
	if u.load == "$x" && u.kind.name == "pointer" {
		forms = append(forms, "fields")
	}
	if u.load == "$x" && u.kind.name == "map" {
		forms = append(forms, "keys")
	}
	switch u.pick("built", forms...) {
	case "literal":
		return u.store(u.build("nextID()"))
	case "steps":
		return lines("v := "+u.call("new"), `log.Printf("built %d", `+u.use("v")+")", u.store("v"))
	case "fields":
		return lines(u.store("&"+u.Name+"{}"), u.x+".ID = nextID()", u.x+`.Label = "built"`)
	case "keys":
		return lines(u.store("map[string]int{}"), u.x+`["id"] = nextID()`, u.x+`["more"] = 1`)
	}
	return u.store(u.call("new"))
}

func (u *unit) fillOrPanic() string {
	if u.chance(50) {
		return u.store(u.call("must"))
	}
	return lines("v, err := "+u.call("open"), "if err != nil {", "panic(err)", "}", u.store("v"))
}

func (u *unit) fillOrReturn(leave func(err string) string) string {
	forms := []string{"v, err", "v, err", "wrapped", "else"}
	if u.load == "$x" && !u.copied {
		forms = append(forms, "declared", "cleared")
	}
	switch u.pick("failure", forms...) {
	case "declared":
		return lines("var err error", u.x+", err = "+u.call("open"), "if err != nil {", leave("err"), "}", u.marks())
	case "cleared":
		return lines("var err error", "if "+u.x+", err = "+u.call("open")+"; err != nil {", u.x+" = "+u.zero(), leave("err"), "}", u.marks())
	case "wrapped":
		return lines("v, err := "+u.call("open"), "if err != nil {", leave(`fmt.Errorf("open: %w", err)`), "}", u.store("v"))
	case "else":
		return lines("if v, err := "+u.call("open")+"; err != nil {", leave("err"), "} else {", u.store("v"), "}")
	}
	return lines("v, err := "+u.call("open"), "if err != nil {", leave("err"), "}", u.store("v"))
}

func (u *unit) fillOrLog(leave func(err string) string) string {
	if u.chance(50) {
		return lines("v, err := "+u.call("open"), "if err != nil {", "log.Print(err)", leave(""), "}", u.store("v"))
	}
	return lines("if v, err := "+u.call("open")+"; err == nil {", u.store("v"), "} else {", `log.Printf("no `+u.name+`: %v", err)`, "}")
}

// call returns a call of one of the unit's constructors: new, find, must or
// open.
func (u *unit) call(name string) string {
	u.calls[name] = true
	return name + u.Name + "()"
}

// constructors returns the declarations of those that are called.
func (u *unit) constructors() string {
	var text string
	for _, c := range []struct{ name, results, before string }{
		{"new", u.typ(), ""},
		{"find", u.typ(), "if os.Getenv(\"EMPTY\") != \"\" {\nreturn " + u.zero() + "\n}\n"},
		{"must", u.typ(), "if os.Getenv(\"FAIL\") != \"\" {\npanic(\"no " + u.name + "\")\n}\n"},
		{"open", "(" + u.typ() + ", error)", "if os.Getenv(\"FAIL\") != \"\" {\nreturn " + u.zero() + ", errors.New(\"no " + u.name + "\")\n}\n"},
	} {
		if !u.calls[c.name] {
			continue
		}
		result := u.build("nextID()")
		if c.name == "open" {
			result += ", nil"
			if u.chance(25) {
				c.before = "if os.Getenv(\"PANIC\") != \"\" {\npanic(\"broken " + u.name + "\")\n}\n" + c.before
			}
		}
		if u.chance(40) {
			c.before += "log.Print(\"building the " + u.name + "\")\n"
		}
		if u.other != nil {
			c.before += u.other.ops[0].discard + "\n"
		}
		text += "func " + c.name + u.Name + "() " + c.results + " {\n" + c.before + "return " + result + "\n}\n\n"
	}
	return text
}
