package main

import (
	"bytes"
	"fmt"
	"html"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/singletonfix/singletonfix/internal/cli"
)

const recordingFile = "../../docs/recording.svg"

// TestRecording holds the picture of a terminal at the top of the README
// against what comes out. UPDATE_README=1 in the environment draws it anew.
func TestRecording(t *testing.T) {
	readme, err := os.ReadFile(readmeFile)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for file, content := range map[string]string{"go.mod": "module example.com/app\n\ngo 1.26\n", "config/config.go": block(t, readme, "go", 0)} {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, file)), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, file), []byte(content), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	var screen bytes.Buffer
	for _, step := range []struct {
		args   []string
		status int
	}{{nil, 1}, {[]string{"-d", "--quiet"}, 1}, {[]string{"-w", "--quiet"}, 0}, {nil, 0}} {
		if screen.Len() > 0 {
			fmt.Fprintln(&screen)
		}
		fmt.Fprintln(&screen, strings.TrimSpace("\x1b[32m$\x1b[m singletonfix "+strings.Join(step.args, " ")))
		if status := cli.Main(append([]string{"-C", dir, "--color=always"}, step.args...), &screen, &screen); status != step.status {
			t.Fatalf("singletonfix %q: exit status %d, want %d\n%s", step.args, status, step.status, &screen)
		}
	}
	got := drawTerminal(screen.String())
	if os.Getenv("UPDATE_README") != "" {
		if err := os.WriteFile(recordingFile, got, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(recordingFile)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s is not what comes out; UPDATE_README=1 go test ./cmd/singletonfix draws it anew", recordingFile)
	}
}

// The measures of the picture: a column, a line, and the edge around.
const (
	columnWidth = 7.8
	lineHeight  = 18
	edge        = 16
	columns     = 100
)

// drawTerminal returns text with a terminal's escape sequences as a picture.
func drawTerminal(text string) []byte {
	var lines []string
	for line := range strings.SplitSeq(strings.TrimRight(text, "\n"), "\n") {
		lines = append(lines, fold(strings.ReplaceAll(line, "\t", "    "))...)
	}
	var b bytes.Buffer
	width, height := float64(columns)*columnWidth+2*edge, len(lines)*lineHeight+2*edge
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %.0f %d" width="%.0f" height="%d" role="img" aria-label="singletonfix in a terminal: the report, the diff, the fix">
<style>
text { font: 13px ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; fill: #e6edf3; white-space: pre; }
.c1 { font-weight: bold; } .c31 { fill: #ff7b72; } .c32 { fill: #7ee787; } .c33 { fill: #e3b341; } .c36 { fill: #79c0ff; } .c7 { text-decoration: underline; font-weight: bold; }
</style>
<rect width="100%%" height="100%%" rx="8" fill="#0d1117"/>
`, width, height, width, height)
	style := map[string]bool{}
	for i, line := range lines {
		fmt.Fprintf(&b, `<text x="%d" y="%d" xml:space="preserve">%s</text>`+"\n", edge, edge+(i+1)*lineHeight-5, drawLine(line, style))
	}
	b.WriteString("</svg>\n")
	return b.Bytes()
}

var escape = regexp.MustCompile("\x1b\\[([0-9]*)m")

// drawLine returns a line with spans for its styles, which go on to the next.
func drawLine(line string, style map[string]bool) string {
	var b strings.Builder
	at := 0
	text := func(part string) {
		if part == "" {
			return
		}
		var classes []string
		for _, code := range []string{"1", "31", "32", "33", "36", "7"} {
			if style[code] {
				classes = append(classes, "c"+code)
			}
		}
		if len(classes) == 0 {
			b.WriteString(html.EscapeString(part))
			return
		}
		fmt.Fprintf(&b, `<tspan class="%s">%s</tspan>`, strings.Join(classes, " "), html.EscapeString(part))
	}
	for _, m := range escape.FindAllStringSubmatchIndex(line, -1) {
		text(line[at:m[0]])
		at = m[1]
		switch code := line[m[2]:m[3]]; code {
		case "":
			clear(style)
		case "27":
			delete(style, "7")
		default:
			style[code] = true
		}
	}
	text(line[at:])
	return b.String()
}

// fold breaks a line where the terminal would, not counting what has no width.
func fold(line string) []string {
	var lines []string
	var b strings.Builder
	n := 0
	for line != "" {
		if m := escape.FindStringIndex(line); m != nil && m[0] == 0 {
			b.WriteString(line[:m[1]])
			line = line[m[1]:]
			continue
		}
		if n == columns {
			lines = append(lines, b.String())
			b.Reset()
			n = 0
		}
		r := []rune(line)[0]
		b.WriteRune(r)
		line = line[len(string(r)):]
		n++
	}
	return append(lines, b.String())
}
