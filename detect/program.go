package detect

import (
	"regexp"
	"slices"
	"strings"
)

// Within a program the calls of the whole module count: what leads to a
// function there is all that ever does.

// callsBack reports whether c, by the name of what it calls, does not run the
// function that is passed to it on another goroutine. That is for programs: what
// the callbacks of a library get into nobody sees.
func (f *Facts) callsBack(c *Call) bool {
	return f.ofProgram() && c.Obj != nil && f.runs(c) == "" && !SharesFunc(c.Obj.Name())
}

// unusedElsewhere reports whether no other package of the module uses the
// function fn outside tests, and its own does not hand it out.
func (f *Facts) unusedElsewhere(fn *Func) bool {
	if fn.Decl == nil || fn.Decl.Recv != nil || f.valueOutsideTests(fn) {
		return false // methods may be called through interfaces
	}
	return len(f.usesElsewhere(fn)) == 0
}

// unusedInModule reports whether the function fn, exported for the rest of a
// program or from an internal package, is used by none of it outside tests.
func (f *Facts) unusedInModule(fn *Func) bool {
	w := f.Pkg.World
	return w != nil && (w.Program || isInternal(f.Pkg.Path)) && f.unusedElsewhere(fn)
}

// unusedInProgram reports whether nothing of a program but tests uses fn.
func (f *Facts) unusedInProgram(fn *Func) bool {
	return f.inProgram() && f.unusedElsewhere(fn) && !slices.ContainsFunc(fn.Callers, func(c *Call) bool { return c.Caller == nil || !c.Caller.File.Test })
}

// usedAtStart reports whether nothing of the module but the start of its
// programs leads to the exported function fn.
func (f *Facts) usedAtStart(fn *Func) bool {
	if fn.Decl.Recv != nil || f.valueOutsideTests(fn) {
		return false
	}
	uses := f.usesElsewhere(fn)
	return len(uses) > 0 && !slices.ContainsFunc(uses, func(u Use) bool { return u.Kind != UsedInit && u.Kind != UsedMain })
}

// alone reports whether only main's goroutine leads to the exported function
// or method fn, as far as the module shows.
func (f *Facts) alone(fn *Func) bool {
	return f.inProgram() && f.Pkg.World.Alone != nil && fn.Decl != nil && !f.valueOutsideTests(fn) && f.Pkg.World.Alone(worldName(fn))
}

// inProgram reports whether all that uses the package is in sight: it is part
// of a program, or only for its module.
func (f *Facts) inProgram() bool {
	w := f.Pkg.World
	return w != nil && (isInternal(f.Pkg.Path) || w.InProgram != nil && w.InProgram())
}

// ofProgram reports whether the package is part of a program.
func (f *Facts) ofProgram() bool { return f.Pkg.Types.Name() == "main" || f.inProgram() }

// setUpName matches the names of functions that set a program up.
var setUpName = regexp.MustCompile(`^(.*\.)?([iI]nit|[iI]nitiali[sz]e|[sS]et[uU]p|[bB]ootstrap)([A-Z_].*)?$`)

// forSetUp reports whether nothing but what by its name sets a program up leads
// to fn, exported for the rest of that program; or fn is a method of such a
// name, which only a framework calls.
func (f *Facts) forSetUp(fn *Func) bool {
	if !f.inProgram() || f.valueOutsideTests(fn) {
		return false
	}
	if fn.Decl.Recv != nil {
		return setUpName.MatchString(fn.Decl.Name.Name) && len(fn.Callers) == 0
	}
	uses := f.usesElsewhere(fn)
	return len(uses) > 0 && !slices.ContainsFunc(uses, func(u Use) bool {
		return u.Kind != UsedInit && u.Kind != UsedMain && !(u.Kind == UsedPlain && u.Via && setUpName.MatchString(u.In))
	})
}

// usesElsewhere returns the uses of fn in other packages of the module, but
// for those in tests.
func (f *Facts) usesElsewhere(fn *Func) []Use {
	if f.Pkg.World == nil || !fn.Exported() {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(f.Pkg.World.Uses[worldName(fn)]), func(u Use) bool { return u.Kind == UsedTesting })
}

// isInternal reports whether only the module of the package at path may import it.
func isInternal(path string) bool {
	return slices.Contains(strings.Split(path, "/"), "internal")
}
