package detect

import (
	"go/types"
	"slices"
)

// judge decides whether c is safe and what to call it; it reports whether c
// is a singleton at all.
func (f *finder) judge(c *Singleton) bool {
	f.findResets(c)
	switch {
	case len(c.Sites) > 0:
		f.judgeSites(c)
		if !c.Safe && f.filledEarly(c) {
			f.orderVars(c)
			return true
		}
		if c.Safe && c.Once != nil {
			f.judgeOnce(c)
		}
	case c.Once != nil:
		f.judgeOnce(c)
	case len(c.Reasons) > 0:
		c.Pattern = localLock.Name
	case c.Pattern != "":
		c.Safe = true
		f.findManagedResets(c)
		return true // made before anybody can ask, or a map that locks by itself
	default:
		return false
	}
	if c.Safe && c.Vars[0].Owner == nil {
		f.judgeOthers(c)
	}
	f.orderVars(c)
	if !c.Safe {
		f.assess(c)
		if f.onlyAnnounces(c) || f.oneGoroutine(c) || c.Risk == Low && f.Pkg.Types.Name() == "main" {
			return false // nothing is built, or nobody is there to race with
		}
		if c.SetUp = f.onlySetUp(c); c.SetUp && f.Pkg.World != nil {
			return false // and the rest of the module sees it like that
		}
	}
	return true
}

// Describe returns how to call v in a sentence.
func (fx *Facts) Describe(v *Variable) string { return v.Name() }

// findResets notes the functions that empty or replace a value of c outside its sites.
func (f *finder) findResets(c *Singleton) {
	seen := make(map[*Func]bool)
	for _, v := range c.Vars {
		for _, w := range v.Accesses {
			if w.Kind != Write || w.In == nil || w.File.Test || w.Phase == Initial || w.Atomic == AtomicOther || f.isSiteFill(c, w) {
				continue // a counter is counted, not emptied
			}
			fn := w.In.Outermost()
			if !seen[fn] {
				seen[fn] = true
				c.Resets = append(c.Resets, fn)
			}
		}
	}
}

func (f *finder) isSiteFill(c *Singleton, w *Access) bool {
	if lock, ok := lockOfMode(w.Held, InOnce); ok && c.Once != nil && lock.Root == c.Once.Obj {
		return true
	}
	for _, s := range c.Sites {
		if f.besideFill(w, s) {
			return true
		}
		for _, fill := range s.Fills {
			if fill == w {
				return true
			}
		}
	}
	return false
}

// judgeSites gives c the pattern of its first site that has a flaw, else the
// safe form of its first.
func (f *finder) judgeSites(c *Singleton) {
	c.Safe = true
	for _, s := range c.Sites {
		if s.Outer != nil {
			continue // judged with its outer test
		}
		q := f.ask(s)
		if c.Mutex == nil {
			c.Mutex = q.mutex
		}
		if _, only := q.lock.Root.(*types.TypeName); only {
			c.lock = q.lock
		}
		if c.Once == nil && q.once != nil {
			c.Once = f.variableOf(*q.once)
		}
		pattern, reasons := q.pattern()
		for _, r := range reasons {
			if !slices.Contains(c.Reasons, r) { // several calls lead to one fill
				c.Reasons = append(c.Reasons, r)
			}
		}
		switch {
		case pattern == nil && c.Safe && c.Pattern == "":
			c.Pattern = q.form()
		case pattern != nil && c.Safe:
			c.Safe, c.Pattern = false, pattern.Name
		}
	}
	if c.Safe {
		c.Reasons = nil
	}
}

// orderVars puts the variable that holds the value first: not a flag, not an
// error, not a Once.
func (f *finder) orderVars(c *Singleton) {
	rank := func(v *Variable) int {
		switch {
		case f.isSync(v):
			return 3
		case f.isFlag(c, v):
			return 2
		case types.Identical(v.Obj.Type(), types.Universe.Lookup("error").Type()):
			return 1
		}
		return 0
	}
	for i := 1; i < len(c.Vars); i++ {
		for j := i; j > 0 && rank(c.Vars[j]) < rank(c.Vars[j-1]); j-- {
			c.Vars[j], c.Vars[j-1] = c.Vars[j-1], c.Vars[j]
		}
	}
}

func (f *finder) isFlag(c *Singleton, v *Variable) bool {
	for _, s := range c.Sites {
		if s.Flag && keyOf(s.Var) == keyOf(v) {
			return true
		}
	}
	return false
}
