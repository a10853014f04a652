package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// An Audit sums an inventory up: what there is, and what CI can hold on to.
type Audit struct {
	Patterns   []Total `json:"patterns"`
	Suppressed []Note  `json:"suppressed"` // unsafe, and left out for a comment: code is the pattern, message the variable
	CI         CI      `json:"ci"`
}

// A Total counts the singletons of one pattern, or of one safe form.
type Total struct {
	Pattern string         `json:"pattern"`
	Verdict string         `json:"verdict"` // unsafe | safe
	Count   int            `json:"count"`
	Risk    map[string]int `json:"risk"`
}

// A CI says which command to run on every change.
type CI struct {
	Command string `json:"command"` // exits 1 while there is something of the highest risk that was found
	MinRisk string `json:"min_risk"`
	Exit    int    `json:"exit"`    // of Command now: 0, 1, or 2 where not every package could be looked at
	Unsafe  int    `json:"unsafe"`  // singletons that make it exit 1
	Fixable int    `json:"fixable"` // those of them that -w fixes
	Review  int    `json:"review"`  // those that -w --review-fixes fixes as well
	ByHand  int    `json:"by_hand"` // the others
}

// SetAudit sums r up. command returns the command line that reports what r
// is about from a risk up.
func (r *Report) SetAudit(command func(minRisk string) string) {
	r.Audit = &Audit{Patterns: orEmpty(r.totals()), Suppressed: orEmpty(r.Suppressed), CI: r.gate(command)}
}

// totals counts by pattern, unsafe ones first, in each group the most frequent first.
func (r *Report) totals() []Total {
	var totals []Total
	at := map[string]int{}
	for _, s := range r.Singletons {
		i, ok := at[s.Pattern]
		if !ok {
			i = len(totals)
			at[s.Pattern] = i
			totals = append(totals, Total{Pattern: s.Pattern, Verdict: s.Verdict, Risk: map[string]int{"critical": 0, "medium": 0, "low": 0, "none": 0}})
		}
		totals[i].Count++
		totals[i].Risk[s.Risk]++
	}
	slices.SortFunc(totals, func(a, b Total) int {
		return cmp.Or(-strings.Compare(a.Verdict, b.Verdict), b.Count-a.Count, strings.Compare(a.Pattern, b.Pattern))
	})
	return totals
}

// gate chooses the worst risk that was found: a build that fails for it asks
// for the most urgent work and no more. Where nothing is unsafe, all counts.
func (r *Report) gate(command func(minRisk string) string) CI {
	ci := CI{MinRisk: "low"}
	for _, risk := range []string{"critical", "medium", "low"} {
		if r.Summary.Risk[risk] > 0 {
			ci.MinRisk, ci.Exit = risk, 1
			break
		}
	}
	if len(r.Errors) > 0 {
		ci.Exit = 2 // whatever else was found
	}
	ci.Command = command(ci.MinRisk)
	for _, s := range r.Singletons {
		if s.Fix == nil || s.Risk != ci.MinRisk {
			continue
		}
		ci.Unsafe++
		switch s.Fix.Status {
		case Available, Applied:
			ci.Fixable++
		case Review:
			ci.Review++
		default:
			ci.ByHand++
		}
	}
	return ci
}

// The columns of the audit's table, as wide as its widest word and a gap.
const guaranteeRow = "%-21s  %-5s  %-9s  %-8s  %-7s  %-13s  %s"

// audit writes the inventory, what callers can rely on, totals and the gate.
func (t *textWriter) audit(r *Report) {
	t.line("", strings.TrimRight(fmt.Sprintf(guaranteeRow, "FORM", "ONCE", "COMPLETE", "ERRORS", "RESETS", "AFTER A PANIC", "FAST PATH"), " "))
	for i := range r.Singletons {
		t.entry(&r.Singletons[i])
	}
	if t.opts.Verbose {
		t.buf.WriteString(legend)
	}
	t.totals(r.Audit.Patterns)
	t.summary(r)
	for _, n := range r.Audit.Suppressed {
		fmt.Fprintf(&t.buf, "Left out for a comment: %s: %s [%s]\n", n.Position, n.Message, n.Code)
	}
	t.gate(r.Audit.CI)
}

