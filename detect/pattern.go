package detect

import "strings"

// A Pattern is one way in which a lazily initialised singleton is unsafe.
// Its Doc has a title line, why the code is unsafe, and the sections
// "Before:", "After:" and "Refused when:".
type Pattern struct {
	Name string // as in reports and flags: "nil-check"
	Doc  string
	// match returns the reasons why the site that q is about has this flaw,
	// or nil. At most one pattern matches, but for racy-atomic, which comes
	// before early-publish. It is nil for a flaw that no single site shows:
	// see judgeOnce and bypass.
	match func(q *question) []Note
}

// Title returns the first line of p's documentation.
func (p *Pattern) Title() string {
	title, _, _ := strings.Cut(p.Doc, "\n")
	return title
}

// Patterns are all patterns, in the order of the documentation.
var Patterns = []*Pattern{
	nilCheck,
	flagGuard,
	helperInit,
	brokenDoubleCheck,
	missingRecheck,
	localLock,
	checkedOnce,
	onceReset,
	lostOnceError,
	racyAtomic,
	earlyPublish,
	unlockedReset,
	unlockedRead,
	lazyRegistry,
	lazyField,
}
