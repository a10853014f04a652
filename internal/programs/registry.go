package programs

// lazyRegistry makes values when their key is first asked for.
func (u *unit) lazyRegistry() {
	u.kind = u.kindOf("pointer", "pointer", "pointer", "interface", "string", "number", "slice", "func", "map")
	u.types = append(u.types, u.text(u.kind.decls))
	u.choose("none", "none", "none", "returned", "returned", "empty", "logged", "panics")
	u.empty, u.full = u.one(u.kind.empty...), u.one(u.kind.full...)
	u.x += "s"
	m := "map[string]" + u.typ()
	lazy := u.chance(20)
	switch {
	case lazy:
		u.vars = append(u.vars, u.x+" "+m)
	case u.chance(50):
		u.vars = append(u.vars, u.x+" = "+m+"{}")
	default:
		u.vars = append(u.vars, u.x+" = make("+m+")")
	}
	u.store = func(v string) string { return u.x + "[key] = " + v }
	u.load = "$x[key]"
	u.registryGetter(lazy, m)
	u.registryOthers(m)
}

// registryGetter writes the function that looks a key up.
func (u *unit) registryGetter(lazy bool, m string) {
	e := u.exitFor()
	name := u.one("Get", "Lookup", "For") + u.Name
	made := ""
	if lazy {
		made = lines("if "+u.x+" == nil {", u.x+" = "+m+"{}", "}")
	}
	if u.chance(15) {
		u.note("constructor", "asks for another key")
		made = lines(made, `if key == "a" {`, subst(e.discard, "$call", name+`("b")`), "}")
	}
	u.funcs = append(u.funcs, u.fn(name, "key string", e.results, u.lookup(e, made)))
	for _, key := range []string{"a", "b"} {
		u.addGet(name, name+`("`+key+`")`, e)
		u.ops[len(u.ops)-1].of += key
	}
}

// lookup returns the body of the getter; made are statements in front of the
// construction.
func (u *unit) lookup(e exit, made string) string {
	x := u.x + "[key]"
	fill := func() string { return lines(made, u.fill(e.leave)) }
	switch u.pick("look-up", "early", "early", "not ok", "copy", "in place", "read twice") {
	case "not ok":
		return lines("if _, ok := "+x+"; !ok {", fill(), "}", e.done(x))
	case "copy":
		defer u.alsoStore("cur")()
		return lines("cur, ok := "+x, "if !ok {", fill(), "}", e.done("cur"))
	case "in place":
		return lines("if "+u.isEmpty(x)+" {", fill(), "}", e.done(x))
	case "read twice":
		return lines("if _, ok := "+x+"; ok {", e.done(x), "}", fill(), e.done(x))
	}
	return lines("if cur, ok := "+x+"; ok {", e.done("cur"), "}", fill(), e.done(x))
}

// registryOthers writes the functions that use the map besides.
func (u *unit) registryOthers(m string) {
	if u.chance(25) {
		u.note("reset", "new map")
		u.funcs = append(u.funcs, u.fn("Reset"+u.Name, "", "", u.x+" = "+m+"{}"))
		u.addOp("reset", "Reset"+u.Name, "Reset"+u.Name+"()\nreturn 0, \"\", nil")
	}
	if u.chance(25) {
		u.note("reset", "delete")
		u.funcs = append(u.funcs, u.fn("Drop"+u.Name, "key string", "", "delete("+u.x+", key)"))
		u.addOp("reset", "Drop"+u.Name, "Drop"+u.Name+"(\"a\")\nreturn 0, \"\", nil")
	}
	if u.chance(25) {
		u.note("reader", "len")
		u.extra = append(u.extra, u.fn("Count"+u.Name, "", "int", "return len("+u.x+")"))
		u.addOp("read", "Count"+u.Name, "return Count"+u.Name+"(), \"\", nil")
	}
	if u.chance(20) {
		u.note("reader", "range")
		u.funcs = append(u.funcs, u.fn("Names"+u.Name, "", "[]string", lines("var names []string", "for name := range "+u.x+" {", "names = append(names, name)", "}", "sort.Strings(names)", "return names")))
		u.addOp("read", "Names"+u.Name, "return 0, strings.Join(Names"+u.Name+"(), \" \"), nil")
	}
	if u.chance(15) {
		u.note("setter", "key")
		u.funcs = append(u.funcs, u.fn("Put"+u.Name, "key string, v "+u.typ(), "", u.x+"[key] = v"))
		u.addOp("set", "Put"+u.Name, "Put"+u.Name+"(\"b\", "+u.build("701")+")\nreturn 0, \"\", nil")
	}
}
