package rewrite

import (
	"fmt"
	"go/types"

	"github.com/singletonfix/singletonfix/detect"
)

// freeName returns want, or want with the first number from 2 that makes it
// free: in the universe, the package, every file of it, and every one of scopes
// with all that lie in them and around them. Without scopes, in every scope of
// the package: then it may be declared at package level and be used anywhere.
func freeName(pkg *detect.Package, want string, scopes ...*types.Scope) string {
	if len(scopes) == 0 && pkg.Types != nil {
		scopes = []*types.Scope{pkg.Types.Scope()}
	}
	name := want
	for n := 2; isTaken(pkg, name, scopes); n++ {
		name = fmt.Sprintf("%s%d", want, n)
	}
	return name
}

func isTaken(pkg *detect.Package, name string, scopes []*types.Scope) bool {
	if types.Universe.Lookup(name) != nil || inFileScope(pkg, name) {
		return true
	}
	for _, s := range scopes {
		if around(s, name) || inside(s, name) {
			return true
		}
	}
	return false
}

// inFileScope reports whether name is declared in the package or is what one
// of its files calls an import.
func inFileScope(pkg *detect.Package, name string) bool {
	if pkg.Types == nil {
		return false
	}
	scope := pkg.Types.Scope()
	if scope.Lookup(name) != nil {
		return true
	}
	for i := range scope.NumChildren() {
		if scope.Child(i).Lookup(name) != nil {
			return true
		}
	}
	return false
}

// around reports whether name is declared in s or in a scope around it.
func around(s *types.Scope, name string) bool {
	for ; s != nil; s = s.Parent() {
		if s.Lookup(name) != nil {
			return true
		}
	}
	return false
}

// inside reports whether name is declared in s or in a scope in it.
func inside(s *types.Scope, name string) bool {
	if s.Lookup(name) != nil {
		return true
	}
	for i := range s.NumChildren() {
		if inside(s.Child(i), name) {
			return true
		}
	}
	return false
}
