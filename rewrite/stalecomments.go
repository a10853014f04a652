package rewrite

import (
	"go/ast"
	"regexp"
	"strings"

	"github.com/singletonfix/singletonfix/detect"
)

// staleComments notes which comments say of the variables, or of a function
// that fills or resets them, what the fix makes untrue.
func (d *draft) staleComments() {
	for _, v := range d.Singleton.Vars {
		if v.Spec != nil && (isStale(v.Spec.Doc) || isStale(v.Spec.Comment)) || v.Decl != nil && isStale(v.Decl.Doc) {
			d.staleNote(v.Name())
		}
	}
	var funcs []*detect.Func
	for _, s := range d.Singleton.Sites {
		funcs = append(funcs, s.Read.In, s.Func)
	}
	if f := d.getter(); f != nil {
		funcs = append(funcs, f) // asks a Once, and tests nothing itself
	}
	for _, f := range append(funcs, d.Singleton.Resets...) {
		if f = f.Outermost(); f.Decl != nil && isStale(f.Decl.Doc) {
			d.staleNote(f.Name())
		}
	}
}

func (d *draft) staleNote(name string) {
	d.note("the comment of " + name + " limits how it may be used, which may no longer hold")
}

// limitedUse matches comments that warn of concurrent or repeated calls.
var limitedUse = regexp.MustCompile(`(?i)` + strings.Join([]string{
	`\b(not|never|isn't|aren't) (be )?(concurren\w+|goroutine|thread|race)[ -]?(safe|free)`,
	`\b(not|never|isn't|aren't) (be )?safe (for|to)\b.*(concurren|parallel|several|multiple|goroutine|thread)`,
	`\bunsafe for (concurren|parallel)`,
	`\b(not|never|n't) (be )?(called?|used?|run)? ?(concurrent|in parallel)`,
	`\b(must|should|may|can) (only )?be called (at most |exactly |only )?(once\b|(from|by) (one|a single) (goroutine|thread))`,
}, "|"))

func isStale(doc *ast.CommentGroup) bool {
	return doc != nil && limitedUse.MatchString(strings.ReplaceAll(doc.Text(), "\n", " "))
}
