package report

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"github.com/singletonfix/singletonfix/rewrite"
)

// Markdown writes r as a document in two parts: what a team has to know, on
// one page, and all that the run found. what names the packages looked at.
func (r *Report) Markdown(w io.Writer, what string) error {
	m := markdown{report: r, outlook: r.outlook()}
	m.line("# Singletons of %s", mdCode(what))
	m.summary()
	m.line("\n# Full report")
	m.inventory()
	m.analysis()
	m.guarantees()
	m.recommendations()
	m.verification()
	_, err := w.Write(m.buf.Bytes())
	return err
}

// MarkdownSummary writes only the first part, and the list of what is unsafe.
func (r *Report) MarkdownSummary(w io.Writer) error {
	m := markdown{report: r, outlook: r.outlook()}
	m.line("# Singletons")
	m.summary()
	if len(m.report.worstFirst()) > 0 {
		m.inventory()
	}
	_, err := w.Write(m.buf.Bytes())
	return err
}

type markdown struct {
	buf     bytes.Buffer
	report  *Report
	outlook outlook
}

func (m *markdown) line(format string, args ...any) { fmt.Fprintf(&m.buf, format+"\n", args...) }

// summary says what was looked at, how it stands, and how it could.
func (m *markdown) summary() {
	sum, o := m.report.Summary, m.outlook
	m.line("\n## Executive summary\n")
	m.line("%s looked at, with %s.\n", count(sum.Packages, "package"), count(sum.Singletons, "lazily initialised singleton"))
	if n := m.report.Known; n > 0 {
		m.line("Not counted, as the baseline has %s: %s.\n", either(n == 1, "it", "them"), count(n, "unsafe singleton"))
	}
	if n := len(m.report.Errors); n > 0 {
		m.line("**The numbers are incomplete**: %s kept code from being looked at, see below.\n", count(n, "error"))
	}
	m.line("| | now | with the fixes |\n| --- | ---: | ---: |")
	m.line("| safe | %d (%d %%) | %d (%d %%) |", o.Safe, percent(o.Safe, o.Total), o.Then, percent(o.Then, o.Total))
	m.line("| unsafe | %d | %d |", o.Total-o.Safe, o.Total-o.Then)
	if n := o.Status[Review]; n > 0 {
		m.line("\nAnother %d would be safe with %s that %s a reviewer's eye.", n, either(n == 1, "a fix", "fixes"), either(n == 1, "deserves", "deserve"))
	}
	m.priorities()
	if sum.LinesAdded+sum.LinesRemoved > 0 {
		m.line("\nThe fixes add %s and remove %d.", count(sum.LinesAdded, "line"), sum.LinesRemoved)
	}
	m.errors()
}

// priorities counts what is to be done, by risk.
func (m *markdown) priorities() {
	if len(m.report.worstFirst()) == 0 {
		return
	}
	m.line("\n| priority | unsafe | fixed | fix available | for a reviewer | by hand |\n| --- | ---: | ---: | ---: | ---: | ---: |")
	for _, risk := range []string{"critical", "medium", "low"} {
		n, total := map[string]int{}, 0
		for _, s := range m.report.worstFirst() {
			if s.Risk == risk {
				n[s.Fix.Status]++
				total++
			}
		}
		m.line("| %s | %d | %d | %d | %d | %d |", risk, total, n[Applied], n[Available], n[Review], n[Refused]+n[Failed])
	}
}

// errors lists what kept packages from being looked at.
func (m *markdown) errors() {
	if len(m.report.Errors) == 0 {
		return
	}
	m.line("\nNot looked at:\n")
	for _, e := range m.report.Errors {
		where := ""
		switch {
		case e.Position != nil:
			where = mdCode(e.Position.String()) + ": "
		case e.Package != "":
			where = mdCode(e.Package) + ": "
		}
		m.line("- %s%s", where, mdText(e.Message))
	}
}

