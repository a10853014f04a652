package report

import (
	"html/template"
	"strings"

	"github.com/alecthomas/chroma/v2"
	"github.com/alecthomas/chroma/v2/formatters/html"
)

// A painter shows lines of code as HTML, and has the style sheet for it.
type painter struct {
	formatter   *html.Formatter
	light, dark *chroma.Style
}

// newPainter returns a painter. Its colours can be read on all the page's
// backgrounds, those of a diff's lines and words too.
func newPainter() painter {
	return painter{
		formatter: html.New(html.WithClasses(true), html.PreventSurroundingPre(true), html.WithCSSComments(false)),
		light: chroma.MustNewStyle("light", chroma.StyleEntries{
			chroma.Comment:       "italic #59636e",
			chroma.Keyword:       "#a0111f",
			chroma.LiteralNumber: "#0550ae",
			chroma.LiteralString: "#0a3069",
		}),
		dark: chroma.MustNewStyle("dark", chroma.StyleEntries{
			chroma.Comment:       "italic #9198a1",
			chroma.Keyword:       "#ff9d95",
			chroma.LiteralNumber: "#79c0ff",
			chroma.LiteralString: "#a5d6ff",
		}),
	}
}

// code returns l as HTML. The formatter escapes the text.
func (p painter) code(l Line) (template.HTML, error) {
	var b strings.Builder
	for _, piece := range l.Pieces {
		open, end := "", ""
		if piece.Mark {
			open, end = "<mark>", "</mark>"
		}
		b.WriteString(open)
		if err := p.formatter.Format(&b, p.light, chroma.Literator(piece.Token)); err != nil {
			return "", err
		}
		b.WriteString(end)
	}
	return template.HTML(b.String()), nil
}

// css returns the colours of code, on a light page and on a dark one.
func (p painter) css() (string, error) {
	var b strings.Builder
	if err := p.formatter.WriteCSS(&b, p.light); err != nil {
		return "", err
	}
	b.WriteString("@media (prefers-color-scheme: dark) {\n")
	if err := p.formatter.WriteCSS(&b, p.dark); err != nil {
		return "", err
	}
	b.WriteString("}\n")
	return b.String(), nil
}
