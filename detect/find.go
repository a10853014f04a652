package detect

import (
	"cmp"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/ast/edge"
)

// Find returns the singletons of p, the safe ones too, in source order.
func Find(p *Package) []*Singleton { return BuildFacts(p).Find() }

// Find returns the singletons of fx's package, the safe ones too, in source order.
func (fx *Facts) Find() []*Singleton {
	if BelowMemoryModel(fx.Pkg.Path) {
		return nil
	}
	f := &finder{Facts: fx, byVar: make(map[varKey]*Singleton)}
	f.addSites(fx.findSites())
	f.addOnces()
	f.addReady()
	return f.judgeAll()
}

// judgeAll returns the candidates that are singletons, in source order.
func (f *finder) judgeAll() []*Singleton {
	var found []*Singleton
	for _, c := range f.candidates {
		if f.judge(c) {
			found = append(found, c)
		}
	}
	slices.SortStableFunc(found, func(a, b *Singleton) int {
		return cmp.Compare(a.Vars[0].Obj.Pos(), b.Vars[0].Obj.Pos())
	})
	return found
}

// BelowMemoryModel reports whether the package at path implements the memory
// model that detect judges by, and so is not looked at: the runtime has locks of its own, and can stop the world.
func BelowMemoryModel(path string) bool {
	return path == "runtime" || strings.HasPrefix(path, "runtime/internal/") || strings.HasPrefix(path, "internal/runtime/")
}

// A finder collects candidates: the sites of one variable, and of the
// variables filled with it, make one.
type finder struct {
	*Facts
	candidates []*Singleton
	byVar      map[varKey]*Singleton
	unlikes    map[*Variable][]*Access // see unlike
}

type varKey struct {
	obj   *types.Var
	field string
}

func keyOf(v *Variable) varKey { return varKey{v.Obj, v.Field} }

func (f *finder) candidate(v *Variable) *Singleton {
	c := f.byVar[keyOf(v)]
	if c == nil {
		c = &Singleton{Facts: f.Facts, Vars: []*Variable{v}}
		f.byVar[keyOf(v)] = c
		f.candidates = append(f.candidates, c)
	}
	return c
}

// addSites files those of sites that are about lazy initialisation.
func (f *finder) addSites(sites []*Site) {
	var inserts []*Site // make the map that they register in
	for _, s := range sites {
		switch {
		case s.Read.Phase != Shared || f.notLazy(s):
		case f.makesForInsert(s):
			inserts = append(inserts, s)
		default:
			f.addSite(s)
		}
	}
	for _, s := range inserts {
		if f.byVar[keyOf(s.Var)] != nil {
			f.addSite(s) // others make it to look something up
		}
	}
	f.mergeParts()
	for _, c := range f.candidates {
		all := slices.Clone(c.Sites)
		c.Sites = slices.DeleteFunc(c.Sites, func(s *Site) bool {
			return slices.ContainsFunc(all, func(outer *Site) bool { return f.isStepOf(s, outer) })
		})
	}
}

// isStepOf reports whether s, which tests another variable, is a step of the
// initialisation that the flag of outer guards: nothing else leads there.
func (f *finder) isStepOf(s, outer *Site) bool {
	if s.Func != outer.Func || keyOf(s.Var) == keyOf(outer.Var) || s.Key != nil || s.Inner != nil || s.Outer != nil {
		return false
	}
	flag, ok := f.Pkg.Info.TypeOf(outer.Read.Expr).Underlying().(*types.Basic)
	return ok && flag.Info()&types.IsBoolean != 0 && slices.ContainsFunc(outer.Block, func(b ast.Stmt) bool {
		return b.Pos() <= s.Stmt.Pos() && s.Stmt.End() <= b.End()
	})
}

// mergeParts makes one candidate of those for parts of one struct variable
// where who fills the one fills the other: tested as a whole here, by a field there.
func (f *finder) mergeParts() {
	for i := 0; i < len(f.candidates); i++ {
		for j := i + 1; j < len(f.candidates); j++ {
			c, other := f.candidates[i], f.candidates[j]
			if !c.fillsPartOf(other) && !other.fillsPartOf(c) {
				continue
			}
			f.merge(c, other)
			c.Vars = slices.DeleteFunc(c.Vars, func(v *Variable) bool {
				whole := f.byVar[varKey{obj: v.Obj}]
				return v.Field != "" && whole == c
			})
			j = i
		}
	}
}

