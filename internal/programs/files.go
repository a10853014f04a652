package programs

import (
	"fmt"
	"go/format"
	"regexp"
	"strings"
)

// files puts what the units consist of into files.
func (g *gen) files(pkg string, units []*unit) []File {
	var main, more, tagged, deps, tests, users, usersTests []string
	for _, u := range units {
		if text := u.constructors(); text != "" {
			deps = append(deps, text) // first: what is meant may be laid out by other choices, and does the same
		}
	}
	for _, u := range units {
		main = append(main, u.declarations()...)
		more = append(more, u.extra...)
		tagged = append(tagged, u.tagged...)
		tests = append(tests, u.tests...)
		users = append(users, u.users...)
		usersTests = append(usersTests, u.usersTests...)
	}
	deps = append(deps, "var lastID int64\n\nfunc nextID() int { return int(atomic.AddInt64(&lastID, 1)) }\n")
	if g.chance(30) {
		main, deps = append(main, deps...), nil
	}
	var files []File
	for _, f := range []struct {
		name  string
		decls []string
	}{{pkg + ".go", main}, {"more.go", more}, {"deps.go", deps}, {pkg + "_test.go", tests}} {
		if len(f.decls) > 0 {
			files = append(files, File{f.name, g.layout(g.source(pkg, f.decls))})
		}
	}
	for _, f := range []struct {
		name  string
		decls []string
	}{{Users + ".go", users}, {Users + "_test.go", usersTests}} {
		if len(f.decls) > 0 {
			files = append(files, File{Users + "/" + f.name, g.layout(g.usersSource(pkg, f.decls))})
		}
	}
	if len(tagged) > 0 {
		files = append(files, File{"tagged.go", constrained(g.layout(g.source(pkg, tagged)))})
	}
	return files
}

// Tag is the build tag of a file that some programs have: they are fixed
// without it, and run with it.
const Tag = "extra"

// constrained returns a file with the tag as its build constraint.
func constrained(text string) string {
	line := "//go:build " + Tag + "\n\n"
	if strings.Contains(text, "\r\n") {
		line = strings.ReplaceAll(line, "\n", "\r\n")
	}
	rest, marked := strings.CutPrefix(text, "\ufeff")
	if marked {
		line = "\ufeff" + line
	}
	return line + rest
}

// declarations returns what the unit declares in its main file.
func (u *unit) declarations() []string {
	decls := append(u.types, u.variables())
	if u.chance(25) {
		u.rng.Shuffle(len(u.funcs), func(i, j int) { u.funcs[i], u.funcs[j] = u.funcs[j], u.funcs[i] })
	}
	decls = append(decls, u.funcs...)
	if u.chance(15) {
		decls = append(u.funcs[:1:1], append(append(u.types, u.variables()), u.funcs[1:]...)...) // the variable below its getter
	}
	return decls
}

// variables declares the unit's variables, or the type whose fields they are.
func (u *unit) variables() string {
	if u.recv != "" {
		fields := strings.ReplaceAll(strings.Join(u.vars, "\n"), "h.", "")
		return "type " + u.Name + "Holder struct {\n" + fields + "\n}\n\nvar Default" + u.Name + " = &" + u.Name + "Holder{}\n"
	}
	if u.one("block", "lines") == "block" || len(u.vars) > 3 {
		return "var (\n" + strings.Join(u.vars, "\n") + "\n)\n"
	}
	return "var " + strings.Join(u.vars, "\nvar ") + "\n"
}

// source returns a file with the declarations and the imports that they need.
func (g *gen) source(pkg string, decls []string) string {
	code := strings.Join(decls, "\n")
	block := importBlock(code)
	if g.chance(8) {
		block = strings.Replace(block, `"sync"`, `gosync "sync"`, 1)
		code = regexp.MustCompile(`\bsync\.`).ReplaceAllString(code, "gosync.")
	}
	if g.chance(25) {
		block = regexp.MustCompile(`(?m)^\t?(.*".*")$`).ReplaceAllString(strings.TrimSuffix(strings.TrimPrefix(block, "import (\n"), ")\n\n"), "import $1") + "\n"
	}
	return formatted("package " + pkg + "\n\n" + block + code)
}

// importBlock imports the standard packages that code uses.
func importBlock(code string) string {
	var b strings.Builder
	for _, path := range []string{"errors", "fmt", "log", "os", "sort", "strconv", "strings", "sync", "sync/atomic", "testing", "time"} {
		name := path[strings.LastIndex(path, "/")+1:]
		if regexp.MustCompile(`\b` + name + `\.[A-Z]`).MatchString(code) {
			fmt.Fprintf(&b, "\t%q\n", path)
		}
	}
	if b.Len() == 0 {
		return ""
	}
	return "import (\n" + b.String() + ")\n\n"
}

// formatted returns src as gofmt writes it.
func formatted(src string) string {
	out, err := format.Source([]byte(src))
	if err != nil {
		panic(fmt.Sprintf("%v in a program of ours:\n%s", err, src))
	}
	return string(out)
}
