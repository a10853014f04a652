package detect

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/token"
	"slices"

	"golang.org/x/tools/go/ast/edge"
	"golang.org/x/tools/go/cfg"
)

// maxChain is how many calls are followed where each may be on every way.
const maxChain = 5

// filledEarly gives c the safe form "init-func" or "eager", if an init
// function or the initialiser of a package variable asks for it and nobody
// can empty or replace it later: whoever asks then finds it there.
func (f *finder) filledEarly(c *Singleton) bool {
	if !f.keepsFirst(c) {
		return false
	}
	form := ""
	for _, s := range c.Sites {
		switch {
		case slices.ContainsFunc(f.Facts.Funcs, func(fn *Func) bool { return isInit(fn) && f.surelyFills(fn, c, s, nil) }):
			form = "init-func"
		case slices.ContainsFunc(f.Facts.Funcs, func(fn *Func) bool { return f.initialises(fn) && f.surelyFills(fn, c, s, nil) }):
			form = "eager"
		default:
			return false
		}
	}
	c.Safe, c.Pattern, c.Reasons = true, form, nil
	return true
}

// filledAtStart returns what shows that each program of the module fills c
// before it starts anything: whoever asks later finds it there. It is nil
// where that is not known.
func (f *finder) filledAtStart(c *Singleton) []Note {
	if f.Pkg.World == nil || f.Pkg.World.Early == nil || !f.keepsFirst(c) {
		return nil
	}
	var evidence []Note
	for _, s := range c.Sites {
		early := f.earlyCall(c, s)
		if early == nil {
			return nil
		}
		evidence = early
	}
	return evidence
}

// earlyCall says which early call surely fills the variable of s.
func (f *finder) earlyCall(c *Singleton, s *Site) []Note {
	for _, fn := range f.Facts.Funcs {
		if !fn.Exported() || !f.surelyFills(fn, c, s, nil) {
			continue
		}
		if use, ok := f.Pkg.World.Early(worldName(fn)); ok {
			in := cmp.Or(use.In, "a variable's initialiser")
			return []Note{{"", fmt.Sprintf("%s calls %s while the program starts: who comes later finds it filled", in, fn.Name()), use.At}}
		}
	}
	return nil
}

// keepsFirst reports whether c, once it is filled, stays what it is.
func (f *finder) keepsFirst(c *Singleton) bool {
	for _, v := range c.Vars {
		if v.Owner != nil || v.Field != "" || !f.isSync(v) && f.writtenLater(c, v) {
			return false
		}
	}
	return !slices.ContainsFunc(c.Sites, func(s *Site) bool { return s.Key != nil || s.Recomputed || s.Read.Path != "" })
}

// writtenLater reports whether v may change when goroutines may run,
// elsewhere than where the sites of c fill it.
func (f *finder) writtenLater(c *Singleton, v *Variable) bool {
	return slices.ContainsFunc(v.Accesses, func(w *Access) bool {
		return (w.Kind == Write || w.Kind == Address) && w.Phase != Initial && w.Phase != Testing && !f.isSiteFill(c, w)
	})
}

func isInit(fn *Func) bool {
	return fn.Decl != nil && fn.Decl.Recv == nil && fn.Decl.Name.Name == "init" && !fn.File.Test
}

// initialises reports whether the initialiser of a package variable calls fn.
func (f *finder) initialises(fn *Func) bool {
	return slices.ContainsFunc(fn.Callers, func(c *Call) bool {
		file := f.Pkg.File(c.Expr.Pos())
		return c.Caller == nil && c.Mode == Plain && file != nil && !file.Test
	})
}

// surelyFills reports whether the variable of s holds a value on every way
// on which fn, called by those in chain, returns, and there is such a way.
func (f *finder) surelyFills(fn *Func, c *Singleton, s *Site, chain []*Func) bool {
	fl := f.flows[fn]
	if fl == nil || len(chain) > maxChain || slices.Contains(chain, fn) {
		return false
	}
	visits, filled := make(map[*cfg.Block]int), false
	work := []*cfg.Block{fl.graph.Blocks[0]}
	for len(work) > 0 {
		b := work[len(work)-1]
		work = work[:len(work)-1]
		visits[b]++
		once := rangesOverElements(b)
		if visits[b] > 2 || visits[b] == 2 && !once {
			continue
		}
		if f.fillsIn(fn, b, c, s, append(chain, fn)) {
			filled = true
			continue
		}
		if b.Return() != nil {
			return false
		}
		for i, next := range b.Succs {
			if !f.saysFilled(b, i, s) && !(once && visits[b] == 1 && i > 0) {
				work = append(work, next)
			}
		}
	}
	return filled
}

// rangesOverElements reports whether b is the head of a loop over a literal
// with elements, which runs at least once.
func rangesOverElements(b *cfg.Block) bool {
	loop, ok := b.Stmt.(*ast.RangeStmt)
	if !ok || b.Kind != cfg.KindRangeLoop {
		return false
	}
	lit, ok := loop.X.(*ast.CompositeLit)
	return ok && len(lit.Elts) > 0
}

// fillsIn reports whether block b of fn stores a value of its own making in
// the variable of s, as a site of c does, or calls what surely does.
func (f *finder) fillsIn(fn *Func, b *cfg.Block, c *Singleton, s *Site, chain []*Func) bool {
	for _, other := range c.Sites {
		for _, w := range other.Fills {
			if w.In == fn && w.Var == s.Read.Var && w.Value != nil && holdsPos(b, w.Pos()) {
				return true
			}
		}
	}
	for _, call := range fn.Calls {
		if call.Mode == Plain && call.Callee != nil && holdsPos(b, call.Expr.Pos()) && !f.onlyPerhaps(call) && f.surelyFills(call.Callee, c, s, chain) {
			return true
		}
	}
	return false
}

// onlyPerhaps reports whether c is the right operand of && or ||.
func (f *finder) onlyPerhaps(c *Call) bool {
	cur, ok := c.Caller.Cur.FindNode(c.Expr)
	for ok {
		if _, isExpr := cur.Node().(ast.Expr); !isExpr {
			return false
		}
		if x, isBinary := cur.Parent().Node().(*ast.BinaryExpr); isBinary && cur.ParentEdgeKind() == edge.BinaryExpr_Y && (x.Op == token.LAND || x.Op == token.LOR) {
			return true
		}
		cur = cur.Parent()
	}
	return true
}

// saysFilled reports whether the i-th way out of b is taken only where the
// variable of s holds a value.
func (f *finder) saysFilled(b *cfg.Block, i int, s *Site) bool {
	if len(b.Succs) != 2 || len(b.Nodes) == 0 || b.Kind == cfg.KindRangeLoop {
		return false
	}
	cond, ok := b.Nodes[len(b.Nodes)-1].(ast.Expr)
	if !ok {
		return false
	}
	return slices.ContainsFunc(implied(cond, i == 0), func(a atom) bool {
		t, ok := f.emptyWhen(atom{a.expr, !a.truth})
		return ok && t.key == nil && t.access.Var == s.Read.Var && t.access.Path == ""
	})
}
