package programs

// around writes what people write beside a getter: resets, readers, tests.
func (u *unit) around() {
	if u.chance(40) {
		u.resets(false)
	}
	u.readers()
	u.override()
}

// guard puts the lock around statements where the unit's functions take it.
func (u *unit) guard(body string) string {
	if u.locked {
		return u.with(body)
	}
	return body
}

// beside adds a function to this file or to the other one.
func (u *unit) beside(text string) {
	switch n := u.rng.IntN(100); {
	case n < 3:
		u.note("function", "in another build")
		u.tagged = append(u.tagged, text)
		return
	case n < 27:
		u.extra = append(u.extra, text)
		return
	}
	u.funcs = append(u.funcs, text)
}

// resets writes the functions that empty or assign the variable; sure: one at
// least.
func (u *unit) resets(sure bool) {
	forms := []string{"reset", "reset", "set", "swap", "restore"}
	if u.kind.closes() && u.load == "$x" {
		forms = append(forms, "close", "close", "close")
	}
	u.reset(u.pick("reset", forms...))
	if u.chance(25) {
		u.reset(u.pick("reset", forms...))
	}
	if sure && u.chance(50) {
		u.reset("reset")
	}
}

func (u *unit) reset(form string) {
	if u.named[form] {
		return
	}
	u.named[form] = true
	t := u.typ()
	switch form {
	case "reset":
		name := "Reset" + u.Name
		u.beside(u.fn(name, "", "", u.guard(u.clear)))
		u.addOp("reset", name, u.callee+name+"()\nreturn 0, \"\", nil")
	case "set":
		name := "Set" + u.Name
		u.beside(u.fn(name, "v "+t, "", u.guard(lines(u.store("v"), u.mark))))
		u.addOp("set", name, u.callee+name+"("+u.build("801")+")\nreturn 0, \"\", nil")
	case "swap":
		name := "Swap" + u.Name
		u.beside(u.fn(name, "v "+t, t, u.guard(lines("old := "+u.value(), u.store("v"), u.mark, "return old"))))
		u.addOp("set", name, "return Ident"+u.Name+"("+u.callee+name+"("+u.build("802")+")), \"\", nil")
	case "restore":
		name := "Override" + u.Name
		back := "return func() { " + u.store("old") + " }"
		if u.locked {
			back = lines("return func() {", u.with(u.store("old")), "}")
		}
		u.beside(u.fn(name, "v "+t, "(restore func())", u.guard(lines("old := "+u.value(), u.store("v"), back))))
		u.addOp("alone", name, lines("restore := "+u.callee+name+"("+u.build("803")+")", u.ops[0].discard, "restore()", `return 0, "", nil`))
	case "close":
		u.teardown()
	}
}

// teardown closes the value and empties the variable.
func (u *unit) teardown() {
	name, x := "Close"+u.Name, u.x
	empty := lines("if "+x+" == nil {", "return nil", "}")
	body := ""
	switch u.pick("teardown", "cleared anyway", "kept where it fails", "deferred", "cleared first") {
	case "cleared anyway":
		body = lines(empty, "err := "+x+".Close()", u.clear, "return err")
	case "kept where it fails":
		body = lines(empty, "if err := "+x+".Close(); err != nil {", "return err", "}", u.clear, "return nil")
	case "deferred":
		body = lines(empty, "defer func() {", u.clear, "}()", "return "+x+".Close()")
	default:
		body = lines(empty, "old := "+x, u.clear, "return old.Close()")
	}
	u.beside(u.fn(name, "", "error", u.guard(body)))
	u.addOp("reset", name, `return 0, "", `+u.callee+name+"()")
}

// readers writes functions that read the variable, or none.
func (u *unit) readers() {
	for u.chance(25) {
		u.reader()
	}
}

func (u *unit) reader() {
	x := u.value()
	switch form := u.pick("reader", "has", "has", "peek", "describe", "after the getter"); {
	case u.named["reads "+form]:
	case form == "has":
		name := u.one("Is", "Have") + u.Name + "Loaded"
		u.named["reads has"] = true
		u.beside(u.fn(name, "", "bool", u.guard("return "+u.isFull(x))))
		u.addOp("read", name, "return 0, strconv.FormatBool("+u.callee+name+"()), nil")
	case form == "peek":
		name := "Peek" + u.Name
		u.named["reads peek"] = true
		u.beside(u.fn(name, "", u.typ(), u.guard("return "+x)))
		u.addOp("read", name, "return Ident"+u.Name+"("+u.callee+name+"()), \"\", nil")
	case form == "describe":
		name := "Describe" + u.Name
		u.named["reads describe"] = true
		u.beside(u.fn(name, "", "string", u.guard(lines("if "+u.isEmpty(x)+" {", `return "none"`, "}", `return fmt.Sprint("`+u.name+` ", `+u.use(x)+")"))))
		u.addOp("read", name, "return 0, "+u.callee+name+"(), nil")
	default:
		name := "Print" + u.Name
		u.named["reads "+form] = true
		u.beside(u.fn(name, "", "", lines(u.ops[0].discard, u.guard(lines("if "+u.isFull(x)+" {", "log.Print("+u.use(x)+")", "}")))))
		u.addOp("read", name, u.callee+name+"()\nreturn 0, \"\", nil")
	}
}

// override writes a test that puts another value in the variable's place.
func (u *unit) override() {
	if !u.chance(12) || u.recv != "" || u.load != "$x" {
		return
	}
	u.note("test", "assigns")
	name := "with" + u.Name
	u.tests = append(u.tests,
		"func "+name+"(v "+u.typ()+", f func()) {\nold := "+u.x+"\n"+u.store("v")+"\ndefer func() { "+u.x+" = old }()\nf()\n}\n",
		"func Test"+u.Name+"(t *testing.T) {\n"+name+"("+u.build("901")+", func() {\n"+u.ops[0].discard+"\n})\n}\n")
	u.addOp("alone", name, name+"("+u.build("901")+", func() {\n"+u.ops[0].discard+"\n})\nreturn 0, \"\", nil")
}
