package verify

import (
	"go/token"
	"go/types"
	"maps"
	"slices"
	"strings"

	"github.com/singletonfix/singletonfix/detect"
)

// api checks that what the package exports is what it was.
func (v *checker) api() {
	if v.before.Types.Name() == "main" {
		return // nobody can import it
	}
	before, after := exported(v.before), exported(v.after)
	for _, name := range slices.Sorted(maps.Keys(before)) {
		root, _, _ := strings.Cut(name, ".")
		now, ok := after[name]
		switch {
		case slices.Contains(v.change.Exported, root):
			continue
		case !ok:
			v.add(API, token.Position{}, "%s is no longer exported", name)
		case before[name] == notCompared && now == compared:
			continue // whoever uses it did without
		case now != before[name]:
			v.add(API, token.Position{}, "%s was `%s` and is `%s`", name, before[name], now)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(after)) {
		if _, ok := before[name]; !ok && !slices.Contains(v.change.Exported, name) {
			v.add(API, token.Position{}, "%s is newly exported", name)
		}
	}
}

// exported returns what a package exports, test files aside: its names, and
// the methods and fields of its types as "T.m", each with its type in words.
func exported(pkg *detect.Package) map[string]string {
	api := make(map[string]string)
	scope := pkg.Types.Scope()
	for _, name := range scope.Names() {
		obj := scope.Lookup(name)
		f := pkg.File(obj.Pos())
		if !obj.Exported() || f == nil || f.Test {
			continue
		}
		api[name] = types.ObjectString(obj, nil)
		if tn, ok := obj.(*types.TypeName); ok {
			addMembers(api, tn)
		}
	}
	return api
}

// What the unexported fields of a struct let its users do.
const (
	compared    = "a struct that can be compared"
	notCompared = "a struct that cannot be compared"
)

// addMembers adds the exported fields and methods of a type. Of the
// unexported fields only one thing can be seen: whether values can be compared.
func addMembers(api map[string]string, tn *types.TypeName) {
	typ := tn.Type()
	if st, ok := typ.Underlying().(*types.Struct); ok {
		api[tn.Name()] = notCompared
		if types.Comparable(typ) {
			api[tn.Name()] = compared
		}
		for i := range st.NumFields() {
			if f := st.Field(i); f.Exported() {
				api[tn.Name()+"."+f.Name()] = types.ObjectString(f, nil) + " " + st.Tag(i)
			}
		}
	}
	if !types.IsInterface(typ) {
		typ = types.NewPointer(typ)
	}
	set := types.NewMethodSet(typ)
	for i := range set.Len() {
		if m := set.At(i).Obj(); m.Exported() {
			api[tn.Name()+"."+m.Name()] = types.ObjectString(m, nil)
		}
	}
}
