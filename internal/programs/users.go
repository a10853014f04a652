package programs

import "strings"

// Users is the name, and the folder, of the second package that some programs
// have: it uses variables that the first exports.
const Users = "users"

// Module returns the name of the module whose packages the programs of a
// language version are: imports begin with it.
func Module(version string) string { return "before" + strings.TrimPrefix(version, "1.") }

func (g *gen) importPath(pkg string) string { return Module(g.goVersion) + "/" + pkg }

// usersSource returns a file of the second package.
func (g *gen) usersSource(pkg string, decls []string) string {
	name, alias := pkg, ""
	if g.chance(20) {
		name, alias = "values", "values "
	}
	code := subst(strings.Join(decls, "\n"), "$pkg", name)
	return formatted("package " + Users + "\n\n" + importBlock(code) + "import " + alias + "\"" + g.importPath(pkg) + "\"\n\n" + code)
}

// usedElsewhere writes what another package does with the variable.
func (u *unit) usedElsewhere() {
	u.note("exported", "yes")
	if u.chance(15) {
		return // nothing
	}
	fake := "Fake" + u.Name
	u.extra = append(u.extra, "// "+fake+" returns one for a test.\nfunc "+fake+"(id int) "+u.typ()+" { return "+u.build("id")+" }\n")
	forms := []string{"has", "has", "peek", "peek", "describe", "at first"}
	if u.mark == "" && u.err == "" && u.pattern != "checked-once" && u.pattern != "lost-once-error" && u.pattern != "once-reset" {
		forms = append(forms, "put", "put", "drop", "swap", "test")
	}
	if u.load == "$x" && u.kind.name == "map" {
		forms = append(forms, "element")
	}
	u.usedBy(u.pick("user", forms...))
	for u.chance(45) {
		u.usedBy(u.pick("user", forms...))
	}
}

// abroad calls f with what the unit is called in the other package.
func (u *unit) abroad(f func(x, typ string)) {
	home := u.x
	u.x = "$pkg." + home
	defer func() { u.x = home }()
	f(u.value(), strings.ReplaceAll(u.kind.typ, "$N", "$pkg."+u.Name))
}

// isAbroad returns one of the tests, as the other package spells it.
func (u *unit) isAbroad(tests []string, x string) string {
	return subst(u.one(tests...), "$N", "$pkg."+u.Name, "$x", x)
}

func (u *unit) usedBy(form string) {
	if u.named["abroad "+form] {
		return
	}
	u.named["abroad "+form] = true
	u.abroad(func(x, typ string) {
		switch form {
		case "has":
			u.user("read", "Has", "", "bool", "return "+u.isAbroad(u.kind.full, x), `return 0, strconv.FormatBool($call()), nil`)
		case "peek":
			u.user("read", "Peek", "", typ, "return "+x, "return $pkg.Ident"+u.Name+`($call()), "", nil`)
		case "describe":
			u.user("read", "Describe", "", "string", lines("if "+u.isAbroad(u.kind.empty, x)+" {", `return "none"`, "}", "return fmt.Sprint("+u.use(x)+")"), "return 0, $call(), nil")
		case "at first":
			u.users = append(u.users, "var first"+u.Name+" = "+x+"\n")
			u.user("read", "First", "", typ, "return first"+u.Name, "return $pkg.Ident"+u.Name+`($call()), "", nil`)
		case "put":
			u.user("set", "Put", "v "+typ, "", u.store("v"), lines("$call($pkg.Fake"+u.Name+"(811))", `return 0, "", nil`))
		case "drop":
			u.user("reset", "Drop", "", "", u.store(strings.ReplaceAll(u.kind.zero, "$N", "$pkg."+u.Name)), lines("$call()", `return 0, "", nil`))
		case "swap":
			u.user("set", "Swap", "v "+typ, typ, lines("old := "+x, u.store("v"), "return old"), "return $pkg.Ident"+u.Name+"($call($pkg.Fake"+u.Name+`(812))), "", nil`)
		case "element":
			u.user("alone", "Mark", "", "", lines("if "+x+" != nil {", x+`["marked"] = 1`, "}"), lines("$call()", `return 0, "", nil`))
		case "test":
			u.usersTest(x, typ)
		}
	})
}

// user adds a function of the other package, and the op that calls it.
func (u *unit) user(kind, verb, params, results, body, call string) {
	name := verb + u.Name
	u.users = append(u.users, "// "+name+" is about the "+u.name+".\nfunc "+name+"("+params+") "+results+" {\n"+body+"\n}\n")
	u.usersOps = append(u.usersOps, op{name: Users + "." + name, kind: kind, of: u.name, body: subst(call, "$call", name)})
}

// usersTest writes a test of the other package that puts another value in the
// variable's place.
func (u *unit) usersTest(x, typ string) {
	name := "with" + u.Name
	u.usersTests = append(u.usersTests,
		"func "+name+"(v "+typ+", f func()) {\nold := "+x+"\n"+u.store("v")+"\ndefer func() { "+u.store("old")+" }()\nf()\n}\n",
		"func Test"+u.Name+"(t *testing.T) {\n"+name+"($pkg.Fake"+u.Name+"(911), func() {\nt.Log(\"replaced\")\n})\n}\n")
	u.usersOps = append(u.usersOps, op{name: Users + "." + name, kind: "alone", of: u.name,
		body: lines(name+"($pkg.Fake"+u.Name+"(911), func() {})", `return 0, "", nil`)})
	if len(u.users) == 0 {
		u.users = append(u.users, "// Tests alone use the "+u.name+".\nvar _ = $pkg.Fake"+u.Name+"\n")
	}
}
