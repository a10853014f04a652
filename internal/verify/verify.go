// Package verify distrusts rewrite: it proves of one package's changes, before
// anyone sees them, that they keep what must be kept.
//
// It shares no code with rewrite, and knows nothing of strategies: it looks at
// the package before and after, as anyone could. It writes nothing.
package verify

import (
	"context"
	"go/token"

	"github.com/singletonfix/singletonfix/detect"
	"github.com/singletonfix/singletonfix/internal/load"
)

// A Problem is something that a change breaks, or that keeps it from being
// proved not to.
type Problem struct {
	Code    string // stable: one of the constants below
	Message string
	Pos     token.Position // in the changed file; the zero value where no place is to blame
}

// What can be wrong with a change.
const (
	Stale         = "stale"          // a file on the disk is no longer the one that was read
	Syntax        = "syntax"         // a changed file does not parse
	TypeErrors    = "type-errors"    // the package, its tests or what imports it has a new error
	Comments      = "comments"       // a comment is lost or doubled
	Directives    = "directives"     // a directive stands before another declaration
	API           = "api"            // something exported changed
	GoVersion     = "go-version"     // uses what the language version does not have
	StillUnsafe   = "still-unsafe"   // a fixed variable is found unsafe
	NewUnsafe     = "new-unsafe"     // a variable is found unsafe that was not
	Deadlock      = "deadlock"       // some code comes to wait for a lock that it holds
	NotIdempotent = "not-idempotent" // a second run would change the package again
	Failed        = "failed"         // a check could not be carried out
)

// A Change is what is to be proved.
type Change struct {
	// Files maps the names of changed files, as in [detect.File], to their new content.
	Files map[string][]byte
	// Outside are those of the files that are not the package's own, as they were read.
	Outside map[string][]byte
	// Fixed are the names of the variables that are said to be safe now.
	Fixed []string
	// Fields says that fields of types count too, as --fields has it.
	Fields bool
	// Exported are exported names that the change may declare, or give another
	// type, where a program's own packages are all that uses them.
	Exported []string
	// Says are the sentences, and directives, that the change adds as comments.
	Says []string
	// Again plans for the changed package, given what is found in it, and
	// reports whether that would change it again. nil: not checked.
	Again func(after *detect.Package, found []*detect.Singleton) (changed bool, err error)
}

// Check returns what is wrong with a change of pkg, a package of set; nothing
// if it is proved.
//
// Types are those that set was loaded with: where some are faked, the proof
// is that the same errors are found before and after.
func Check(ctx context.Context, set *load.Set, pkg *detect.Package, c Change) []Problem {
	v := &checker{ctx: ctx, set: set, before: pkg, change: c}
	v.stale()
	after, err := set.Recheck(pkg, c.Files)
	if err != nil {
		v.syntax(err)
		return v.problems // without syntax there is nothing more to look at
	}
	v.after = after.Package
	v.typeErrors(after)
	v.comments()
	v.directives()
	v.outside()
	v.api()
	v.goVersion()
	if len(v.problems) == 0 && ctx.Err() == nil { // detect expects what type-checks
		facts := detect.BuildFacts(v.after)
		v.relocks(facts)
		v.lookAgain(facts)
	}
	if err := ctx.Err(); err != nil {
		v.add(Failed, token.Position{}, "the proof was cut short: %v", err)
	}
	return v.problems
}