// entry writes one singleton of the inventory.
func (t *textWriter) entry(s *Singleton) {
	label := s.Pattern
	if s.Verdict == "unsafe" {
		label += ", " + t.opts.Style.risk(s.Risk)
	}
	t.head(s, "is "+s.Verdict, label)
	t.guarantee("now", s, s.Guarantees.Before, s.Pattern)
	if s.Fix == nil {
		t.buf.WriteByte('\n')
		return
	}
	if after := s.Guarantees.After; after != nil {
		t.guarantee("then", s, after, s.Fix.Strategy)
	}
	t.notes("because", s.Reasons)
	t.notes("risk", t.chain(s.Evidence))
	t.fix(s.Fix)
	t.buf.WriteByte('\n')
}

// guarantee writes a row of the table.
func (t *textWriter) guarantee(word string, s *Singleton, g *Guarantee, form string) {
	if g == nil {
		return
	}
	row := g.row(s)
	t.line(word, fmt.Sprintf(guaranteeRow, form, row[0], row[1], row[2], row[3], row[4], row[5]))
}

// row returns g in words, in the order of the tables' columns.
func (g *Guarantee) row(s *Singleton) [6]string {
	resets := "-"
	if len(s.Resets) > 0 {
		resets = either(g.ResetSafe, "safe", "racy")
	}
	failures := either(g.Errors == "none", "-", g.Errors)
	return [6]string{either(g.ExactlyOnce, "yes", "no"), either(g.Published, "yes", "no"), failures, resets, g.AfterPanic, g.FastPath}
}

func either(cond bool, yes, no string) string {
	if cond {
		return yes
	}
	return no
}

// legend explains the columns.
const legend = `once           at most one goroutine builds the value, between resets and for each key
complete       whoever gets the value sees all of it
errors         sticky: the first error stays; retried: the next call tries again;
               -: it cannot fail, or later calls do not hear of it
resets         whether a reset may run beside the getter; -: there is none
after a panic  the next call: retried: tries again; nil: finds no value; panics-again;
               blocks: waits for ever; no-start: there is none, the program has ended
fast path      what a call costs that finds the value there: plain and atomic: a load;
               once: a load and a call; mutex and the like: a lock

`

// totals counts by pattern and risk.
func (t *textWriter) totals(totals []Total) {
	if len(totals) == 0 {
		return
	}
	const row = "%-21s  %5s  %8s  %6s  %4s\n"
	fmt.Fprintf(&t.buf, row, "BY FORM", "TOTAL", "CRITICAL", "MEDIUM", "LOW")
	for _, n := range totals {
		if n.Verdict == "safe" {
			fmt.Fprintf(&t.buf, "%-21s  %5d  safe\n", n.Pattern, n.Count)
			continue
		}
		fmt.Fprintf(&t.buf, row, n.Pattern, fmt.Sprint(n.Count), number(n.Risk["critical"]), number(n.Risk["medium"]), number(n.Risk["low"]))
	}
	t.buf.WriteByte('\n')
}

func number(n int) string {
	if n == 0 {
		return "-"
	}
	return fmt.Sprint(n)
}

// gate says what CI should fail on.
func (t *textWriter) gate(ci CI) {
	switch ci.Exit {
	case 0:
		fmt.Fprintf(&t.buf, "CI: `%s` exits 0 now; run it on every change so that it stays so.\n", ci.Command)
	case 1:
		fmt.Fprintf(&t.buf, "CI: `%s` exits 1 now, for %s.\n    To make it pass: %s.\n", ci.Command, count(ci.Unsafe, "singleton"), ci.todo())
	default:
		fmt.Fprintf(&t.buf, "CI: `%s` exits 2 now: not every package could be looked at.\n", ci.Command)
	}
}

// todo says what is to be done for the command to exit 0.
func (ci CI) todo() string {
	var parts []string
	if ci.Fixable > 0 {
		parts = append(parts, fmt.Sprintf("-w fixes %d", ci.Fixable))
	}
	if ci.Review > 0 {
		parts = append(parts, fmt.Sprintf("-w --review-fixes fixes %d", ci.Fixable+ci.Review))
	}
	if ci.ByHand > 0 {
		parts = append(parts, fmt.Sprintf("%d %s a hand, or a comment: //singletonfix:ignore PATTERN // reason", ci.ByHand, either(ci.ByHand == 1, "needs", "need")))
	}
	return strings.Join(parts, "; ")
}
