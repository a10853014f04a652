package verify

import (
	"cmp"
	"go/token"
	"slices"
	"sync"

	"github.com/singletonfix/singletonfix/detect"
)

// lookAgain looks for singletons in the changed package, and has it planned
// for once more.
//
// Precondition: it type-checks as well as before.
func (v *checker) lookAgain(after *detect.Facts) {
	found := v.find(after)
	was := sync.OnceValue(func() []unsafeVar { return unsafeVars(v.before, v.find(detect.BuildFacts(v.before))) })
	for _, x := range unsafeVars(v.after, found) {
		switch {
		case slices.Contains(v.change.Fixed, x.name):
			v.add(StillUnsafe, x.pos, "%s is still found unsafe (%s)", x.name, x.pattern)
		case !slices.ContainsFunc(was(), func(y unsafeVar) bool { return y.name == x.name }):
			v.add(NewUnsafe, x.pos, "%s is found unsafe (%s), and was not before", x.name, x.pattern)
		}
	}
	if v.change.Again == nil {
		return
	}
	switch changed, err := v.change.Again(v.after, found); {
	case err != nil:
		v.add(Failed, token.Position{}, "plan for the changed package: %v", err)
	case changed:
		v.add(NotIdempotent, token.Position{}, "a second run would change the package again")
	}
}

// find returns the singletons of a package, in source order.
func (v *checker) find(fx *detect.Facts) []*detect.Singleton {
	found := fx.Find()
	if !v.change.Fields {
		return found
	}
	found = append(found, detect.FindFields(fx.Pkg)...)
	slices.SortStableFunc(found, func(a, b *detect.Singleton) int { return cmp.Compare(a.Vars[0].Obj.Pos(), b.Vars[0].Obj.Pos()) })
	return found
}

// An unsafeVar is a variable of a singleton that detect finds unsafe.
type unsafeVar struct {
	name, pattern string
	pos           token.Position
}

func unsafeVars(pkg *detect.Package, singletons []*detect.Singleton) []unsafeVar {
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
