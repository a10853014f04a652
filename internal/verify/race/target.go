package race

import (
	"fmt"
	"go/types"

	"github.com/singletonfix/singletonfix/detect"
)

// A target is a function that a test calls.
type target struct {
	fn    *detect.Func
	sig   *types.Signature    // with type arguments in place of type parameters
	args  []types.Type        // of a function with type parameters
	off   map[*types.Var]bool // parameters to pass false for, where a bool is true otherwise
	value int                 // the result that is the singleton's value, -1 if there is none
	err   int                 // the result that is an error, -1 if there is none
}

// newTarget looks at the signature of f. The error says why f cannot be called.
func newTarget(s *detect.Singleton, f *detect.Func) (*target, error) {
	if f.Decl != nil && f.Decl.Recv == nil && (f.Decl.Name.Name == "main" || f.Decl.Name.Name == "init" || f.Decl.Name.Name == "_") {
		return nil, fmt.Errorf("%s is filled in the middle of %s, which a test cannot call", s.Vars[0].Name(), f.Decl.Name.Name)
	}
	tgt := &target{fn: f, value: -1, err: -1}
	info := s.Facts.Pkg.Info
	switch {
	case f.Obj != nil:
		tgt.sig = f.Obj.Signature()
	case f.Lit != nil && s.Facts.Pkg.Types.Scope().Lookup(f.PlainName()) != nil:
		tgt.sig, _ = info.TypeOf(f.Lit).(*types.Signature)
	}
	if tgt.sig == nil {
		return nil, fmt.Errorf("%s is filled in a function literal that has no name", s.Vars[0].Name())
	}
	if err := touches(s.Facts, f); err != nil {
		return nil, err
	}
	if err := tgt.instantiate(s.Facts.Pkg.Types); err != nil {
		return nil, err
	}
	tgt.off = offAt(s, f)
	tgt.results(s)
	return tgt, nil
}

// results finds the results that are an error and the singleton's value: the
// first that has the type of one of its variables, or the only one there is.
func (tgt *target) results(s *detect.Singleton) {
	var values []int
	i := 0
	for v := range tgt.sig.Results().Variables() {
		if types.Identical(v.Type(), types.Universe.Lookup("error").Type()) {
			tgt.err = i
		} else {
			values = append(values, i)
		}
		i++
	}
	for _, i := range values {
		if isValueOf(s, tgt.sig.Results().At(i).Type()) {
			tgt.value = i
			return
		}
	}
	if len(values) == 1 && tgt.fn.PlainName() == s.Getter() {
		tgt.value = values[0]
	}
}

// isValueOf reports whether t is the type of one of s's variables, or of what
// a registry holds.
func isValueOf(s *detect.Singleton, t types.Type) bool {
	for _, v := range s.Vars {
		if v.Field != "" {
			continue // the whole variable has another type
		}
		have := v.Obj.Type()
		if m, ok := have.Underlying().(*types.Map); ok && types.Identical(m.Elem(), t) {
			return true
		}
		if types.Identical(have, t) || types.Identical(pointedTo(have), t) {
			return true
		}
	}
	return false
}

// pointedTo returns *T for an atomic.Pointer[T], t for others.
func pointedTo(t types.Type) types.Type {
	named, ok := types.Unalias(t).(*types.Named)
	if !ok || typeName(t) != "sync/atomic.Pointer" {
		return t
	}
	return types.NewPointer(named.TypeArgs().At(0))
}
