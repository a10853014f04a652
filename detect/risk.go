package detect

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/token"
	"slices"
)

// assess computes the risk of the unsafe singleton c, and what it rests on.
func (f *finder) assess(c *Singleton) {
	c.Risk = Low
	if c.Evidence = f.filledAtStart(c); c.Evidence != nil {
		return
	}
	if c.Evidence = f.bypassedByTests(c); c.Evidence != nil {
		return
	}
	if c.Evidence = f.missed(c); c.Evidence != nil {
		return
	}
	inSight := f.bypassedInSight(c)
	for _, fn := range f.users(c, inSight) {
		if risk, chain := f.exposure(fn, inSight); risk > c.Risk {
			c.Risk, c.Evidence = risk, chain
		}
	}
	if len(c.Evidence) == 0 {
		c.Evidence = []Note{{"", "nothing in sight calls it from more than one goroutine", f.site(c)}}
	}
}

func (f *finder) site(c *Singleton) token.Pos {
	if len(c.Sites) > 0 {
		return c.Sites[0].Test.Pos()
	}
	if len(c.Reasons) > 0 {
		return c.Reasons[0].Pos
	}
	return c.Vars[0].Obj.Pos()
}

// users returns the functions whose concurrent use is what makes c unsafe:
// without inSight only those that do without its lock.
func (f *finder) users(c *Singleton, inSight bool) []*Func {
	var fns []*Func
	add := func(fn *Func) {
		if fn == nil || fn.File.Test || fn.Phase != Shared {
			return
		}
		for _, have := range fns {
			if have == fn {
				return
			}
		}
		fns = append(fns, fn)
	}
	for _, s := range c.Sites {
		if c.Pattern != onceReset.Name && inSight {
			add(s.Func)
		}
	}
	if len(fns) == 0 || c.Pattern == unlockedReset.Name || c.Pattern == unlockedRead.Name {
		for _, r := range c.Reasons {
			add(f.holder(r))
		}
	}
	return fns
}

// holder returns the function that a note is about a place of, or nil.
func (f *finder) holder(n Note) *Func {
	cur, ok := f.Insp.Root().FindByPos(n.Pos, n.Pos)
	if !ok {
		return nil
	}
	return f.Enclosing(cur)
}

// bypassedInSight reports whether some code of the module gets to what makes c
// unsafe: not where that is an access without the lock in a function that all
// call with the lock held.
func (f *finder) bypassedInSight(c *Singleton) bool {
	if c.Mutex == nil || c.Pattern != unlockedReset.Name && c.Pattern != unlockedRead.Name {
		return true
	}
	lock := Lock{Root: c.Mutex.Obj, Path: c.Mutex.Field}
	return slices.ContainsFunc(c.Reasons, func(r Note) bool {
		fn := f.holder(r)
		if fn != nil && f.unusedInProgram(fn) {
			return false
		}
		return fn == nil || !f.calledWith(fn, lock) || f.valueOutsideTests(fn) || f.handles(fn) != "" || len(f.usesElsewhere(fn)) > 0
	})
}

// calledWith reports whether fn is called in the package, and always with lock held.
func (f *finder) calledWith(fn *Func, lock Lock) bool {
	called := false
	for _, c := range fn.Callers {
		if file := f.Pkg.File(c.Expr.Pos()); file != nil && file.Test {
			continue
		}
		if c.Mode != Plain || !c.Held.Holds(lock, false) {
			return false
		}
		called = true
	}
	return called
}

// exposure says how visible concurrent calls of fn are, and by which chain.
// Without inSight only code outside the module has to do with it.
func (f *finder) exposure(fn *Func, inSight bool) (Risk, []Note) {
	if chain := f.sharedBy(fn, make(map[*Func]bool)); inSight && chain != nil {
		return Critical, chain
	}
	if chain := f.openedBy(fn, true, make(map[*Func]bool)); chain != nil {
		return Medium, chain
	}
	return Low, nil
}

// sharedBy returns the chain by which goroutines other than the caller's
// come to run fn, outermost first, or nil.
func (f *Facts) sharedBy(fn *Func, seen map[*Func]bool) []Note { return f.sharedTo(fn, fn, seen) }

