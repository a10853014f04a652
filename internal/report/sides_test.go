package report

import (
	"strings"
	"testing"

	"github.com/alecthomas/chroma/v2"
)

// markup returns lines with «» around what is marked, c‹› around classes.
func markup(lines []Line) string {
	var b strings.Builder
	for _, l := range lines {
		for _, p := range l.Pieces {
			text := p.Value
			if class := chroma.StandardTypes[p.Type]; class != "" {
				text = class + "‹" + text + "›"
			}
			if p.Mark {
				text = "«" + text + "»"
			}
			b.WriteString(text)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

func TestSides(t *testing.T) {
	c := FileChange{
		Before: []byte("package p // x\n\nvar s *T\n\nfunc F() {\n\tif s == nil {\n\t\ts = `a\nb`\n\t}\n}\n"),
		After:  []byte("package p // x\n\nvar s atomic.Pointer[T]\n\nfunc F() {\n\tif s.Load() == nil {\n\t\ts = `a\nc`\n\t}\n}\n"),
	}
	var left, right []Line
	for _, b := range sides(c) {
		left, right = append(left, b.Left...), append(right, b.Right...)
		if !b.Changed && len(b.Left) != len(b.Right) {
			t.Errorf("%d unchanged lines stand beside %d", len(b.Left), len(b.Right))
		}
	}
	wantLeft := "k‹package› p c‹// x›\n\nk‹var› s «*»T\n\nk‹func› F() {\n\tk‹if› s == nil {\n\t\ts = s‹`a›\n«s‹b›»s‹`›\n\t}\n}\n"
	wantRight := "k‹package› p c‹// x›\n\nk‹var› s «atomic.Pointer[»T«]»\n\nk‹func› F() {\n\tk‹if› s«.Load()» == nil {\n\t\ts = s‹`a›\n«s‹c›»s‹`›\n\t}\n}\n"
	if got := markup(left); got != wantLeft {
		t.Errorf("on the left:\n%s\nwant:\n%s", got, wantLeft)
	}
	if got := markup(right); got != wantRight {
		t.Errorf("on the right:\n%s\nwant:\n%s", got, wantRight)
	}
}

// TestHighlightKeeps holds that the pieces are the source, whatever it is.
func TestHighlightKeeps(t *testing.T) {
	for _, src := range []string{
		"", "\n", "package p", "package p\r\n\r\nvar s = `a\r\nb`\r\n// c\r\n", "\x00\"unterminated\n'", "var größe = 'ß' + 0x1p-2\n", "/* a\nb */ x\n",
	} {
		var lines []string
		all := highlight([]byte(src))
		for i := range all {
			lines = append(lines, lineOf(i+1, all).text())
		}
		want := strings.TrimSuffix(unescaped(strings.ReplaceAll(src, "\r\n", "\n")), "\n")
		if got := strings.Join(lines, "\n"); got != want {
			t.Errorf("the pieces of %q make %q", src, got)
		}
	}
}

func TestChangedWords(t *testing.T) {
	for _, test := range []struct{ before, after, gone, come string }{
		{"return s", "return v", "s", "v"},
		{"\treturn s", "\t\treturn v", "s", "v"},
		{"a == nil", "a.Load() == nil", "", ".Load()"},
		{"a == nil", "a != nil", "==", "!="},
		{strings.Repeat("x", longLine), "y", "", ""},
	} {
		gone, come := changedWords(test.before, test.after)
		if got := cut(test.before, gone); got != test.gone {
			t.Errorf("changedWords(%.20q, %q): gone is %q, want %q", test.before, test.after, got, test.gone)
		}
		if got := cut(test.after, come); got != test.come {
			t.Errorf("changedWords(%.20q, %q): come is %q, want %q", test.before, test.after, got, test.come)
		}
	}
}

func cut(line string, parts []part) string {
	var out []string
	for _, p := range parts {
		out = append(out, line[p.from:p.to])
	}
	return strings.Join(out, "|")
}
