package verify

import (
	"go/token"
	"slices"

	"github.com/singletonfix/singletonfix/detect"
)

// lookAgain looks for singletons in the changed package, and has it planned
// for once more.
//
// Precondition: it type-checks as well as before.
func (v *checker) lookAgain() {
	was := unsafeVars(v.before, v.change.Fields)
	for _, x := range unsafeVars(v.after, v.change.Fields) {
		switch {
		case slices.Contains(v.change.Fixed, x.name):
			v.add(StillUnsafe, x.pos, "%s is still found unsafe (%s)", x.name, x.pattern)
		case !slices.ContainsFunc(was, func(y unsafeVar) bool { return y.name == x.name }):
			v.add(NewUnsafe, x.pos, "%s is found unsafe (%s), and was not before", x.name, x.pattern)
		}
	}
	if v.change.Again == nil {
		return
	}
	switch changed, err := v.change.Again(v.after); {
	case err != nil:
		v.add(Failed, token.Position{}, "plan for the changed package: %v", err)
	case changed:
		v.add(NotIdempotent, token.Position{}, "a second run would change the package again")
	}
}

// An unsafeVar is a variable of a singleton that detect finds unsafe.
type unsafeVar struct {
	name, pattern string
	pos           token.Position
}

func unsafeVars(pkg *detect.Package, fields bool) []unsafeVar {
	singletons := detect.Find(pkg)
	if fields {
		singletons = append(singletons, detect.FindFields(pkg)...)
	}
	var found []unsafeVar
	for _, s := range singletons {
		if s.Safe {
			continue
		}
		for _, x := range s.Vars {
			found = append(found, unsafeVar{x.Name(), s.Pattern, pkg.Fset.PositionFor(x.Obj.Pos(), false)})
		}
	}
	return found
}