// sharedTo is sharedBy for fn on the way to target. A goroutine that is only
// started after its starter has called target is no evidence: what target
// fills is there by then.
func (f *Facts) sharedTo(target, fn *Func, seen map[*Func]bool) []Note {
	if seen[fn] || fn.File.Test || fn.Phase != Shared {
		return nil
	}
	seen[fn] = true
	if kind := f.handles(fn); kind != "" {
		return []Note{{"", fmt.Sprintf("%s is %s", fn.Name(), kind), fn.Pos()}}
	}
	if chain := f.sharedElsewhere(fn); chain != nil {
		return chain
	}
	for _, c := range fn.Callers {
		file := f.Pkg.File(c.Expr.Pos())
		if file == nil || file.Test {
			continue
		}
		if c.Mode == Started && f.calledBefore(c, target) {
			continue
		}
		if c.Mode == Started {
			return []Note{{"", fmt.Sprintf("%s runs on a goroutine of its own", fn.Name()), c.Expr.Pos()}}
		}
		if c.Mode == Passed {
			if what := f.runs(c); what != "" {
				return []Note{{"", fmt.Sprintf("%s.%s %s with %s", c.Obj.Pkg().Name(), c.Obj.Name(), what, fn.Name()), c.Expr.Pos()}}
			}
		}
		if c.Caller == nil {
			continue
		}
		if chain := f.sharedTo(target, c.Caller, seen); chain != nil {
			return append(chain, Note{"", fmt.Sprintf("%s calls %s", c.Caller.Name(), fn.Name()), c.Expr.Pos()})
		}
	}
	if fn.Parent != nil && len(fn.Callers) == 0 {
		return nil
	}
	return nil
}

// calledBefore reports whether the function that makes the call c has called
// target by then, on every way.
func (f *Facts) calledBefore(c *Call, target *Func) bool {
	if c.Caller == nil || target.Lit != nil {
		return false
	}
	for _, earlier := range c.Caller.Calls {
		if earlier.Mode != Plain || earlier.Callee == nil || earlier.Expr.Pos() >= c.Expr.Pos() || !f.reaches(earlier.Callee, target, make(map[*Func]bool)) {
			continue
		}
		if block := f.blockOf(earlier); block != nil && block.Pos() <= c.Expr.Pos() && c.Expr.End() <= block.End() {
			return true
		}
	}
	return false
}

// blockOf returns the block that surely runs c when it runs: not one that an
// if or a loop around it is in. It is nil for a call in a condition's second half.
func (f *Facts) blockOf(c *Call) *ast.BlockStmt {
	cur, ok := c.Caller.Cur.FindNode(c.Expr)
	if !ok {
		return nil
	}
	for b := range cur.Enclosing((*ast.BlockStmt)(nil), (*ast.BinaryExpr)(nil), (*ast.CaseClause)(nil), (*ast.CommClause)(nil)) {
		block, _ := b.Node().(*ast.BlockStmt)
		return block
	}
	return nil
}

// sharedElsewhere returns the chain by which another package of the module
// calls fn on a goroutine or in a handler, or nil.
func (f *Facts) sharedElsewhere(fn *Func) []Note {
	for _, u := range f.usesElsewhere(fn) {
		if u.Kind != UsedGo {
			continue
		}
		in := cmp.Or(u.In, "a function literal")
		if u.Chain != nil {
			return append(slices.Clone(u.Chain), Note{"", fmt.Sprintf("%s calls %s", in, fn.Name()), u.At})
		}
		return []Note{{"", fmt.Sprintf("%s calls %s on a goroutine of its own, or in a handler", in, fn.Name()), u.At}}
	}
	return nil
}

// openedBy returns the chain by which code that is not in sight can call fn:
// an exported name of a library, or a function handed out; or nil. With likely,
// names and the syntax of method calls are enough to know who calls it.
func (f *Facts) openedBy(fn *Func, likely bool, seen map[*Func]bool) []Note {
	if seen[fn] || fn.File.Test || fn.Phase != Shared {
		return nil
	}
	seen[fn] = true
	library := f.Pkg.Types.Name() != "main"
	switch {
	case f.testHelper(fn) || f.testSupport():
		return nil // only tests call it
	case f.handlesEvents(fn):
		return nil // on one goroutine
	case library && fn.Exported() && (f.unusedInModule(fn) || f.usedAtStart(fn) || likely && (f.forSetUp(fn) || f.alone(fn))):
		// nobody is left to call it, or who does is alone yet
	case library && fn.Exported():
		return []Note{{"", fmt.Sprintf("%s is exported: any goroutine may call it", fn.Name()), fn.Pos()}}
	case f.valueOutsideTests(fn) && !(likely && f.ofProgram() && !TakesRequest(fn.Type())):
		return []Note{{"", fmt.Sprintf("%s is handed out as a value: any goroutine may call it", fn.Name()), fn.Pos()}}
	}
	for _, c := range fn.Callers {
		file := f.Pkg.File(c.Expr.Pos())
		if file == nil || file.Test {
			continue
		}
		if c.Mode == Passed && !(c.Obj != nil && synchronous(c.Obj)) && !(likely && f.callsBack(c)) {
			return []Note{{"", fmt.Sprintf("%s is handed out as a value: any goroutine may call it", fn.Name()), c.Expr.Pos()}}
		}
		if c.Caller == nil {
			continue
		}
		if chain := f.openedBy(c.Caller, likely, seen); chain != nil {
			return append(chain, Note{"", fmt.Sprintf("%s calls %s", c.Caller.Name(), fn.Name()), c.Expr.Pos()})
		}
	}
	return nil
}
