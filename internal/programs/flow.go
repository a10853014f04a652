package programs

import "strings"

// An exit is how a function that fills the value on its way ends.
type exit struct {
	results string
	done    func(v string) string   // with what v holds
	leave   func(err string) string // because of an error
	op      string                  // what a script does with $call
	discard string                  // how other code calls it
}

// exitFor chooses how a getter hands out the value.
func (u *unit) exitFor() exit {
	t, zero := u.typ(), u.zero()
	switch {
	case u.mode == "kept":
		return exit{"(" + t + ", error)", func(v string) string { return "return " + v + ", " + u.err + "" }, nil,
			"v, err := $call\nreturn Ident" + u.Name + "(v), \"\", err", "_, _ = $call"}
	case u.mode == "returned" && u.chance(20):
		return exit{"(result " + t + ", failure error)", func(v string) string { return "result = " + v + "\nreturn" },
			func(err string) string { return "return " + zero + ", " + err },
			"v, err := $call\nreturn Ident" + u.Name + "(v), \"\", err", "_, _ = $call"}
	case u.mode == "returned":
		return exit{"(" + t + ", error)", func(v string) string { return "return " + v + ", nil" },
			func(err string) string { return "return " + zero + ", " + err },
			"v, err := $call\nreturn Ident" + u.Name + "(v), \"\", err", "_, _ = $call"}
	case u.chance(10):
		return exit{"(" + t + ", bool)", func(v string) string { return "return " + v + ", true" },
			func(string) string { return "return " + zero + ", false" },
			"v, ok := $call\nreturn Ident" + u.Name + "(v), strconv.FormatBool(ok), nil", "_, _ = $call"}
	}
	return exit{t, func(v string) string { return "return " + v }, func(string) string { return "return " + zero },
		"return Ident" + u.Name + "($call), \"\", nil", "_ = $call"}
}

// middle returns the exit of a function that goes on with the value and
// returns something else.
func (u *unit) middle() exit {
	tail := func(v string) string {
		text := `log.Printf("using %d", ` + u.use(v) + ")\n"
		if u.chance(30) {
			text += "for i := 0; i < 2; i++ {\nlog.Print(i, " + u.use(v) + ")\n}\n"
		}
		return text + "return " + u.use(v)
	}
	switch u.mode {
	case "returned":
		return exit{"(int, error)", func(v string) string { return tail(v) + ", nil" },
			func(err string) string { return "return 0, " + err }, "v, err := $call\nreturn v, \"\", err", "_, _ = $call"}
	case "kept":
		return exit{"(int, error)", func(v string) string {
			return "if " + u.err + " != nil {\nreturn 0, " + u.err + "\n}\n" + tail(v) + ", nil"
		}, nil, "v, err := $call\nreturn v, \"\", err", "_, _ = $call"}
	}
	return exit{"int", tail, func(string) string { return "return 0" }, "return $call, \"\", nil", "_ = $call"}
}

// unfilled and filled test what v holds, and the error that is kept beside it.
func (u *unit) unfilled(v string) string {
	if u.mode == "kept" && u.mark == "" {
		return u.isEmpty(v) + " && " + u.err + " == nil"
	}
	return u.isEmpty(v)
}

func (u *unit) filled(v string) string {
	if u.mode == "kept" && u.mark == "" {
		return u.isFull(v) + " || " + u.err + " != nil"
	}
	return u.isFull(v)
}

// flow returns the body of a getter: the test, the filling, the end, in one
// of the ways in which that is spelled.
func (u *unit) flow(e exit) string {
	x := u.value()
	empty, full := u.unfilled(x), u.filled(x)
	forms := []string{"if", "if", "if", "if", "early", "early", "else", "switch", "default case", "predicate", "bool", "nested", "and", "goto"}
	if u.mark == "" && !u.helper && u.mode != "kept" {
		forms = append(forms, "copy", "if-init")
		if u.kind.tag {
			forms = append(forms, "tag")
		}
	}
	if (u.mode == "none" || u.mode == "returned" || u.mode == "panics") && u.markAt != "deferred" {
		forms = append(forms, "loop")
	}
	switch u.pick("flow", forms...) {
	case "early":
		return lines("if "+full+" {", e.done(x), "}", u.fill(e.leave), e.done(x))
	case "else":
		return lines("if "+full+" {", `log.Print("it is there")`, "} else {", u.fill(e.leave), "}", e.done(x))
	case "switch":
		return lines("switch {", "case "+empty+":", u.fill(e.leave), "}", e.done(x))
	case "default case":
		return lines("switch {", "case "+full+":", "default:", u.fill(e.leave), "}", e.done(x))
	case "tag":
		return lines("switch "+x+" {", "case "+u.zero()+":", u.fill(e.leave), "}", e.done(x))
	case "predicate":
		name := "has" + u.Name
		u.declare(name, func() string { return "func " + u.recv + name + "() bool { return " + full + " }\n" })
		return lines("if !"+u.self()+name+"() {", u.fill(e.leave), "}", e.done(x))
	case "bool":
		return lines("missing := "+empty, "if missing {", u.fill(e.leave), "}", e.done(x))
	case "nested":
		return lines("if "+empty+" {", `if os.Getenv("OFF") == "" {`, u.fill(e.leave), "}", "}", e.done(x))
	case "and":
		return lines("if "+u.parens(empty)+` && os.Getenv("OFF") == "" {`, u.fill(e.leave), "}", e.done(x))
	case "goto":
		return lines("if "+full+" {", "goto done", "}", "{", u.fill(e.leave), "}", "done:", e.done(x))
	case "loop":
		return lines("for "+empty+" {", u.fill(e.leave), "}", e.done(x))
	case "copy":
		defer u.alsoStore("cur")()
		return lines("cur := "+x, "if "+u.isEmpty("cur")+" {", u.fill(e.leave), "}", e.done("cur"))
	case "if-init":
		return lines("if cur := "+x+"; "+u.isFull("cur")+" {", e.done("cur"), "}", u.fill(e.leave), e.done(x))
	}
	return lines("if "+empty+" {", u.fill(e.leave), "}", e.done(x))
}

// parens returns the test in parentheses where it is more than one.
func (u *unit) parens(test string) string {
	if strings.Contains(test, "&&") {
		return "(" + test + ")"
	}
	return test
}

// self returns what a call from one of the unit's functions begins with.
func (u *unit) self() string {
	if u.recv == "" {
		return ""
	}
	return "h."
}

// alsoStore makes stores assign a local variable too, until the returned
// function is called.
func (u *unit) alsoStore(local string) func() {
	plain := u.store
	u.copied = true
	u.store = func(v string) string {
		if v == local {
			return plain(v)
		}
		return local + " = " + v + "\n" + plain(local)
	}
	return func() { u.store, u.copied = plain, false }
}
