package report

import "strings"

// A Doc is the documentation of a pattern, strategy or refusal, in parts.
type Doc struct {
	Title string // one line, no capital, no period
	Why   string // the paragraphs below it
	// Parts are what follows a heading of its own line: "Before:", "After:",
	// "Refused when:". They are in the order of the text.
	Parts []Part
}

// A Part is a heading, without its colon, and the text under it.
type Part struct{ Heading, Text string }

// ParseDoc takes the text of a Doc apart.
func ParseDoc(text string) Doc {
	title, rest, _ := strings.Cut(strings.TrimSpace(text), "\n")
	d := Doc{Title: title}
	var why []string
	for line := range strings.SplitSeq(rest, "\n") {
		if heading, ok := heading(line); ok {
			d.Parts = append(d.Parts, Part{Heading: heading})
			continue
		}
		if n := len(d.Parts); n > 0 {
			d.Parts[n-1].Text += line + "\n"
			continue
		}
		why = append(why, line)
	}
	d.Why = strings.TrimSpace(strings.Join(why, "\n"))
	for i := range d.Parts {
		d.Parts[i].Text = strings.Trim(d.Parts[i].Text, "\n")
	}
	return d
}

// heading reports whether line opens a part: a capitalised word or two at
// the margin and a colon, with nothing behind it.
func heading(line string) (string, bool) {
	name, ok := strings.CutSuffix(line, ":")
	if !ok || name == "" || name[0] < 'A' || name[0] > 'Z' || len(strings.Fields(name)) > 2 {
		return "", false
	}
	return name, true
}
