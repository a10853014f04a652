package rewrite

import (
	"go/ast"
	"strings"
)

// document returns the splice that adds a sentence to the doc comment of a
// function: behind its last paragraph, in front of a note that it is
// deprecated and of directives. Without a comment, it becomes one.
func (f *workFile) document(fn *ast.FuncDecl, sentence string) splice {
	if fn.Doc == nil {
		at := f.offset(fn.Pos())
		return splice{at, at, commentLines(fn.Name.Name+strings.TrimPrefix(sentence, "It"), 80) + "\n"}
	}
	lines := fn.Doc.List
	last, width := -1, 80
	for i, c := range lines {
		text := strings.TrimSpace(strings.TrimPrefix(c.Text, "//"))
		if strings.HasPrefix(text, "Deprecated:") {
			break
		}
		if text != "" && !isDirective(c.Text) {
			last = i
			width = max(width, len(c.Text))
		}
	}
	if last < 0 {
		at := f.offset(fn.Doc.Pos())
		return splice{at, at, commentLines(fn.Name.Name+strings.TrimPrefix(sentence, "It"), width) + "\n//\n"}
	}
	end := f.offset(lines[last].End())
	text := "\n" + commentLines(sentence, width)
	if !endsParagraph(lines[last].Text) {
		text = "\n//" + text
	}
	return splice{end, end, text}
}

// isDirective reports whether a comment is for a tool: //go:noinline, //nolint.
func isDirective(comment string) bool {
	rest, ok := strings.CutPrefix(comment, "//")
	if !ok || rest == "" || strings.HasPrefix(rest, " ") || strings.HasPrefix(rest, "\t") {
		return false
	}
	name, _, _ := strings.Cut(rest, " ")
	return strings.Contains(name, ":") || name == "nolint" || name == "export"
}

// endsParagraph reports whether the last line of a comment is the end of a
// sentence in plain text, behind which another one can stand.
func endsParagraph(line string) bool {
	text := strings.TrimPrefix(line, "//")
	plain := !strings.HasPrefix(text, "\t") && !strings.HasPrefix(text, "  ") && !strings.HasPrefix(text, " #")
	text = strings.TrimSpace(text)
	return plain && (strings.HasSuffix(text, ".") || strings.HasSuffix(text, "!") || strings.HasSuffix(text, "?") || strings.HasSuffix(text, ")"))
}

// commentLines returns text as lines of a comment, none longer than width if
// its words allow that.
func commentLines(text string, width int) string {
	var lines []string
	line := "//"
	for _, word := range strings.Fields(text) {
		if len(line)+1+len(word) > width && line != "//" {
			lines, line = append(lines, line), "//"
		}
		line += " " + word
	}
	return strings.Join(append(lines, line), "\n")
}
