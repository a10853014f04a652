package race

import (
	"go/types"
)

// canTell reports whether values of type t can be told from each other, and
// whether it takes reflection.
func canTell(t types.Type) (ok, reflect bool) {
	switch u := t.Underlying().(type) {
	case *types.Interface, *types.Map, *types.Slice, *types.Signature:
		return true, true
	case *types.Pointer:
		if st, ok := u.Elem().Underlying().(*types.Struct); ok && st.NumFields() == 0 {
			return false, false // all of them may be at one address
		}
	}
	return types.Comparable(t), false
}

// nilable reports whether values of type t can be nil.
func nilable(t types.Type) bool {
	switch t.Underlying().(type) {
	case *types.Interface, *types.Map, *types.Slice, *types.Signature, *types.Pointer, *types.Chan:
		return true
	}
	return false
}
