package report

import (
	"bytes"
	"fmt"
	"io"
	"strings"
)

// shown is the number of annotations of a step that GitHub shows.
const shown = 10

// GitHub writes r as workflow commands, which GitHub shows beside the lines
// of a pull request: the worst first, since it shows only a few of a step.
// What is left out is listed in the log.
func (r *Report) GitHub(w io.Writer) error {
	var buf bytes.Buffer
	for _, e := range r.Errors {
		e.command(&buf)
	}
	unsafe := r.worstFirst()
	for _, s := range unsafe[:min(shown, len(unsafe))] {
		s.command(&buf)
	}
	if len(unsafe) > shown {
		fmt.Fprintf(&buf, "::notice title=singletonfix::%d more, which the log of this step lists\n", len(unsafe)-shown)
		for _, s := range unsafe[shown:] {
			fmt.Fprintf(&buf, "- %s\n", harmless(fmt.Sprintf("%s: %s [%s, %s]", s.Position, s.line(), s.Pattern, s.Risk)))
		}
	}
	_, err := w.Write(buf.Bytes())
	return err
}

// line says in a sentence what is wrong with s, and what can be done.
func (s *Singleton) line() string {
	return s.Var + about(s) + " is unsafe: " + harm(s) + s.Fix.said()
}

func (s *Singleton) command(buf *bytes.Buffer) {
	level := map[string]string{"critical": "error", "medium": "warning", "low": "notice"}[s.Risk]
	fmt.Fprintf(buf, "::%s %s,title=%s::%s\n", level, place(s.Position), property("singletonfix: "+s.Pattern+", "+s.Risk), data(visible(s.line())))
}

func (e *Error) command(buf *bytes.Buffer) {
	properties := "title=" + property("singletonfix could not look at "+e.Package)
	if e.Package == "" {
		properties = "title=singletonfix failed"
	}
	if e.Position != nil {
		properties = place(*e.Position) + "," + properties
	}
	fmt.Fprintf(buf, "::error %s::%s\n", properties, data(unescaped(e.Message)))
}

func place(p Position) string {
	return fmt.Sprintf("file=%s,line=%d,col=%d", property(p.File), p.Line, p.Column)
}

// data returns text as a command's message, in which it cannot end the line.
var data = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A").Replace

// property returns text as the value of a command's property.
var property = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C").Replace

// harmless returns text as a line of a log in which no command can hide.
var harmless = strings.NewReplacer("\r", " ", "\n", " ", "::", ": :", "##[", "## [").Replace
