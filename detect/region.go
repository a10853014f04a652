package detect

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"golang.org/x/tools/go/cfg"
)

// regionOf returns the blocks that are only reached by the i-th way out of b.
func regionOf(g *cfg.CFG, b *cfg.Block, i int) map[*cfg.Block]bool {
	reached := make(map[*cfg.Block]bool)
	work := []*cfg.Block{g.Blocks[0]}
	for len(work) > 0 {
		x := work[len(work)-1]
		work = work[:len(work)-1]
		if reached[x] {
			continue
		}
		reached[x] = true
		for j, s := range x.Succs {
			if x != b || j != i {
				work = append(work, s)
			}
		}
	}
	region := make(map[*cfg.Block]bool)
	for _, x := range g.Blocks {
		if x.Live && !reached[x] {
			region[x] = true
		}
	}
	return region
}

// runsIn reports whether the code at pos, in f, is run by region, a part of
// fl: directly, or in literals that run where they stand.
func (fx *Facts) runsIn(fl *flow, region map[*cfg.Block]bool, f *Func, pos token.Pos) bool {
	if f == nil || f != fl.f && !fx.runsWithin(f, fl.f) {
		return false
	}
	for b := range region {
		if holdsPos(b, pos) {
			return true
		}
	}
	return false
}

// holdsPos reports whether what is at pos is part of b.
func holdsPos(b *cfg.Block, pos token.Pos) bool {
	return slices.ContainsFunc(b.Nodes, func(n ast.Node) bool { return n.Pos() <= pos && pos < n.End() })
}

// runsWithin reports whether the literal f runs while outer does, on its goroutine.
func (fx *Facts) runsWithin(f, outer *Func) bool {
	for ; f != outer; f = f.Parent {
		if f == nil || f.Lit == nil || !fx.runsInPlace(f) {
			return false
		}
	}
	return true
}

// runsInPlace reports whether the literal f is called where it stands, or by
// the function that it is passed to there.
func (fx *Facts) runsInPlace(f *Func) bool {
	if len(f.Values) > 0 || len(f.Callers) == 0 {
		return false
	}
	for _, c := range f.Callers {
		switch {
		case c.Mode == Plain || c.Mode == ByOnce || c.Mode == Deferred:
		case c.Mode == Passed && concurrentRunner(c.Obj) == "" && (fx.Declared(asFunc(c.Obj)) == nil || fx.callsParam(c)):
		default:
			return false
		}
	}
	return true
}

func asFunc(obj types.Object) *types.Func {
	f, _ := obj.(*types.Func)
	return f
}

// callsParam reports whether the function of this package that c calls
// itself calls the function that it is given.
func (fx *Facts) callsParam(c *Call) bool {
	obj, _ := c.Obj.(*types.Func)
	wrapper := fx.Declared(obj)
	if wrapper == nil {
		return false
	}
	for _, pc := range wrapper.Calls {
		if v, ok := pc.Obj.(*types.Var); ok && pc.Mode == Plain && isParam(fx, wrapper, v) {
			return true
		}
	}
	return false
}