// fillsPartOf reports whether c is filled by what fills a variable of other,
// of which it tests another part.
func (c *Singleton) fillsPartOf(other *Singleton) bool {
	for _, v := range other.Vars {
		for _, s := range c.Sites {
			if s.Var.Obj == v.Obj && s.Var.Owner == nil && slices.ContainsFunc(s.Fills, func(a *Access) bool { return overlaps(a.Path, v.Field) }) {
				return true
			}
		}
	}
	return false
}

// addSite files s under the candidate of its variable, together with the
// other variables that are filled under the same guard.
func (f *finder) addSite(s *Site) {
	c := f.candidate(s.Var)
	c.Sites = append(c.Sites, s)
	for _, v := range f.filledBeside(s) {
		other := f.byVar[keyOf(v)]
		switch {
		case other == c:
		case other == nil:
			c.Vars = append(c.Vars, v)
			f.byVar[keyOf(v)] = c
		default:
			f.merge(c, other)
		}
	}
}

// merge makes one candidate of two that fill the same variable.
func (f *finder) merge(c, other *Singleton) {
	for _, v := range other.Vars {
		f.byVar[keyOf(v)] = c
		c.Vars = append(c.Vars, v)
	}
	c.Sites = append(c.Sites, other.Sites...)
	slices.SortStableFunc(c.Sites, func(a, b *Site) int { return cmp.Compare(a.Test.Pos(), b.Test.Pos()) })
	f.candidates = slices.DeleteFunc(f.candidates, func(x *Singleton) bool { return x == other })
}

// filledBeside returns the other package variables, or fields of a value whose
// flag s tests, that are only ever filled where s fills its own: they share its guard.
func (f *finder) filledBeside(s *Site) []*Variable {
	if s.Key != nil {
		return nil // a registry's entries come and go on their own
	}
	if s.Var.Owner != nil {
		return f.guardedFields(s)
	}
	var vars []*Variable
	for _, v := range f.Facts.Vars {
		if v.Obj == s.Var.Obj || f.isSync(v) {
			continue
		}
		if f.onlyFilledAt(v, s) {
			vars = append(vars, v)
		}
	}
	return vars
}

// onlyFilledAt reports whether v is written where s's variable is filled,
// and, but for resets, setters, tests and initialisation, nowhere else.
func (f *finder) onlyFilledAt(v *Variable, s *Site) bool {
	var fill *Access
	var others []*Access
	for _, w := range v.Accesses {
		if w.Phase == Initial || w.Phase == Testing {
			continue
		}
		if w.Kind == Address && w.Cur.ParentEdgeKind() == edge.UnaryExpr_X && f.besideFill(w, s) {
			fill = w // by who is handed &v
		}
		if w.Kind != Write || w.Atomic == AtomicOther {
			continue // a counter counts whatever the guard says
		}
		switch {
		case f.besideFill(w, s):
			fill = w
		case w.Value != nil && f.isZero(w.Value):
			// emptied elsewhere
		default:
			others = append(others, w)
		}
	}
	return fill != nil && !slices.ContainsFunc(others, func(w *Access) bool { return !f.sets(w, s, fill) })
}

// sets reports whether w is part of a setter of what s guards: it assigns a
// value together with the variable that s tests, or beside a flag, which
// stays set, and under no other lock than that of fill.
func (f *finder) sets(w *Access, s *Site, fill *Access) bool {
	if s, ok := w.Stmt.(*ast.AssignStmt); !ok || s.Tok != token.ASSIGN {
		return false // changed rather than set
	}
	for _, a := range s.Var.Accesses {
		if a.Kind == Write && a.In == w.In {
			return true
		}
	}
	return s.Flag && (len(w.Held) == 0 || shareMutex(w, fill))
}

// besideFill reports whether w stands among the statements that the test of
// s leads to, or in the function in which a helper fills.
func (f *finder) besideFill(w *Access, s *Site) bool {
	for _, fill := range s.Fills {
		if fill.In != s.Func && (fill.In == w.In || fill.In != nil && w.In != nil && w.In != s.Func && f.runsWithin(fill.In, w.In)) {
			return true
		}
	}
	if w.In != s.Func && !(w.In != nil && f.runsWithin(w.In, s.Func)) {
		return false
	}
	return s.leadsTo(w.Pos())
}

// leadsTo reports whether pos is among the statements that run only where
// the test of s finds the variable empty.
func (s *Site) leadsTo(pos token.Pos) bool {
	return slices.ContainsFunc(s.Block, func(stmt ast.Stmt) bool { return stmt.Pos() <= pos && pos < stmt.End() })
}

func (f *finder) isSync(v *Variable) bool {
	return isSyncType(v.Obj.Type(), "Once", "Mutex", "RWMutex", "Cond", "WaitGroup", "Pool")
}
