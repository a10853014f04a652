package detect

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/token"
	"regexp"
	"slices"
	"strconv"
	"strings"
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

// bypassedByTests returns what shows that only helpers of tests do without the
// lock of c; nil where others do.
func (f *finder) bypassedByTests(c *Singleton) []Note {
	if c.Pattern != unlockedReset.Name && c.Pattern != unlockedRead.Name {
		return nil
	}
	var evidence []Note
	for _, r := range c.Reasons {
		fn := f.holder(r)
		if fn == nil || !f.testHelper(fn) {
			return nil
		}
		evidence = append(evidence, Note{"", fmt.Sprintf("%s, which does without the lock, is there for tests", fn.Name()), fn.Pos()})
	}
	return slices.Compact(evidence)
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

// callsBack reports whether c, by the name of what it calls, does not run the
// function that is passed to it on another goroutine. That is for programs: what
// the callbacks of a library get into nobody sees.
func (f *Facts) callsBack(c *Call) bool {
	return f.ofProgram() && c.Obj != nil && f.runs(c) == "" && !SharesFunc(c.Obj.Name())
}

// unusedInModule reports whether the function fn, exported for the rest of a
// program or from an internal package, is used by none of it outside tests.
func (f *Facts) unusedInModule(fn *Func) bool {
	w := f.Pkg.World
	if w == nil || !w.Program && !isInternal(f.Pkg.Path) || fn.Decl.Recv != nil || f.valueOutsideTests(fn) {
		return false // methods may be called through interfaces
	}
	return len(f.usesElsewhere(fn)) == 0
}

// unusedInProgram reports whether nothing of a program but tests uses fn.
func (f *Facts) unusedInProgram(fn *Func) bool {
	if !f.inProgram() || fn.Decl == nil || fn.Decl.Recv != nil || f.valueOutsideTests(fn) || len(f.usesElsewhere(fn)) > 0 {
		return false
	}
	return !slices.ContainsFunc(fn.Callers, func(c *Call) bool { return c.Caller == nil || !c.Caller.File.Test })
}

// usedAtStart reports whether nothing of the module but the start of its
// programs leads to the exported function fn.
func (f *Facts) usedAtStart(fn *Func) bool {
	if fn.Decl.Recv != nil || f.valueOutsideTests(fn) {
		return false
	}
	uses := f.usesElsewhere(fn)
	return len(uses) > 0 && !slices.ContainsFunc(uses, func(u Use) bool { return u.Kind != UsedInit && u.Kind != UsedMain })
}

// alone reports whether only main's goroutine leads to the exported function
// or method fn, as far as the module shows.
func (f *Facts) alone(fn *Func) bool {
	return f.inProgram() && f.Pkg.World.Alone != nil && fn.Decl != nil && !f.valueOutsideTests(fn) && f.Pkg.World.Alone(worldName(fn))
}

// inProgram reports whether all that uses the package is in sight: it is part
// of a program, or only for its module.
func (f *Facts) inProgram() bool {
	w := f.Pkg.World
	return w != nil && (isInternal(f.Pkg.Path) || w.InProgram != nil && w.InProgram())
}

// ofProgram reports whether the package is part of a program.
func (f *Facts) ofProgram() bool { return f.Pkg.Types.Name() == "main" || f.inProgram() }

// setUpName matches the names of functions that set a program up.
var setUpName = regexp.MustCompile(`^(.*\.)?([iI]nit|[iI]nitiali[sz]e|[sS]et[uU]p|[bB]ootstrap)([A-Z_].*)?$`)

// forSetUp reports whether nothing but what by its name sets a program up leads
// to fn, exported for the rest of that program; or fn is a method of such a
// name, which only a framework calls.
func (f *Facts) forSetUp(fn *Func) bool {
	if !f.inProgram() || f.valueOutsideTests(fn) {
		return false
	}
	if fn.Decl.Recv != nil {
		return setUpName.MatchString(fn.Decl.Name.Name) && len(fn.Callers) == 0
	}
	uses := f.usesElsewhere(fn)
	return len(uses) > 0 && !slices.ContainsFunc(uses, func(u Use) bool {
		return u.Kind != UsedInit && u.Kind != UsedMain && !(u.Kind == UsedPlain && u.Via && setUpName.MatchString(u.In))
	})
}

// usesElsewhere returns the uses of fn in other packages of the module, but
// for those in tests.
func (f *Facts) usesElsewhere(fn *Func) []Use {
	if f.Pkg.World == nil || !fn.Exported() {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(f.Pkg.World.Uses[worldName(fn)]), func(u Use) bool { return u.Kind == UsedTesting })
}

// isInternal reports whether only the module of the package at path may import it.
func isInternal(path string) bool {
	return slices.Contains(strings.Split(path, "/"), "internal")
}

// testSupport reports whether the package, by its name, serves tests: httptest, dbtesting, testutil.
func (f *Facts) testSupport() bool {
	for _, dir := range strings.Split(f.Pkg.Path, "/") {
		switch dir {
		case "test", "tests", "e2e", "integration", "testing", "testutil", "testutils", "mock", "mocks":
			return true
		}
		if strings.HasSuffix(dir, "-tests") || strings.HasSuffix(dir, "_tests") {
			return true // integration-tests
		}
	}
	name := f.Pkg.Types.Name()
	return strings.HasSuffix(name, "test") || strings.HasSuffix(name, "testing") || strings.HasPrefix(name, "testutil") || strings.HasPrefix(name, "testhelper")
}

// testName matches the names of functions that say they are there for tests.
var testName = regexp.MustCompile(`For(Test|Tests|Testing)([A-Z]|$)|(Mock|Fake)[A-Z]`)

// testDoc matches the comments of functions that say so.
var testDoc = regexp.MustCompile(`(?i)\bonly\s+(be\s+)?(used\s+)?(in|for|by|from)\s+(unit\s+)?test(s|ing)\b|\bfor\s+(unit\s+)?test(s|ing)(\s+purposes)?(\s+only)?\s*(\.|$)`)

// testLibraries are what only tests, and what helps them, import.
var testLibraries = regexp.MustCompile(`^(github\.com/onsi/(gomega|ginkgo(/v\d+)?)|github\.com/stretchr/testify/(assert|require|suite)|github\.com/frankban/quicktest|gopkg\.in/check\.v1|gotest\.tools(/v\d+)?/assert)$`)

// importsTestLibrary reports whether the file of fn imports what only tests need.
func (f *Facts) importsTestLibrary(fn *Func) bool {
	return slices.ContainsFunc(fn.File.Syntax.Imports, func(spec *ast.ImportSpec) bool {
		path, err := strconv.Unquote(spec.Path.Value)
		return err == nil && testLibraries.MatchString(path)
	})
}

// testHelper reports whether fn takes a parameter of package testing, says in
// its name or its comment that it is for tests, or stands in a file that
// imports what only tests need.
func (f *Facts) testHelper(fn *Func) bool {
	if f.importsTestLibrary(fn) {
		return true
	}
	if decl := fn.Outermost().Decl; decl != nil && (testName.MatchString(decl.Name.Name) || testDoc.MatchString(decl.Doc.Text())) {
		return true
	}
	for _, field := range fn.Type().Params.List {
		switch f.writtenType(field.Type) {
		case "testing.T", "testing.B", "testing.TB", "testing.F", "testing.M":
			return true
		}
	}
	return false
}
