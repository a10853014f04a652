package programs

// An op is something that a script can call.
type op struct {
	name    string
	kind    string // get: the value must be there afterwards; reset, set, read
	of      string // the value that a get hands out: the same for all gets of it
	body    string // returns its number, what else there is to see, and an error
	discard string // statement that calls it and drops what it returns
}

// getter writes the function that hands the value out, in one of the places
// where people put it. body returns the statements, given how they end.
func (u *unit) getter(body func(e exit) string) {
	places := []string{"function", "function", "function", "middle", "two functions", "parameter", "behind another"}
	if u.recv == "" {
		places = append(places, "method", "closure")
		if u.generics() && u.mode != "kept" {
			places = append(places, "generic")
		}
	}
	name := u.one("Get"+u.Name, u.Name+"Instance", "Shared"+u.Name)
	switch u.pick("place", places...) {
	case "middle":
		u.inMiddle("Use"+u.Name, body)
	case "two functions":
		u.inFunction(name, "", body)
		u.inFunction(name+"Again", "", body)
	case "parameter":
		u.inFunction(name, "reason string", body)
	case "behind another":
		e := u.exitFor()
		u.funcs = append(u.funcs, u.fn("the"+name, "", e.results, body(e)), u.fn(name, "", e.results, "return "+u.self()+"the"+name+"()"))
		u.addGet(name, u.callee+name+"()", e)
	case "method":
		e := u.exitFor()
		u.types = append(u.types, "type "+u.Name+"User struct{ Label string }\n")
		u.funcs = append(u.funcs, "func (u *"+u.Name+"User) "+name+"() "+e.results+" {\n"+body(e)+"\n}\n")
		u.addGet(name, "(&"+u.Name+"User{})."+name+"()", e)
	case "closure":
		e := u.exitFor()
		u.funcs = append(u.funcs, "var "+name+" = func() "+e.results+" {\n"+body(e)+"\n}\n")
		u.addGet(name, name+"()", e)
	case "generic":
		u.inGeneric("With"+u.Name, body)
	default:
		u.inFunction(name, "", body)
	}
}

func (u *unit) inFunction(name, params string, body func(e exit) string) {
	e := u.exitFor()
	text, args := body(e), "()"
	if params != "" {
		text, args = "log.Print(reason)\n"+text, `("script")`
	}
	u.funcs = append(u.funcs, u.fn(name, params, e.results, text))
	u.addGet(name, u.callee+name+args, e)
}

// inMiddle puts the guard in the middle of a function that does other things.
func (u *unit) inMiddle(name string, body func(e exit) string) {
	before := lines(`total := 0`, `for _, word := range []string{"a", "bc"} {`, "total += len(word)", "}", `log.Print("total ", total)`)
	if u.chance(30) {
		before += "\n" + `defer log.Print("used")`
	}
	e := u.middle()
	u.funcs = append(u.funcs, u.fn(name, "", e.results, before+"\n"+body(e)))
	u.addGet(name, u.callee+name+"()", e)
}

// inGeneric puts the guard in a function that calls back with the value.
func (u *unit) inGeneric(name string, body func(e exit) string) {
	e := u.exitFor()
	e.results = "R"
	e.done = func(v string) string { return "return f(" + v + ")" }
	e.leave = func(string) string { return "var none R\nreturn none" }
	call := name + "(func(v " + u.typ() + ") int { return Ident" + u.Name + "(v) })"
	e.op, e.discard = "return $call, \"\", nil", "_ = "+name+"(func("+u.typ()+") bool { return true })"
	if u.mode == "returned" {
		e.results = "(R, error)"
		e.done = func(v string) string { return "return f(" + v + "), nil" }
		e.leave = func(err string) string { return "var none R\nreturn none, " + err }
		e.op, e.discard = "v, err := $call\nreturn v, \"\", err", "_, "+e.discard
	}
	u.funcs = append(u.funcs, "func "+name+"[R any](f func("+u.typ()+") R) "+e.results+" {\n"+body(e)+"\n}\n")
	u.addGet(name, call, e)
}

func (u *unit) addGet(name, call string, e exit) {
	u.ops = append(u.ops, op{name, "get", u.name, subst(e.op, "$call", call), subst(e.discard, "$call", call)})
}

func (u *unit) addOp(kind, name, body string) {
	u.ops = append(u.ops, op{name: name, kind: kind, of: u.name, body: body})
}
