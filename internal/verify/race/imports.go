package race

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/singletonfix/singletonfix/detect"
)

// imports are those of the test file that is being written.
type imports struct {
	pkg   *detect.Package   // its names are taken
	names map[string]string // path -> name in the file
}

func newImports(pkg *detect.Package) *imports {
	return &imports{pkg: pkg, names: make(map[string]string)}
}

// use imports a package and returns what the file calls it: its own name,
// unless the package has a use for that.
func (im *imports) use(path, name string) string {
	if have, ok := im.names[path]; ok {
		return have
	}
	free := name
	for n := 2; im.taken(free); n++ {
		free = fmt.Sprintf("%s%d", name, n)
	}
	im.names[path] = free
	return free
}

func (im *imports) taken(name string) bool {
	if name == "t" || name == "b" || isTaken(im.pkg, name) {
		return true // t and b are the tests' own
	}
	return slices.Contains(slices.Collect(maps.Values(im.names)), name)
}

// isTaken reports whether pkg declares name; what a race test that is to be
// written anew declares does not count.
func isTaken(pkg *detect.Package, name string) bool {
	obj := pkg.Types.Scope().Lookup(name)
	if obj == nil {
		return false
	}
	f := pkg.File(obj.Pos())
	return f == nil || !f.IsRaceTest()
}

// free returns name, or name with a number behind it that none of pkgs declares.
func free(name string, pkgs ...*detect.Package) string {
	found := name
	for n := 2; slices.ContainsFunc(pkgs, func(p *detect.Package) bool { return isTaken(p, found) }); n++ {
		found = fmt.Sprintf("%s%d", name, n)
	}
	return found
}

// String returns the import declaration, the standard library first.
func (im *imports) String() string {
	var std, others []string
	for _, p := range slices.Sorted(maps.Keys(im.names)) {
		line := fmt.Sprintf("\t%q\n", p)
		if name := im.names[p]; name != path.Base(p) {
			line = fmt.Sprintf("\t%s %q\n", name, p)
		}
		if !isStandard(p) {
			others = append(others, line)
			continue
		}
		std = append(std, line)
	}
	text := strings.Join(std, "")
	if len(others) > 0 {
		text += "\n" + strings.Join(others, "")
	}
	return "import (\n" + text + ")\n"
}
