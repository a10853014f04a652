package verify

import (
	"go/ast"
	"go/version"

	"github.com/singletonfix/singletonfix/detect"
)

// Names of the standard library that a fix may use, with the first version
// that has them. go/types leaves that to whoever has an old toolchain.
var since = map[string]string{
	"sync.OnceFunc":       "go1.21",
	"sync.OnceValue":      "go1.21",
	"sync.OnceValues":     "go1.21",
	"sync/atomic.Bool":    "go1.19",
	"sync/atomic.Int32":   "go1.19",
	"sync/atomic.Int64":   "go1.19",
	"sync/atomic.Uint32":  "go1.19",
	"sync/atomic.Uint64":  "go1.19",
	"sync/atomic.Pointer": "go1.19",
}

// goVersion checks that changed files use nothing that is newer than their
// language version, unless the package did so before.
func (v *checker) goVersion() {
	before := make(map[string]bool)
	for _, f := range v.before.Files {
		for _, n := range tooNew(v.before, f) {
			before[n.name] = true
		}
	}
	for _, f := range v.after.Files {
		for _, n := range tooNew(v.after, f) {
			if !before[n.name] {
				v.add(GoVersion, v.after.Fset.PositionFor(n.id.Pos(), false), "%s needs %s, and the file is %s", n.name, since[n.name], v.after.Info.FileVersions[f.Syntax])
			}
		}
	}
}

// A newName is a use of a name of the standard library that came later than
// the language version of the file.
type newName struct {
	name string
	id   *ast.Ident
}

func tooNew(pkg *detect.Package, f *detect.File) []newName {
	have := pkg.Info.FileVersions[f.Syntax]
	if !version.IsValid(have) {
		return nil // unknown, and so not too old
	}
	var found []newName
	ast.Inspect(f.Syntax, func(n ast.Node) bool {
		id, ok := n.(*ast.Ident)
		if !ok {
			return true
		}
		obj := pkg.Info.Uses[id]
		if obj == nil || obj.Pkg() == nil || obj.Parent() != obj.Pkg().Scope() {
			return true // no name of a package
		}
		name := obj.Pkg().Path() + "." + obj.Name()
		if first := since[name]; first != "" && version.Compare(have, first) < 0 {
			found = append(found, newName{name, id})
		}
		return true
	})
	return found
}
