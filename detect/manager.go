package detect

import (
	"go/types"
	"path"
	"strings"
)

// IsManager reports whether the import path is one that the package of the
// manager strategy has in a module: internal/lazy, or a name that begins so.
func IsManager(importPath string) bool {
	dir, name := path.Split(importPath)
	return strings.HasPrefix(name, "lazy") && (dir == "internal/" || strings.HasSuffix(dir, "/internal/"))
}

// isManaged reports whether t is a Value or a Map of the manager strategy's
// package: a generic type with a Get and a GetErr that take a builder, and the
// Reset that every one of them has.
func isManaged(t types.Type) bool {
	named, ok := types.Unalias(t).(*types.Named)
	if !ok || named.TypeArgs().Len() == 0 || named.Obj().Pkg() == nil || !IsManager(named.Obj().Pkg().Path()) {
		return false
	}
	methods := types.NewMethodSet(types.NewPointer(named))
	for _, want := range []struct {
		name    string
		results int // of the builder that it takes last
	}{{"Get", 1}, {"GetErr", 2}} {
		m := methods.Lookup(named.Obj().Pkg(), want.name)
		if m == nil {
			return false
		}
		sig := m.Obj().(*types.Func).Signature()
		params := sig.Params()
		if params.Len() == 0 || sig.Results().Len() != want.results {
			return false
		}
		build, ok := params.At(params.Len() - 1).Type().Underlying().(*types.Signature)
		if !ok || !types.Identical(build.Results(), sig.Results()) {
			return false
		}
	}
	return methods.Lookup(named.Obj().Pkg(), "Reset") != nil
}

// isManagedMap reports whether v is a Map of the manager strategy's package.
func isManagedMap(v *Variable) bool {
	named, ok := types.Unalias(v.Obj.Type()).(*types.Named)
	return ok && isManaged(named) && named.TypeArgs().Len() == 2
}

// Managed reports whether s is a value, or a registry, of the package that
// the manager strategy gives to a module.
func (s *Singleton) Managed() (value, registry bool) {
	v := s.Vars[0]
	if v.Field != "" || v.Owner != nil || !isManaged(v.Obj.Type()) {
		return false, false
	}
	return !isManagedMap(v), isManagedMap(v)
}

// managedGets returns the calls by which the package asks the managed v for its value.
func (fx *Facts) managedGets(v *Variable) []*Access {
	var gets []*Access
	for _, a := range v.Accesses {
		if name := methodCalled(a); name == "Get" || name == "GetErr" {
			gets = append(gets, a)
		}
	}
	return gets
}

// Fails reports whether a builder of the managed singleton may return an error.
func (s *Singleton) Fails() bool {
	for _, a := range s.Facts.managedGets(s.Vars[0]) {
		if methodCalled(a) == "GetErr" {
			return true
		}
	}
	return false
}

// findManagedResets notes the functions that set, reset or tear down a managed value.
func (f *finder) findManagedResets(c *Singleton) {
	for _, a := range c.Vars[0].Accesses {
		switch methodCalled(a) {
		case "Set", "Store", "Reset", "Delete":
			if a.In != nil && !a.File.Test {
				c.addReset(a.In.Outermost())
			}
		}
	}
}

func (c *Singleton) addReset(fn *Func) {
	for _, have := range c.Resets {
		if have == fn {
			return
		}
	}
	c.Resets = append(c.Resets, fn)
}
