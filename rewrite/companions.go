package rewrite

import (
	"github.com/singletonfix/singletonfix/detect"
)

// companionsFollow proves of the variables that are filled beside the tested
// one that they are only written by the sites, and only read after them: then
// the tested one publishes them too.
func (d *draft) companionsFollow(guards []*guard) *Refusal {
	inner := d.inner(guards)
	for _, v := range d.Singleton.Vars {
		if v.Obj == d.v.Obj && v.Field == d.v.Field {
			continue
		}
		for _, a := range v.Accesses {
			if a.In != nil && inner[a.In] || inBlocks(guards, a) {
				continue // part of the initialisation
			}
			if a.Kind != detect.Read {
				return refuse(PartialReset, a.Pos(), "%s is changed here, and %s guards it", v.Name(), d.v.Name())
			}
			if len(guards) != 1 || !d.comesAfter(a, guards[0]) {
				return refuse(NoForm, a.Pos(), "%s is read here, where %s may not have been filled", v.Name(), d.v.Name())
			}
		}
		if len(d.Singleton.Resets) > 0 {
			return refuse(PartialReset, d.Singleton.Resets[0].Pos(), "%s leaves %s as it is, which %s guards", d.Singleton.Resets[0].Name(), v.Name(), d.v.Name())
		}
		if r := d.filledTogether(guards, v); r != nil {
			return r
		}
	}
	return nil
}

// filledTogether proves that no initialisation fills v and leaves the tested
// variable empty: the next one would change v under those who read it.
func (d *draft) filledTogether(guards []*guard, v *detect.Variable) *Refusal {
	for _, g := range guards {
		filled := within(v.Accesses, nodes(g.Block)...)
		if len(filled) == 0 && len(g.Calls) == 0 {
			continue
		}
		fl, end := d.fill(d.v, d.kind, g.Block)
		for _, ret := range fl.returns() {
			if len(filled) == 0 || ret.Pos() > filled[0].Pos() {
				end = join(end, fl.exits[ret])
			}
		}
		if end != dead && !end.has() {
			return refuse(NoForm, g.stmt.Pos(), "%s may be filled here while %s, which guards it, stays empty", v.Name(), d.v.Name())
		}
	}
	return nil
}

func inBlocks(guards []*guard, a *detect.Access) bool {
	for _, g := range guards {
		if inStmts(g.Block, a.Expr) {
			return true
		}
	}
	return false
}
