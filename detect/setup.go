package detect

import (
	"go/ast"
	"slices"

	"golang.org/x/tools/go/ast/edge"
)

// onlySetUp reports whether c is filled, and emptied, by nothing but functions
// that set it up and tear it down, which others have to call around their use
// of c. When they do is their business; that the second call does nothing
// makes no lazy initialisation of it.
func (f *finder) onlySetUp(c *Singleton) bool {
	if c.Risk == Critical || len(c.Sites) == 0 {
		return false // reached by what runs on many goroutines
	}
	for _, s := range c.Sites {
		if s.Key != nil || s.Flag || returnsValue(f.Facts, s.Func) && !f.constructs(s) || !f.setsUp(s.Func, nil) || f.usedBy(c, s) {
			return false
		}
	}
	for _, fn := range c.Resets {
		if returnsValue(f.Facts, fn) || !f.setsUp(fn, nil) {
			return false
		}
	}
	return f.usedElsewhere(c)
}

// constructs reports whether the function of s builds the value of its
// parameters: others, which have none, have to use what it made.
func (f *finder) constructs(s *Site) bool {
	params := f.params(s.Func)
	return slices.ContainsFunc(s.Fills, func(w *Access) bool {
		if w.Value == nil || w.In != s.Func {
			return false
		}
		found := false
		ast.Inspect(w.Value, func(n ast.Node) bool {
			id, ok := n.(*ast.Ident)
			found = found || ok && slices.Contains(params, f.Pkg.Info.Uses[id])
			return !found
		})
		return found
	})
}

// setsUp reports whether the plain function fn, called by those in chain,
// prepares something for one caller in the module, or for who imports the package.
func (f *finder) setsUp(fn *Func, chain []*Func) bool {
	if fn.Decl == nil || fn.Decl.Recv != nil || f.valueOutsideTests(fn) || len(chain) > maxChain || slices.Contains(chain, fn) {
		return false
	}
	callers := len(f.usesElsewhere(fn))
	for _, c := range fn.Callers {
		file := f.Pkg.File(c.Expr.Pos())
		if file != nil && file.Test || c.Caller != nil && c.Caller.Phase != Shared {
			continue
		}
		if c.Mode != Plain || c.Caller == nil || returnsValue(f.Facts, c.Caller) || !f.setsUp(c.Caller, append(chain, fn)) {
			return false
		}
		callers++
	}
	return callers == 1 || callers == 0 && fn.Exported()
}

// usedBy reports whether the function of s, or what it calls, does something
// with the value where it was there already.
func (f *finder) usedBy(c *Singleton, s *Site) bool {
	for _, call := range s.Func.Calls {
		if !s.leadsTo(call.Expr.Pos()) && call.Callee != nil && f.leadsToUse(call.Callee, c, make(map[*Func]bool)) {
			return true
		}
	}
	for _, v := range c.Vars {
		for _, a := range v.Accesses {
			if a.In == nil || a.In.Outermost() != s.Func.Outermost() || a.Kind != Read && a.Kind != Element {
				continue
			}
			inTest := s.Test.Pos() <= a.Pos() && a.Pos() < s.Test.End()
			if !inTest && !f.besideFill(a, s) && !returned(a) {
				return true
			}
		}
	}
	return false
}

// leadsToUse reports whether fn, or what it calls, uses a variable of c. The
// functions in seen have been looked at.
func (f *finder) leadsToUse(fn *Func, c *Singleton, seen map[*Func]bool) bool {
	if seen[fn] {
		return false
	}
	seen[fn] = true
	for _, v := range c.Vars {
		if slices.ContainsFunc(v.Accesses, func(a *Access) bool { return a.In != nil && a.In.Outermost() == fn.Outermost() }) {
			return true
		}
	}
	return slices.ContainsFunc(fn.Calls, func(call *Call) bool {
		return call.Callee != nil && f.leadsToUse(call.Callee, c, seen)
	})
}

// usedElsewhere reports whether c is used where nothing has set it up just now.
func (f *finder) usedElsewhere(c *Singleton) bool {
	return slices.ContainsFunc(c.Vars, func(v *Variable) bool {
		if v.Obj.Exported() {
			return true
		}
		return slices.ContainsFunc(v.Accesses, func(a *Access) bool {
			return a.Phase == Shared && a.In != nil && !slices.ContainsFunc(c.Sites, func(s *Site) bool { return s.Func.Outermost() == a.In.Outermost() })
		})
	})
}

// returned reports whether a is what a return statement returns.
func returned(a *Access) bool {
	return a.Cur.ParentEdgeKind() == edge.ReturnStmt_Results
}
