package report

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"html/template"
	"io"
	"slices"
	"strings"
)

var (
	//go:embed page/page.html
	pageHTML string
	//go:embed page/page.css
	pageCSS string
	//go:embed page/page.js
	pageJS string
)

// HTML writes r as one page that needs nothing else: no network, no file
// beside it. what names the packages looked at.
//
// Its policy allows just the one script and the one style sheet by their
// hashes, so that nothing in the code that is shown can run.
func (r *Report) HTML(w io.Writer, what string) error {
	code := newPainter()
	codeCSS, err := code.css()
	if err != nil {
		return err
	}
	tmpl, err := template.New("page").Funcs(template.FuncMap{"visible": visible, "unescaped": unescaped, "count": count, "breakable": breakable, "code": code.code}).Parse(pageHTML)
	if err != nil {
		return err
	}
	var buf bytes.Buffer
	if err := tmpl.Execute(&buf, newPage(r, what, pageCSS+codeCSS)); err != nil {
		return err
	}
	_, err = w.Write(buf.Bytes())
	return err
}

// breakable returns a path as HTML that a narrow column breaks behind a slash.
func breakable(path string) template.HTML {
	return template.HTML(strings.ReplaceAll(template.HTMLEscapeString(visible(path)), "/", "/<wbr>"))
}

// A page is what the template shows.
type page struct {
	What                      string
	Report                    *Report
	Bars                      []bar
	Totals                    []total
	Columns                   []string
	Entries                   []entry
	Risks, Patterns, Fixes    []string // that occur, to filter by
	Verified                  string
	Legend                    string
	CSS                       template.CSS
	JS                        template.JS
	ScriptPolicy, StylePolicy string
	Open                      bool // show the details at once
}

// A total is a number at the top.
type total struct{ Label, Value, Note, Class string }

// A bar is a line of the chart.
type bar struct {
	Label        string
	Safe, Unsafe int
	Per          int // safe, in per cent
}

// An entry is a singleton as the page shows it.
type entry struct {
	*Singleton
	N         int
	Rank      int
	Word      string // of the fix
	Harm      string
	Who       string
	Now, Then []string // guarantees
	Proof     []string // what running the fix showed, a line each
	Files     []fileSides
}

// A fileSides is a changed file for two columns.
type fileSides struct {
	Name   string
	Blocks []Block
}

// many is the number of singletons from which on their details are shown one by one.
const many = 20

func newPage(r *Report, what, css string) *page {
	o := r.outlook()
	p := &page{
		What:         what,
		Report:       r,
		Bars:         []bar{newBar("Now", o.Safe, o.Total), newBar("With the fixes", o.Then, o.Total)},
		Totals:       totals(r, o),
		Columns:      []string{"Risk", "Singleton", "Package", "Place", "Pattern", "Fix"},
		Verified:     strings.TrimSpace(verified),
		Legend:       strings.TrimSpace(guaranteeLegend),
		CSS:          template.CSS(css),
		JS:           template.JS(pageJS),
		ScriptPolicy: hashSource(pageJS),
		StylePolicy:  hashSource(css),
		Open:         len(r.worstFirst()) <= many,
	}
	if o.Reviewed > o.Then {
		p.Bars = append(p.Bars, newBar("With those for a reviewer, too", o.Reviewed, o.Total))
	}
	m := markdown{report: r}
	for i, s := range m.worstAndSafe() {
		e := newEntry(i+1, s)
		p.Entries = append(p.Entries, e)
		p.Risks = appendNew(p.Risks, s.Risk)
		p.Patterns = appendNew(p.Patterns, s.Pattern)
		p.Fixes = appendNew(p.Fixes, e.Word)
	}
	return p
}

// hashSource returns the source of a content security policy that allows
// just text.
func hashSource(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}

func newBar(label string, safe, all int) bar {
	return bar{Label: label, Safe: safe, Unsafe: all - safe, Per: percent(safe, all)}
}

func newEntry(n int, s *Singleton) entry {
	e := entry{Singleton: s, N: n, Rank: ranks[s.Risk], Word: s.Fix.word(), Harm: harm(s), Who: about(s)}
	if g := s.Guarantees.Before; g != nil {
		row := g.row(s)
		e.Now = row[:]
	}
	if g := s.Guarantees.After; g != nil {
		row := g.row(s)
		e.Then = row[:]
	}
	if s.Fix != nil {
		if p := s.Fix.Proof; p != nil {
			e.Proof = append([]string{p.String()}, p.details()...)
		}
		for _, c := range s.Fix.Changes {
			e.Files = append(e.Files, fileSides{c.Name, sides(c)})
		}
	}
	return e
}

func appendNew(list []string, s string) []string {
	if slices.Contains(list, s) {
		return list
	}
	return append(list, s)
}