// inventory lists all singletons of the report, the worst first.
func (m *markdown) inventory() {
	m.line("\n## Inventory\n")
	all := m.worstAndSafe()
	if len(all) == 0 {
		m.line("Nothing unsafe was found.")
		return
	}
	m.line("| | singleton | package | risk | pattern | fix |\n| ---: | --- | --- | --- | --- | --- |")
	for i, s := range all {
		m.line("| %d | %s | %s | %s | %s | %s |", i+1, mdCell(s.Var), mdCell(s.Package), either(s.Fix == nil, "safe", s.Risk), mdCell(s.Pattern), s.Fix.word())
	}
}

// worstAndSafe returns the unsafe singletons, the worst first, then the others.
func (m *markdown) worstAndSafe() []*Singleton {
	all := m.report.worstFirst()
	for i := range m.report.Singletons {
		if s := &m.report.Singletons[i]; s.Fix == nil {
			all = append(all, s)
		}
	}
	return all
}

// word returns what there is of a fix, in a word or two. It is also asked of
// what is safe, and has none.
func (f *Fix) word() string {
	switch {
	case f == nil:
		return "none needed"
	case f.Status == Available:
		return f.Strategy
	case f.Status == Review:
		return f.Strategy + ", for a reviewer"
	case f.Status == Applied:
		return f.Strategy + ", applied"
	}
	return "none: " + f.Refusal.Code
}

// guarantees compares what callers can rely on, now and with the fixes.
func (m *markdown) guarantees() {
	m.line("\n## Guarantees\n")
	m.line("| singleton | | built once | complete | errors | resets | after a panic | fast path |\n| --- | --- | --- | --- | --- | --- | --- | --- |")
	for _, s := range m.worstAndSafe() {
		m.guarantee(s, mdCell(s.Var), "now", s.Guarantees.Before)
		m.guarantee(s, "", "then", s.Guarantees.After)
	}
	m.line("\n%s", strings.TrimSpace(guaranteeLegend))
}

func (m *markdown) guarantee(s *Singleton, name, when string, g *Guarantee) {
	if g == nil {
		return
	}
	row := g.row(s)
	m.line("| %s | %s | %s |", name, when, strings.Join(row[:], " | "))
}

// guaranteeLegend explains the columns of a table of guarantees.
const guaranteeLegend = `
Built once: at most one goroutine builds the value, between resets and for each key. Complete: whoever
gets the value sees all of it. Errors: sticky, the first error stays; retried, the next call tries again.
Resets: whether a reset may run beside the getter. After a panic: what the next call does. Fast path: what
a call costs that finds the value there.
`

// recommendations say what to do next, in the order in which to do it.
func (m *markdown) recommendations() {
	m.line("\n## Recommendations\n")
	o := m.outlook
	if len(o.Status) == 0 {
		m.line("Run `singletonfix ./...` on every change, so that it stays so.")
		return
	}
	if n := o.Status[Available]; n > 0 {
		m.line("1. Apply what is available: `singletonfix -w` fixes %d.", n)
	}
	if n := o.Status[Review]; n > 0 {
		m.line("1. Read the fixes marked for a reviewer, %d, then apply them: `singletonfix -w --review-fixes`.", n)
	}
	for _, reason := range rewrite.Reasons {
		m.refused(string(reason.Reason), reason.Doc)
	}
	m.line("1. Let CI fail from now on: `singletonfix --baseline FILE` takes what is known already as given.")
}

// refused says what is to be done by hand for one reason.
func (m *markdown) refused(code, doc string) {
	var names []string
	for _, s := range m.report.worstFirst() {
		if n := s.Fix.Refusal; n != nil && n.Code == code {
			names = append(names, mdCode(s.ID))
		}
	}
	if len(names) > 0 {
		m.line("1. By hand (`%s`): %s. %s", code, strings.Join(names, ", "), mdText(strings.Join(strings.Fields(doc), " ")))
	}
}

// verification says what stands behind the fixes that are shown.
func (m *markdown) verification() {
	m.line("\n## How it was verified\n")
	m.line("%s", strings.TrimSpace(verified))
}

// verified says what a fix went through before it is shown as a diff.
const verified = `
Each fix shown here was carried out in memory, and thrown away unless, for its whole package, every file
parses; the package, its tests and the packages that import it type-check as before; the singleton is no
longer found unsafe; every comment is there once; the exported API is the same; no code comes to wait for a
lock that it holds; and a second run changes nothing more.
`
