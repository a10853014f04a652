package rewrite

import (
	"path"
	"slices"
	"strings"

	"github.com/singletonfix/singletonfix/detect"
)

// notExported proves that no other package touches the variables.
func (d *draft) notExported() *Refusal {
	known := true
	for _, v := range d.values() {
		if !v.Obj.Exported() {
			continue
		}
		if d.pkg.Types.Name() == "main" {
			d.Review = true
			d.note(v.Name() + " is exported, though package main cannot be imported")
			continue
		}
		if r := d.usedByNobody(v); r != nil {
			return r
		}
		known = known && d.forItself()
	}
	if known {
		d.proved("every-access-known")
	}
	return nil
}

// usedByNobody proves of an exported variable that no other package of the
// module uses it. It keeps its type, and who might have assigned it outside
// the module still can: a mutex does not mind, a Once would.
func (d *draft) usedByNobody(v *detect.Variable) *Refusal {
	w, name := d.pkg.World, v.Obj.Name()
	if w == nil || w.Dotted {
		return refuse(Exported, v.Obj.Pos(), "%s is exported, so other packages may read or assign it", v.Name())
	}
	if (d.Strategy == doublecheck.Name || d.Strategy == manager.Name) && d.forItself() && w.Outside != nil && len(w.Uses[name]) > 0 {
		return d.outsideUses(v)
	}
	if i := slices.IndexFunc(w.Uses[name], func(u detect.Use) bool { return u.Kind != detect.UsedTesting }); i >= 0 {
		pos := w.Uses[name][i].Pos
		return refuse(Exported, v.Obj.Pos(), "%s is exported, and used in %s, line %d", v.Name(), path.Base(strings.ReplaceAll(pos.Filename, `\`, "/")), pos.Line)
	}
	if r := d.leftOutside(v); r != nil {
		return r
	}
	if d.Strategy != mutex.Name {
		return refuse(Exported, v.Obj.Pos(), "%s is exported, so other packages may read or assign it", v.Name())
	}
	d.Review = true
	if d.forItself() {
		d.note(v.Name() + " is exported, though no other package of the module uses it")
		return nil
	}
	d.note(v.Name() + " is exported: no other package of the module uses it, and code elsewhere that does takes no lock")
	return nil
}

// leftOutside refuses an exported variable that another package uses in a file
// which build constraints leave out.
func (d *draft) leftOutside(v *detect.Variable) *Refusal {
	if d.pkg.World.Outside == nil {
		return nil
	}
	uses, err := d.pkg.World.Outside(v.Obj.Name())
	if err != nil {
		return refuse(UnknownAccess, v.Obj.Pos(), "it is unknown how other packages use %s: %v", v.Name(), err)
	}
	for _, u := range uses {
		if u.Left && !u.File.Test {
			at := d.pkg.Fset.PositionFor(u.Stack[len(u.Stack)-1].Pos(), false)
			return refuse(BuildVariant, v.Obj.Pos(), "%s, which build constraints leave out, uses %s in line %d", fileName(u.File), v.Name(), at.Line)
		}
	}
	return nil
}

// forItself reports whether what the package exports is for its module alone.
func (d *draft) forItself() bool {
	return d.pkg.World.Program || strings.Contains("/"+d.pkg.Path+"/", "/internal/")
}
