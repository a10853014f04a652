package race

import (
	"go/ast"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/singletonfix/singletonfix/detect"
)

// A line is a place in a file of the package.
type line struct {
	file string // absolute
	n    int
}

var (
	accessHead = regexp.MustCompile(`(?mi)^(?:previous )?(?:atomic )?(?:read|write) at 0x[0-9a-f]+ by .*:$`)
	frameLine  = regexp.MustCompile(`(?m)^ {6}(\S.*):(\d+) \+0x[0-9a-f]+$`)
)

// countReports counts what the race detector reported of the singleton whose
// lines are own, and of other data that its functions handle: that was so
// before, and is not what the fix is about.
func countReports(out, dir string, own map[line]bool) (ours, others int) {
	parts := strings.Split(out, "WARNING: DATA RACE\n")
	for _, part := range parts[1:] {
		text, _, _ := strings.Cut(part, "==================")
		if isOurs(text, dir, own) {
			ours++
		} else {
			others++
		}
	}
	return ours, others
}

// isOurs reports whether one of the two accesses of a report is on one of the
// lines; a report that does not say where is.
func isOurs(report, dir string, own map[line]bool) bool {
	heads := accessHead.FindAllStringIndex(report, -1)
	known := false
	for i, head := range heads {
		stack := report[head[1]:]
		if i+1 < len(heads) {
			stack = report[head[1]:heads[i+1][0]]
		}
		stack, _, _ = strings.Cut(stack, "\n\n")
		at, ok := topFrame(stack, dir)
		known = known || ok
		if ok && own[at] {
			return true
		}
	}
	return !known
}

// topFrame returns where in dir a stack is: in a runtime function of maps,
// say, the package's frame comes further down.
func topFrame(stack, dir string) (line, bool) {
	for _, m := range frameLine.FindAllStringSubmatch(stack, -1) {
		n, err := strconv.Atoi(m[2])
		if err == nil && filepath.Dir(m[1]) == dir {
			return line{m[1], n}, true
		}
	}
	return line{}, false
}

// ownLines returns the lines on which vars, of pkg, are used, and those of the
// functions that assign them: there the value is built. Where such a function
// uses another variable that changes, a race is that one's.
func ownLines(pkg *detect.Package, vars []*detect.Variable) map[line]bool {
	own := make(map[line]bool)
	mark := func(n ast.Node, ours bool) {
		from, to := pkg.Fset.PositionFor(n.Pos(), false), pkg.Fset.PositionFor(n.End(), false)
		for i := from.Line; i <= to.Line; i++ {
			own[line{from.Filename, i}] = ours
		}
	}
	for _, v := range vars {
		for _, a := range v.Accesses {
			if a.Kind == detect.Write && a.In != nil {
				mark(a.In.Outermost().Cur.Node(), true)
			}
		}
	}
	for _, v := range detect.BuildFacts(pkg).Vars {
		if slices.ContainsFunc(vars, func(w *detect.Variable) bool { return w.Obj == v.Obj }) || !changes(v) {
			continue
		}
		for _, a := range v.Accesses {
			mark(a.Cur.Node(), false)
		}
	}
	for _, v := range vars {
		for _, a := range v.Accesses {
			mark(a.Cur.Node(), true)
			if isSimple(a.Stmt) {
				mark(a.Stmt, true)
			}
		}
	}
	return own
}

// changes reports whether v is assigned while goroutines share it.
func changes(v *detect.Variable) bool {
	return slices.ContainsFunc(v.Accesses, func(a *detect.Access) bool { return a.Kind == detect.Write && a.Phase == detect.Shared })
}

// isSimple reports whether s holds no other statements.
func isSimple(s ast.Stmt) bool {
	switch s.(type) {
	case *ast.AssignStmt, *ast.ExprStmt, *ast.ReturnStmt, *ast.IncDecStmt, *ast.SendStmt:
		return true
	}
	return false
}
