package load

import (
	"go/types"
	"maps"
	"path/filepath"
	"slices"

	"github.com/singletonfix/singletonfix/detect"
)

// looksTheSame reports whether a package is to whoever imports it what it was.
// In doubt it is not.
func looksTheSame(before, after *types.Package) bool {
	return maps.Equal(visible(before), visible(after))
}

// visible returns what a package shows to others, in words: what it exports,
// and all of its types, which what it exports may consist of.
func visible(pkg *types.Package) map[string]string {
	shown := make(map[string]string)
	for _, name := range pkg.Scope().Names() {
		switch obj := pkg.Scope().Lookup(name).(type) {
		case *types.TypeName:
			shown[name] = types.ObjectString(obj, nil)
			addMethods(shown, obj)
		case *types.Const:
			if obj.Exported() {
				shown[name] = types.ObjectString(obj, nil) + " = " + obj.Val().ExactString()
			}
		default:
			if obj.Exported() {
				shown[name] = types.ObjectString(obj, nil)
			}
		}
	}
	return shown
}

// addMethods adds the methods that are declared for a type. Those of what it
// embeds are shown with that.
func addMethods(shown map[string]string, tn *types.TypeName) {
	named, ok := tn.Type().(*types.Named)
	if !ok || tn.IsAlias() {
		return
	}
	for m := range named.Methods() {
		shown[tn.Name()+"."+m.Name()] = types.ObjectString(m, nil)
	}
}

// changesAny reports whether files hold one of the external test of f's
// package, or of a package of importers.
func changesAny(files map[string][]byte, f *folder, importers []*folder) bool {
	for name := range files {
		dir := filepath.Dir(name)
		if dir == f.dir && slices.ContainsFunc(f.xtest, func(df *detect.File) bool { return df.Name == name }) {
			return true
		}
		if dir != f.dir && slices.ContainsFunc(importers, func(by *folder) bool { return by.dir == dir }) {
			return true
		}
	}
	return false
}
