package detect

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/types"
	"slices"
)

// Fillers returns the exported functions and methods of s's package whose
// call may fill s, in source order.
func (s *Singleton) Fillers() []*types.Func {
	seen := make(map[*Func]bool)
	var fillers []*Func
	var up func(f *Func)
	up = func(f *Func) {
		if seen[f] || f.File.Test || f.Phase != Shared {
			return
		}
		seen[f] = true
		if f.Exported() && f.Obj != nil {
			fillers = append(fillers, f)
		}
		for _, c := range f.Callers {
			if c.Caller != nil && (c.Mode == Plain || c.Mode == Deferred) {
				up(c.Caller)
			}
		}
	}
	for _, site := range s.Sites {
		up(site.Func)
	}
	slices.SortFunc(fillers, func(a, b *Func) int { return cmp.Compare(a.Pos(), b.Pos()) })
	var objs []*types.Func
	for _, f := range fillers {
		objs = append(objs, f.Obj)
	}
	return objs
}

// A Reached is a function of another package that a goroutine of this one calls.
type Reached struct {
	Func  *types.Func
	Call  *ast.CallExpr // calls it, or hands it to what does
	Chain []Note        // why that is on a goroutine, outermost first
}

// ReachedElsewhere returns the functions of other packages that code of this
// one calls on goroutines of its own, or in handlers, in source order.
func (fx *Facts) ReachedElsewhere() []Reached {
	var reached []Reached
	add := func(obj types.Object, call *ast.CallExpr, chain []Note) {
		if f, ok := obj.(*types.Func); ok && f.Pkg() != nil && f.Pkg() != fx.Pkg.Types && chain != nil {
			reached = append(reached, Reached{f.Origin(), call, chain})
		}
	}
	for _, f := range fx.Funcs {
		if f.File.Test {
			continue // a test's goroutines say nothing of the program's
		}
		chain := fx.sharedBy(f, make(map[*Func]bool))
		for _, c := range f.Calls {
			if c.Mode == Started {
				add(c.Obj, c.Expr, []Note{{"", fmt.Sprintf("%s starts it on a goroutine", f.Name()), c.Expr.Pos()}})
			} else if c.Mode != Passed {
				add(c.Obj, c.Expr, chain)
			}
			for i, arg := range c.Expr.Args {
				if what := fx.runner(c.Obj, i); what != "" {
					add(fx.named(arg), c.Expr, []Note{{"", fmt.Sprintf("%s.%s %s with it", c.Obj.Pkg().Name(), c.Obj.Name(), what), c.Expr.Pos()}})
				}
			}
		}
	}
	slices.SortStableFunc(reached, func(a, b Reached) int { return cmp.Compare(a.Call.Pos(), b.Call.Pos()) })
	return reached
}

// named returns the object that e names, or nil.
func (fx *Facts) named(e ast.Expr) types.Object {
	switch e := ast.Unparen(stripIndex(e)).(type) {
	case *ast.Ident:
		return fx.Pkg.Info.Uses[e]
	case *ast.SelectorExpr:
		return fx.Pkg.Info.Uses[e.Sel]
	}
	return nil
}
