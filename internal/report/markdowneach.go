package report

import (
	"bytes"
	"strings"
)

// analysis tells of each unsafe singleton why it is so, and what would help.
func (m *markdown) analysis() {
	unsafe := m.report.worstFirst()
	if len(unsafe) == 0 {
		return
	}
	m.line("\n## Analysis")
	for _, s := range unsafe {
		m.line("\n### %s\n", mdText(s.ID))
		m.line("%s, %s: %s at %s%s is unsafe: %s.", mdText(s.Pattern), s.Risk, mdCode(s.Var), mdCode(s.Position.String()), mdText(about(s)), mdText(harm(s)))
		m.notes("Why", s.Reasons)
		m.notes("Risk", s.Evidence)
		m.fix(s.Fix)
	}
}

func (m *markdown) notes(title string, notes []Note) {
	if len(notes) == 0 {
		return
	}
	m.line("\n%s:\n", title)
	for _, n := range notes {
		m.line("- %s%s", mdText(n.Message), mdAt(n.Position))
	}
}

func (m *markdown) fix(f *Fix) {
	switch f.Status {
	case Refused:
		m.line("\nNo fix: `%s`, %s%s.", f.Refusal.Code, mdText(f.Refusal.Message), mdAt(f.Refusal.Position))
		return
	case Failed:
		m.line("\nA %s fix was planned and thrown away, a bug of singletonfix: %s%s.", f.Strategy, mdText(f.Refusal.Message), mdAt(f.Refusal.Position))
		return
	}
	m.line("\n%s: `%s` %s.", either(f.Status == Applied, "Fixed", "Fix"), f.Strategy, mdText(changes(f)))
	for _, n := range f.Notes {
		m.line("\n> %s", mdText(n))
	}
	if len(f.Obligations) > 0 {
		m.line("\nProved from the code: %s.", mdText(strings.Join(f.Obligations, ", ")))
	}
	m.proof(f.Proof)
	m.diff(f.Changes)
}

// proof says what running the code showed.
func (m *markdown) proof(p *Proof) {
	if p == nil {
		return
	}
	m.line("\nProof: %s.", mdText(p.String()))
	for _, line := range p.details() {
		m.line("\n- %s", mdText(line))
	}
}

// diff writes changes in a fence that nothing in them can end.
func (m *markdown) diff(changes []FileChange) {
	if len(changes) == 0 {
		return
	}
	var diff bytes.Buffer
	WriteDiff(&diff, changes, Style{}) // to memory
	fence := strings.Repeat("`", max(3, longestRun(diff.String(), '`')+1))
	m.line("\n%sdiff\n%s%s", fence, diff.String(), fence)
}

// mdAt returns p in parentheses, or nothing where there is no place.
func mdAt(p Position) string {
	if p.File == "" {
		return ""
	}
	return " (" + mdCode(p.String()) + ")"
}

// mdCode returns text as code within a line.
func mdCode(text string) string {
	text = visible(text)
	tick := strings.Repeat("`", longestRun(text, '`')+1)
	if strings.HasPrefix(text, "`") || strings.HasSuffix(text, "`") {
		text = " " + text + " "
	}
	return tick + text + tick
}

// mdCell is mdCode for a cell of a table, which a bar would end, in code too.
func mdCell(text string) string { return strings.ReplaceAll(mdCode(text), "|", `\|`) }

// mdText returns text as it reads, whatever it would mean to Markdown or HTML.
func mdText(text string) string {
	var b strings.Builder
	for _, r := range visible(text) {
		switch r {
		case '\\', '`', '*', '_', '[', ']', '|', '#', '~':
			b.WriteByte('\\')
			b.WriteRune(r)
		case '<':
			b.WriteString("&lt;")
		case '>':
			if b.Len() > 0 {
				b.WriteRune(r) // it quotes at the start alone
				continue
			}
			b.WriteString("&gt;")
		case '&':
			b.WriteString("&amp;")
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

func longestRun(text string, of rune) int {
	longest, n := 0, 0
	for _, r := range text {
		if r != of {
			n = 0
			continue
		}
		n++
		longest = max(longest, n)
	}
	return longest
}
