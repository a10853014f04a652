package rewrite

import (
	"fmt"
	"go/token"

	"github.com/singletonfix/singletonfix/detect"
)

// A Strategy is a safe form that a singleton can be given.
type Strategy struct {
	Name string // as in reports and flags: "once"
	Doc  string // title line, the form, what it guarantees, what it costs
	// asked says that the strategy is used only where its name is asked for.
	asked bool
	plan  func(d *draft) *Refusal
}

// Strategies are all strategies, in the order of preference.
var Strategies = []*Strategy{once, oncevalue, doublecheck, mutex, manager}

// Choose returns the best plan for s whose obligations are proved, or why
// there is none. Where several strategies refuse, the answer is that of the
// double check, which fits most, unless the mutex knows a reason of its own.
//
// Precondition: s is unsafe.
func Choose(s *detect.Singleton, opts Options) (*Plan, *Refusal) {
	if r := tooMany(s); r != nil {
		return nil, r
	}
	if s.Vars[0].Owner != nil {
		return chooseField(s, opts)
	}
	if isRegistry(s) {
		return chooseRegistry(s, opts)
	}
	var refusal *Refusal
	for _, st := range inOrderFor(s, opts) {
		if auto := opts.Strategy == "" || opts.Strategy == "auto"; auto && st.asked || !auto && opts.Strategy != st.Name {
			continue // not asked for
		}
		d := newDraft(s, st)
		d.opts = opts
		r := d.common()
		if r != nil && !mutexMayDo[r.Reason] {
			return nil, r // no strategy could do better
		}
		if r == nil {
			r = st.plan(d)
		}
		if r == nil {
			r = d.outsideFollows()
		}
		if r == nil {
			d.reviewAll()
			d.extras()
			return d.finish(), nil
		}
		if refusal == nil || tellsMore(st, r, refusal) {
			refusal = r
		}
	}
	if refusal == nil || refusal.Reason == notThis {
		refusal = refuse(NoForm, s.Vars[0].Obj.Pos(), "no strategy has a safe form for the way %s is used", s.Vars[0].Name())
	}
	return nil, refusal
}

// mostUses is how many uses of its variables a singleton may have. People do
// not write more, nor review a fix of them; proofs and edits take time that
// grows with their square.
const mostUses = 3000

// tooMany refuses a singleton that has more uses than that.
func tooMany(s *detect.Singleton) *Refusal {
	uses := 0
	for _, v := range s.Vars {
		uses += len(v.Accesses)
	}
	if uses <= mostUses {
		return nil
	}
	return refuse(NoForm, s.Vars[0].Obj.Pos(), "%s is used in %d places; more than %d are not for a program to change", s.Vars[0].Name(), uses, mostUses)
}

// mutexMayDo are the obstacles to every strategy but a mutex, which leaves the
// declaration, its value and its type alone.
var mutexMayDo = map[Reason]bool{InitOrder: true, Recomputed: true, Exported: true}

// tellsMore reports whether the refusal r of st says better than have, that of
// an earlier strategy, what stands in the way.
func tellsMore(st *Strategy, r, have *Refusal) bool {
	switch {
	case r.Reason == notThis:
		return false
	case st.Name == doublecheck.Name, have.Reason == notThis:
		return true
	case r.Reason == have.Reason:
		return false
	case mutexMayDo[have.Reason]:
		return true
	}
	return have.Reason == NoForm && r.Reason != NoForm
}

// notThis is the reason of a strategy that is for another kind of singleton;
// it never leaves Choose.
const notThis Reason = ""

// refuse returns a Refusal with a formatted sentence.
func refuse(code Reason, pos token.Pos, format string, args ...any) *Refusal {
	return &Refusal{Reason: code, Message: fmt.Sprintf(format, args...), Pos: pos}
}
