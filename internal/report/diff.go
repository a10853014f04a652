package report

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"github.com/sergi/go-diff/diffmatchpatch"
)

// context is the number of unchanged lines around a change.
const context = 3

// A FileChange is one file before and after; Name is relative to the
// working directory, with slashes. Of a new file, Before is nil.
type FileChange struct {
	Name          string
	Before, After []byte
	Remarks       []string // lines that stand before the file's changes; git apply and patch skip them
}

// WriteDiff writes changes as one unified diff that git apply and patch -p1
// take, and that gives the exact bytes.
func WriteDiff(w io.Writer, changes []FileChange, style Style) error {
	var buf bytes.Buffer
	for _, c := range changes {
		hunks := hunksOf(diffLines(string(c.Before), string(c.After)))
		if len(hunks) == 0 {
			continue
		}
		for _, line := range c.Remarks {
			buf.WriteString(style.cyan("# "+visible(line)) + "\n")
		}
		old := diffName("a/" + c.Name)
		if c.Before == nil {
			old = "/dev/null"
		}
		buf.WriteString(style.bold("--- "+old) + "\n")
		buf.WriteString(style.bold("+++ "+diffName("b/"+c.Name)) + "\n")
		for _, h := range hunks {
			h.write(&buf, style)
		}
	}
	_, err := w.Write(buf.Bytes())
	return err
}

// LineDelta counts the lines that a diff from before to after adds and removes.
func LineDelta(before, after []byte) (added, removed int) {
	for _, l := range diffLines(string(before), string(after)) {
		switch l.op {
		case '+':
			added++
		case '-':
			removed++
		}
	}
	return added, removed
}

// A diffLine is a line of a diff: its text with the end of the line, if it has one.
type diffLine struct {
	op   byte // ' ', '-', '+'
	text string
}

// diffLines returns the lines of a shortest diff. Within a change, removed
// lines come first.
func diffLines(before, after string) []diffLine {
	dmp := diffmatchpatch.New()
	dmp.DiffTimeout = 0 // a time limit would make the result depend on the machine
	a, b, texts := dmp.DiffLinesToRunes(before, after)
	var lines []diffLine
	for _, d := range dmp.DiffCharsToLines(dmp.DiffMainRunes(a, b, false), texts) {
		op := map[diffmatchpatch.Operation]byte{
			diffmatchpatch.DiffEqual:  ' ',
			diffmatchpatch.DiffDelete: '-',
			diffmatchpatch.DiffInsert: '+',
		}[d.Type]
		for line := range strings.SplitAfterSeq(d.Text, "\n") {
			if line != "" {
				lines = append(lines, diffLine{op, line})
			}
		}
	}
	return removedFirst(slide(lines))
}

// slide moves each lone run of added or removed lines down as far as it goes,
// as git does: an added function then ends with its own brace, not with the
// one of the function before it.
func slide(lines []diffLine) []diffLine {
	for i := len(lines) - 1; i >= 0; i-- {
		if lines[i].op == ' ' || i > 0 && lines[i-1].op != ' ' {
			continue // not the start of a run
		}
		start, end := i, i
		for end < len(lines) && lines[end].op == lines[start].op {
			end++
		}
		for end < len(lines) && lines[end].op == ' ' && lines[end].text == lines[start].text {
			lines[start].op, lines[end].op = lines[end].op, lines[start].op
			start, end = start+1, end+1
		}
	}
	return lines
}

// removedFirst orders the lines of each change: all that are removed, then
// all that are added.
func removedFirst(lines []diffLine) []diffLine {
	out := make([]diffLine, 0, len(lines))
	var added []diffLine
	for _, l := range lines {
		switch l.op {
		case '+':
			added = append(added, l)
		case '-':
			out = append(out, l)
		default:
			out = append(out, added...)
			added = added[:0]
			out = append(out, l)
		}
	}
	return append(out, added...)
}

// A hunk is a change with the lines around it; the line numbers count from 1.
type hunk struct {
	oldLine, newLine   int
	oldCount, newCount int
	lines              []diffLine
}

// hunksOf groups changes that share context.
func hunksOf(lines []diffLine) []hunk {
	var hunks []hunk
	oldLine, newLine, quiet := 1, 1, context+1 // quiet: unchanged lines since the last change
	for i, l := range lines {
		if l.op != ' ' {
			if quiet > 2*context || len(hunks) == 0 {
				before := lines[max(0, i-min(context, leading(lines[:i]))):i]
				hunks = append(hunks, hunk{oldLine: oldLine - len(before), newLine: newLine - len(before), lines: before[:len(before):len(before)]})
			} else {
				h := &hunks[len(hunks)-1]
				h.lines = append(h.lines, lines[i-max(0, quiet-context):i]...)
			}
			quiet = 0
			h := &hunks[len(hunks)-1]
			h.lines = append(h.lines, l)
		} else {
			quiet++
			if quiet <= context && len(hunks) > 0 {
				h := &hunks[len(hunks)-1]
				h.lines = append(h.lines, l)
			}
		}
		if l.op != '+' {
			oldLine++
		}
		if l.op != '-' {
			newLine++
		}
	}
	for i := range hunks {
		hunks[i].count()
	}
	return hunks
}

// leading counts the unchanged lines at the end of lines.
func leading(lines []diffLine) int {
	n := 0
	for n < len(lines) && lines[len(lines)-1-n].op == ' ' {
		n++
	}
	return n
}

func (h *hunk) count() {
	for _, l := range h.lines {
		if l.op != '+' {
			h.oldCount++
		}
		if l.op != '-' {
			h.newCount++
		}
	}
	// A side without lines is said to start at the line before it.
	if h.oldCount == 0 {
		h.oldLine--
	}
	if h.newCount == 0 {
		h.newLine--
	}
}

func (h *hunk) write(buf *bytes.Buffer, style Style) {
	head := fmt.Sprintf("@@ -%s +%s @@", span(h.oldLine, h.oldCount), span(h.newLine, h.newCount))
	buf.WriteString(style.cyan(head) + "\n")
	parts := make([][]part, len(h.lines))
	if style.Color {
		parts = changedParts(h.lines)
	}
	for i, l := range h.lines {
		text, ended := strings.CutSuffix(l.text, "\n")
		buf.WriteString(style.diffLine(l.op, text, parts[i]) + "\n")
		if !ended {
			buf.WriteString("\\ No newline at end of file\n")
		}
	}
}

// span returns the line number and the count, which is left out where it is 1.
func span(line, count int) string {
	if count == 1 {
		return fmt.Sprint(line)
	}
	return fmt.Sprintf("%d,%d", line, count)
}

// diffName returns name as git writes it in a diff: quoted, with octal
// escapes, where it holds anything out of the ordinary; with a tab behind it
// where it holds a space, lest a time stamp be read into it.
func diffName(name string) string {
	var quoted strings.Builder
	for i := range len(name) {
		switch c := name[i]; {
		case c == '"' || c == '\\':
			quoted.WriteString(`\` + string(c))
		case c == '\n':
			quoted.WriteString(`\n`)
		case c == '\t':
			quoted.WriteString(`\t`)
		case c < ' ' || c >= 0x7f:
			fmt.Fprintf(&quoted, `\%03o`, c)
		default:
			quoted.WriteByte(c)
		}
	}
	if quoted.String() != name {
		return `"` + quoted.String() + `"`
	}
	if strings.Contains(name, " ") {
		return name + "\t"
	}
	return name
}
