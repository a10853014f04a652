package load

import (
	"go/ast"
	"go/token"
	"go/types"
	"regexp"
	"slices"
	"strings"

	"github.com/singletonfix/singletonfix/detect"
)

// ownErrors returns those of errs that are wrong in the unit's own code
// whatever the faked packages hold. In doubt an error is left out: exact
// loading finds it.
func ownErrors(u *unit, errs []types.Error, pkg *detect.Package) []Error {
	var own []Error
	for _, err := range errs {
		if !isOwn(err, pkg) {
			continue
		}
		own = append(own, Error{Package: u.path, Pos: pkg.Fset.PositionFor(err.Pos, false), Msg: err.Msg})
	}
	return own
}

// allErrors returns errs as they are.
func allErrors(u *unit, errs []types.Error, pkg *detect.Package) []Error {
	var all []Error
	for _, err := range errs {
		all = append(all, Error{Package: u.path, Pos: pkg.Fset.PositionFor(err.Pos, false), Msg: err.Msg})
	}
	return all
}

const basic = `(bool|string|byte|rune|u?int(8|16|32|64)?|uintptr|float(32|64)|complex(64|128))`

// These do not depend on what a faked package holds: go/types is silent
// where an operand is invalid, and they name no type that could embed one.
var surelyOwn = []*regexp.Regexp{
	regexp.MustCompile(`^assignment mismatch: `),
	regexp.MustCompile(`^no new variables on left side of :=$`),
	regexp.MustCompile(`^initialization cycle( or refers to itself)?: `),
	regexp.MustCompile(`^invalid recursive type`),
	regexp.MustCompile(`^label .* (not defined|declared and not used)$`),
	regexp.MustCompile(`^cannot use .* \((untyped \w+ constant.*|(variable|constant .*|value) of type ` + basic + `)\) as ` + basic + ` value in `),
	regexp.MustCompile(`\(mismatched types ` + basic + ` and ` + basic + `\)$`),
	regexp.MustCompile(`^method .* already declared at `),
}

func isOwn(err types.Error, pkg *detect.Package) bool {
	if strings.Contains(err.Msg, "invalid type") {
		return false // an echo of a faked import
	}
	if name, ok := strings.CutPrefix(err.Msg, "undefined: "); ok {
		return undefinedForSure(pkg, err.Pos, name)
	}
	if name, ok := strings.CutSuffix(err.Msg, " redeclared in this block"); ok {
		return !isImportName(pkg, err.Pos, name)
	}
	return slices.ContainsFunc(surelyOwn, func(re *regexp.Regexp) bool { return re.MatchString(err.Msg) })
}

// undefinedForSure reports whether no faked package can be what defines name
// at pos: by a dot import, or by being called so itself.
func undefinedForSure(pkg *detect.Package, pos token.Pos, name string) bool {
	if strings.Contains(name, ".") {
		return false // a member of a package: a stub may lack it
	}
	file := pkg.File(pos)
	for _, spec := range file.Syntax.Imports {
		if spec.Name != nil && spec.Name.Name == "." {
			return false
		}
	}
	return !isSelectedFrom(file.Syntax, pos) || len(unusedGuesses(pkg, file)) == 0
}

// isImportName reports whether name is, in the file of pos, what an import
// without a name of its own is taken to be called.
func isImportName(pkg *detect.Package, pos token.Pos, name string) bool {
	for _, f := range pkg.Files {
		for _, spec := range f.Syntax.Imports {
			obj := pkg.Info.Implicits[spec]
			if obj != nil && obj.Name() == name {
				return true
			}
		}
	}
	return false
}

// isSelectedFrom reports whether the identifier at pos is the x of some x.f.
func isSelectedFrom(file *ast.File, pos token.Pos) bool {
	found := false
	ast.Inspect(file, func(n ast.Node) bool {
		if sel, ok := n.(*ast.SelectorExpr); ok && sel.X.Pos() == pos {
			_, found = sel.X.(*ast.Ident)
		}
		return !found
	})
	return found
}

// learnNames finds out what packages are called whose name was guessed
// wrong: the file says foo.F where foo is undefined, and never uses the name
// guessed for one of its imports. It reports whether it learnt anything.
func learnNames(pkg *detect.Package, errs []types.Error, names map[string]string) bool {
	learnt := false
	for _, err := range errs {
		name, ok := strings.CutPrefix(err.Msg, "undefined: ")
		if !ok {
			continue
		}
		file := pkg.File(err.Pos)
		if !isSelectedFrom(file.Syntax, err.Pos) {
			continue // a package is always selected from
		}
		path, ok := bestGuess(unusedGuesses(pkg, file), name)
		if ok && names[path] == "" {
			names[path] = name
			learnt = true
		}
	}
	return learnt
}

// unusedGuesses returns the import paths of file whose package's name was
// guessed, to no use.
func unusedGuesses(pkg *detect.Package, file *detect.File) []string {
	used := make(map[types.Object]bool)
	for _, obj := range pkg.Info.Uses {
		if _, ok := obj.(*types.PkgName); ok {
			used[obj] = true
		}
	}
	var paths []string
	for _, spec := range file.Syntax.Imports {
		obj, _ := pkg.Info.Implicits[spec].(*types.PkgName)
		if obj == nil || used[obj] {
			continue
		}
		if path := obj.Imported().Path(); slices.Contains(pkg.Assumed, path) {
			paths = append(paths, path)
		}
	}
	return paths
}

// bestGuess returns the path that is most likely of a package called name:
// the only one that contains it, or the only one there is.
func bestGuess(paths []string, name string) (string, bool) {
	var likely []string
	for _, p := range paths {
		if strings.Contains(strings.ToLower(p), strings.ToLower(name)) {
			likely = append(likely, p)
		}
	}
	switch {
	case len(likely) == 1:
		return likely[0], true
	case len(paths) == 1:
		return paths[0], true
	}
	return "", false
}
