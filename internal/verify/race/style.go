package race

import (
	"go/build/constraint"
	"slices"
	"strings"

	"github.com/singletonfix/singletonfix/detect"
)

// usesTestify reports whether the tests of pkg are written with testify.
func usesTestify(pkg *detect.Package) bool {
	for _, f := range pkg.Files {
		if !f.Test || f.IsRaceTest() {
			continue
		}
		for _, imp := range f.Syntax.Imports {
			if strings.HasPrefix(imp.Path.Value, `"github.com/stretchr/testify/`) {
				return true
			}
		}
	}
	return false
}

// conditions returns what must hold for the files to be built that the tests
// of subs need, as the expression of a //go:build line; "" if nothing must.
func conditions(subs []*subject) string {
	var all []string
	add := func(f *detect.File) {
		if c := condition(f); c != "" && !slices.Contains(all, c) {
			all = append(all, c)
		}
	}
	for _, sub := range subs {
		for _, v := range sub.singleton.Vars {
			add(v.File)
		}
		for _, list := range [][]*target{{sub.getter}, sub.others, sub.later, sub.resets} {
			for _, tgt := range list {
				add(tgt.fn.File)
			}
		}
	}
	if len(all) < 2 {
		return strings.Join(all, "")
	}
	slices.Sort(all)
	return "(" + strings.Join(all, ") && (") + ")"
}

// condition returns what f is built under: its //go:build line, and what its
// name says.
func condition(f *detect.File) string {
	var all []string
	for _, group := range f.Syntax.Comments {
		if group.Pos() > f.Syntax.Package {
			break
		}
		for _, c := range group.List {
			if x, err := constraint.Parse(c.Text); err == nil && constraint.IsGoBuild(c.Text) {
				all = append(all, x.String())
			}
		}
	}
	base := strings.TrimSuffix(strings.TrimSuffix(f.Name, ".go"), "_test")
	base = base[strings.LastIndexAny(base, `/\`)+1:]
	if _, rest, ok := strings.Cut(base, "_"); ok {
		all = append(all, named(strings.Split(rest, "_"))...)
	}
	return strings.Join(all, " && ")
}

// systems and processors are what a file's name may end in.
var (
	systems    = strings.Fields("aix android darwin dragonfly freebsd illumos ios js linux netbsd openbsd plan9 solaris wasip1 windows")
	processors = strings.Fields("386 amd64 arm arm64 loong64 mips mips64 mips64le mipsle ppc64 ppc64le riscv64 s390x wasm")
)

// named returns the conditions in the last parts of a file's name.
func named(parts []string) []string {
	last := parts[len(parts)-1]
	switch {
	case slices.Contains(processors, last) && len(parts) > 1 && slices.Contains(systems, parts[len(parts)-2]):
		return []string{parts[len(parts)-2], last}
	case slices.Contains(processors, last), slices.Contains(systems, last):
		return []string{last}
	}
	return nil
}
