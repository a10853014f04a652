package race

import (
	"bytes"
	"go/ast"
	"path/filepath"
	"slices"
	"strings"

	"github.com/singletonfix/singletonfix/detect"
)

// yieldFile declares what is called where a goroutine is to make way for others.
const yieldFile = "singletonfix_yield.go"

// withYields adds to files, which stand in place of those of pkg, calls of
// runtime.Gosched in front of the statements that use one of the variables:
// between the test and the fill, for one. Any goroutine may be interrupted
// there anyway; this way it comes to pass in a test that takes no second.
// Lines stay where they are.
func (job *Job) withYields(pkg *detect.Package, vars []*detect.Variable, files map[string][]byte) {
	name := free("singletonfixYield", job.Before, job.After)
	at := noteAt(pkg)
	for _, v := range vars {
		for _, a := range v.Accesses {
			if offset, ok := yieldBefore(pkg, a); ok {
				at[a.File] = append(at[a.File], splice{offset, name + "(); "})
			}
		}
	}
	if len(at) == 0 {
		return
	}
	for f, splices := range at {
		files[f.Name] = insert(f.Src, splices)
	}
	files[filepath.Join(job.Dir, yieldFile)] = []byte("package " + pkg.Types.Name() + "\n\nimport \"runtime\"\n\nfunc " + name + "() { runtime.Gosched() }\n")
}

// yieldBefore returns where to yield before a, if it is in a statement that
// others can stand in front of.
func yieldBefore(pkg *detect.Package, a *detect.Access) (offset int, ok bool) {
	if a.In == nil || a.Stmt == nil || a.File.Test {
		return 0, false
	}
	switch a.Stmt.(type) {
	case *ast.CaseClause, *ast.CommClause:
		return 0, false // between two of these there is no place
	}
	for c := range a.Cur.Enclosing() {
		if c.Node() != a.Stmt {
			continue
		}
		switch c.Parent().Node().(type) {
		case *ast.BlockStmt:
			return pkg.Fset.PositionFor(a.Stmt.Pos(), false).Offset, true
		case *ast.CaseClause, *ast.CommClause:
			return pkg.Fset.PositionFor(a.Stmt.Pos(), false).Offset, !isComm(c.Parent().Node(), a.Stmt)
		}
		return 0, false
	}
	return 0, false
}

// isComm reports whether stmt is what a case of a select waits for.
func isComm(clause ast.Node, stmt ast.Stmt) bool {
	comm, ok := clause.(*ast.CommClause)
	return ok && comm.Comm == stmt
}

// A splice is text to be put in at an offset.
type splice struct {
	offset int
	text   string
}

// insert returns src with splices put in, each once.
func insert(src []byte, splices []splice) []byte {
	slices.SortFunc(splices, func(a, b splice) int { return a.offset - b.offset })
	var out bytes.Buffer
	last := 0
	for _, s := range slices.Compact(splices) {
		out.Write(src[last:s.offset])
		out.WriteString(s.text)
		last = s.offset
	}
	out.Write(src[last:])
	return out.Bytes()
}

// variables returns the variables of pkg that have these names, as namesOf
// gives them.
func variables(pkg *detect.Package, names []string) []*detect.Variable {
	var vars []*detect.Variable
	for _, name := range names {
		owner, field, ok := strings.Cut(name, ".")
		if !ok {
			continue
		}
		if v := ownerField(pkg, owner, field); v != nil {
			vars = append(vars, v)
		}
	}
	for _, v := range detect.BuildFacts(pkg).Vars {
		if slices.Contains(names, v.Obj.Name()) {
			vars = append(vars, v)
		}
	}
	return vars
}
