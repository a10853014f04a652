package report

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
)

// A Group is what goes into one pull request: whole packages.
type Group struct {
	Name     string   // of its files
	Owner    string   // as CODEOWNERS has it; "" where there is none
	Packages []string // import paths
	Command  string   // that makes the changes anew
	Changes  []FileChange
}

// A Patch is a Group put into words.
type Patch struct {
	Risk           string // the worst of what it fixes
	Fixes          int
	Added, Removed int
	Diff           []byte // for git apply
	Commit         []byte // the commit's message
	PullRequest    []byte // in Markdown; its title is the first line of the commit
}

// Patch returns g as a reviewer gets it.
func (r *Report) Patch(g Group) (*Patch, error) {
	p := &Patch{}
	var fixed []*Singleton
	for _, s := range r.worstFirst() {
		if slices.Contains(g.Packages, s.Package) && len(s.Fix.Files) > 0 && s.Fix.fixes() && touched(g.Changes, s.Fix.Files) {
			fixed = append(fixed, s)
		}
	}
	if len(fixed) > 0 {
		p.Risk = fixed[0].Risk
	}
	p.Fixes = len(fixed)
	for _, c := range g.Changes {
		added, removed := LineDelta(c.Before, c.After)
		p.Added, p.Removed = p.Added+added, p.Removed+removed
	}
	var diff bytes.Buffer
	if err := WriteDiff(&diff, g.Changes, Style{}); err != nil {
		return nil, err
	}
	p.Diff = diff.Bytes()
	p.Commit = commitMessage(g, fixed)
	p.PullRequest = pullRequest(g, p, fixed)
	return p, nil
}

// touched reports whether changes are, among others, those of files.
func touched(changes []FileChange, files []string) bool {
	return slices.ContainsFunc(changes, func(c FileChange) bool { return slices.Contains(files, c.Name) })
}

// title is the first line of the commit, and the pull request's title.
func title(g Group, fixed []*Singleton) string {
	where := fmt.Sprintf("%d packages", len(g.Packages))
	if len(g.Packages) == 1 {
		where = g.Packages[0][strings.LastIndex(g.Packages[0], "/")+1:]
	}
	what := "a lazily filled variable"
	if len(fixed) > 1 {
		what = fmt.Sprintf("%d lazily filled variables", len(fixed))
	}
	return visible(where + ": make " + what + " safe for concurrent use")
}

func commitMessage(g Group, fixed []*Singleton) []byte {
	var b bytes.Buffer
	b.WriteString(title(g, fixed) + "\n")
	for _, s := range fixed {
		b.WriteByte('\n')
		text := fmt.Sprintf("%s in %s: %s. It becomes safe with %s.", s.Var, s.Position.File, harm(s), s.Fix.Strategy)
		if s.Fix.Proof != nil {
			text += " Proof: " + s.Fix.Proof.String() + "."
		}
		b.WriteString(wrap(visible(text), 72))
	}
	return b.Bytes()
}

// wrap breaks text into lines of at most width, where it has spaces.
func wrap(text string, width int) string {
	var b strings.Builder
	column := 0
	for _, w := range strings.Fields(text) {
		switch {
		case column == 0:
		case column+1+len(w) > width:
			b.WriteByte('\n')
			column = 0
		default:
			b.WriteByte(' ')
			column++
		}
		b.WriteString(w)
		column += len(w)
	}
	return b.String() + "\n"
}

// pullRequest says what, why, at what risk, on what proof, and how it is undone.
func pullRequest(g Group, p *Patch, fixed []*Singleton) []byte {
	m := markdown{}
	m.line("## What\n")
	m.line("Made safe: %s in %s, with %s added and %d removed.\n", count(len(fixed), "singleton"), count(len(g.Packages), "package"), count(p.Added, "line"), p.Removed)
	for _, s := range fixed {
		m.line("- %s (%s): [%s](%s)", mdCode(s.Var), mdCode(s.Position.String()), s.Fix.Strategy, patternsPage+s.Fix.Strategy)
	}
	m.line("\n## Why")
	for _, s := range fixed {
		m.line("\n%s: %s.", mdCode(s.Var), mdText(harm(s)))
		m.notes("It is so, since", s.Reasons)
	}
	m.line("\n## Risk\n")
	for _, s := range fixed {
		m.line("- %s is at %s risk as it is.%s", mdCode(s.Var), s.Risk, mdText(evidence(s)))
		for _, n := range s.Fix.Notes {
			m.line("  - %s", mdText(n))
		}
	}
	m.line("\n## Proof\n")
	m.line("%s", strings.TrimSpace(verified))
	for _, s := range fixed {
		if len(s.Fix.Obligations) > 0 {
			m.line("\n%s, proved from the code: %s.", mdCode(s.Var), mdText(strings.Join(s.Fix.Obligations, ", ")))
		}
		if s.Fix.Proof != nil {
			m.line("\n%s, run under the race detector: %s.", mdCode(s.Var), mdText(s.Fix.Proof.String()))
		}
	}
	m.line("\n## How to check\n")
	m.line("On the commit before this one, %s writes the same bytes. With `-d --verify` in place of `-w` it runs each fix under the", mdCode(g.Command))
	m.line("race detector, before and after. `singletonfix --explain NAME` says what a form is, and what each thing means that was proved.")
	m.line("\n## How to revert\n")
	m.line("`git revert` of this commit alone: the fixes of a package are whole, and no other package depends on them.")
	return m.buf.Bytes()
}

func evidence(s *Singleton) string {
	if len(s.Evidence) == 0 {
		return ""
	}
	return " " + s.Evidence[0].Message + "."
}
