package programs

import (
	"fmt"
	"strings"
)

// opsType is what Ops returns: what a script can call, with a kind and, for a
// get, what it is that it hands out. A call returns the number of the value
// that it got to see, 0 where there was none, and what else there is to say.
const opsType = `[]struct {
	Name, Kind, Of string
	Call           func() (int, string, error)
}`

// opsFile writes the file through which scripts use a program. It is no part
// of the program that is fixed.
func opsFile(pkg string, units []*unit) File {
	var b strings.Builder
	fmt.Fprintf(&b, "// Built says how many instances there have been.\nfunc Built() int { return int(atomic.LoadInt64(&lastID)) }\n\n")
	fmt.Fprintf(&b, "// Ops are what a script can call.\nfunc Ops() %s {\nreturn append(%s{\n", opsType, opsType)
	for _, u := range units {
		for _, o := range u.ops {
			b.WriteString(o.entry())
		}
	}
	b.WriteString("}, Users...)\n}\n")
	fmt.Fprintf(&b, "\n// Users are what a second package adds to them.\nvar Users %s\n", opsType)
	for _, u := range units {
		fmt.Fprintf(&b, "\nfunc Ident%s(v %s) int {\n%s\n}\n", u.Name, u.typ(), u.kind.ident)
	}
	return File{"zz_ops.go", formatted("package " + pkg + "\n\n" + importBlock(b.String()) + b.String())}
}

// entry returns the op as an element of what Ops returns.
func (o op) entry() string {
	return fmt.Sprintf("{%q, %q, %q, func() (int, string, error) {\n%s\n}},\n", o.name, o.kind, o.of, o.body)
}

// usersOpsFile writes the same for what the second package does.
func (g *gen) usersOpsFile(pkg string, units []*unit) File {
	var b strings.Builder
	fmt.Fprintf(&b, "func init() {\n%s.Users = append(%s.Users, %s{\n", pkg, pkg, opsType)
	for _, u := range units {
		for _, o := range u.usersOps {
			b.WriteString(subst(o.entry(), "$pkg", pkg))
		}
	}
	b.WriteString("}...)\n}\n")
	imports := importBlock(b.String()) + "import \"" + g.importPath(pkg) + "\"\n\n"
	return File{Users + "/zz_ops.go", formatted("package " + Users + "\n\n" + imports + b.String())}
}
