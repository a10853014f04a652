package race

import (
	"go/types"
	"slices"

	"github.com/singletonfix/singletonfix/detect"
)

// SafeFields returns the fields of pkg's types that are filled lazily and are
// safe: those that [detect.FindFields] knows by their tests, and those that a
// Once beside them fills, which nobody tests.
func SafeFields(pkg *detect.Package) []*detect.Singleton {
	found := slices.DeleteFunc(detect.FindFields(pkg), func(s *detect.Singleton) bool { return !s.Safe })
	facts := detect.BuildFieldFacts(pkg)
	scope := pkg.Types.Scope()
	for _, name := range scope.Names() {
		tn, ok := scope.Lookup(name).(*types.TypeName)
		if !ok || tn.IsAlias() {
			continue
		}
		st, ok := tn.Type().Underlying().(*types.Struct)
		if !ok {
			continue
		}
		for f := range st.Fields() {
			if s := filledByOnce(facts, st, f); s != nil && !slices.ContainsFunc(found, func(have *detect.Singleton) bool { return have.Vars[0].Name() == s.Vars[0].Name() }) {
				found = append(found, s)
			}
		}
	}
	return found
}

// filledByOnce returns the fields of st that once, one of them, fills, as a
// singleton; nil if it is no Once, or fills none.
func filledByOnce(facts *detect.Facts, st *types.Struct, once *types.Var) *detect.Singleton {
	guard := facts.Variable(once)
	if typeName(once.Type()) != "sync.Once" || guard == nil {
		return nil
	}
	s := &detect.Singleton{Facts: facts, Pattern: "once", Safe: true, Once: guard}
	for f := range st.Fields() {
		if v := facts.Variable(f); v != nil && slices.ContainsFunc(v.Accesses, func(a *detect.Access) bool { return isFillOf(a, once.Name()) }) {
			s.Vars = append(s.Vars, v)
		}
	}
	if len(s.Vars) == 0 {
		return nil
	}
	return s
}

// isFillOf reports whether a is a write in the function that the field once
// of the same value runs.
func isFillOf(a *detect.Access, once string) bool {
	return a.Kind == detect.Write && slices.ContainsFunc(a.Held, func(l detect.Lock) bool {
		return l.Mode == detect.InOnce && l.Root == a.Base.Root && l.Path == once
	})
}
