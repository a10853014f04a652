package race

import (
	"fmt"
	"go/types"
	"strings"
)

// spell returns t as a file of the package writes it, and imports what it names.
func (m *maker) spell(t types.Type) (string, error) {
	if bad := unspeakable(t, m.pkg); bad != "" {
		return "", fmt.Errorf("a %s cannot be made: %s", m.plain(t), bad)
	}
	return types.TypeString(t, func(p *types.Package) string {
		if p.Path() == m.pkg.Path() {
			return ""
		}
		return m.imports.use(p.Path(), p.Name())
	}), nil
}

// plain returns t as people write it.
func (m *maker) plain(t types.Type) string {
	return types.TypeString(t, types.RelativeTo(m.pkg))
}

// unspeakable says why pkg cannot write the type t; "" if it can.
func unspeakable(t types.Type, pkg *types.Package) string {
	text := types.TypeString(t, nil)
	switch {
	case strings.Contains(text, "invalid type"):
		return "its package could not be loaded"
	case isGeneric(t):
		return "it has type parameters"
	}
	found := ""
	visitNamed(t, func(tn *types.TypeName) {
		switch p := tn.Pkg(); {
		case p == nil || p.Path() == pkg.Path():
		case !tn.Exported():
			found = "another package keeps it to itself"
		case isInternal(p.Path(), pkg.Path()):
			found = "its package is internal"
		}
	})
	return found
}

// isInternal reports whether path may not be imported from the package at from.
func isInternal(path, from string) bool {
	before, _, ok := strings.Cut("/"+path+"/", "/internal/")
	return ok && !strings.HasPrefix("/"+from+"/", before+"/")
}

// visitNamed calls f for the named types that t is written with.
func visitNamed(t types.Type, f func(*types.TypeName)) {
	switch t := t.(type) {
	case *types.Alias:
		f(t.Obj())
	case *types.Named:
		f(t.Obj())
		for arg := range t.TypeArgs().Types() {
			visitNamed(arg, f)
		}
	case interface{ Elem() types.Type }: // pointer, slice, array, channel
		visitNamed(t.Elem(), f)
		if m, ok := t.(*types.Map); ok {
			visitNamed(m.Key(), f)
		}
	case *types.Signature:
		for v := range t.Params().Variables() {
			visitNamed(v.Type(), f)
		}
		for v := range t.Results().Variables() {
			visitNamed(v.Type(), f)
		}
	case *types.Struct:
		for v := range t.Fields() {
			visitNamed(v.Type(), f)
		}
	}
}

// isGeneric reports whether t is written with type parameters that stand for no type.
func isGeneric(t types.Type) bool {
	switch t := t.(type) {
	case *types.TypeParam:
		return true
	case *types.Named:
		if t.TypeParams().Len() > 0 && t.TypeArgs().Len() == 0 {
			return true
		}
		for arg := range t.TypeArgs().Types() {
			if isGeneric(arg) {
				return true
			}
		}
	case interface{ Elem() types.Type }:
		if m, ok := t.(*types.Map); ok && isGeneric(m.Key()) {
			return true
		}
		return isGeneric(t.Elem())
	case *types.Signature:
		for v := range t.Params().Variables() {
			if isGeneric(v.Type()) {
				return true
			}
		}
	}
	return false
}
