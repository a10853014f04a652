package report

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/singletonfix/singletonfix/detect"
)

// A TextOptions says how much [Report.Text] tells.
type TextOptions struct {
	Style   Style
	Quiet   bool // one line a singleton, and no summary
	Verbose bool // also what was proved, and what was taken for granted
}

// Text writes r for people: a diagnostic for each singleton, its position
// first so that editors can jump to it, and a summary.
func (r *Report) Text(w io.Writer, opts TextOptions) error {
	t := textWriter{opts: opts, width: len("because")}
	switch {
	case r.Audit != nil && !opts.Quiet:
		t.audit(r)
	default:
		for i := range r.Singletons {
			t.singleton(&r.Singletons[i])
		}
		if !opts.Quiet {
			t.summary(r)
		}
	}
	_, err := w.Write(t.buf.Bytes())
	return err
}

// ErrorLines writes the errors of r, one line each.
func (r *Report) ErrorLines(w io.Writer) error {
	var buf bytes.Buffer
	for _, e := range r.Errors {
		if e.Position != nil {
			fmt.Fprintf(&buf, "%s: ", e.Position)
		} else if e.Package != "" {
			fmt.Fprintf(&buf, "%s: ", visible(e.Package))
		}
		fmt.Fprintln(&buf, unescaped(e.Message))
	}
	_, err := w.Write(buf.Bytes())
	return err
}

// Remarks writes what a diff or a list does not say: each singleton that stays
// unsafe, with the reason. With reviewed, the fixes that deserve a reviewer's
// eye were asked for, and are in the diff.
func (r *Report) Remarks(w io.Writer, reviewed bool) error {
	var buf bytes.Buffer
	for i := range r.Singletons {
		s := &r.Singletons[i]
		if s.Fix == nil || s.Fix.Status == Available || s.Fix.Status == Applied || reviewed && s.Fix.Status == Review {
			continue
		}
		fmt.Fprintf(&buf, "%s: %s stays unsafe: %s\n", s.Position, s.Var, s.Fix.because())
	}
	_, err := w.Write(buf.Bytes())
	return err
}

// because returns why f is not available.
func (f *Fix) because() string {
	if f.Refusal == nil {
		return "its fix deserves a reviewer's eye; --review-fixes applies it"
	}
	return f.Refusal.Code + ": " + f.Refusal.Message
}

// String returns the position as editors read it: file:line:column, on one
// line whatever the file is called.
func (p Position) String() string {
	return fmt.Sprintf("%s:%d:%d", visible(p.File), p.Line, p.Column)
}

type textWriter struct {
	buf   bytes.Buffer
	opts  TextOptions
	width int // of the words at the margin
}

func (t *textWriter) singleton(s *Singleton) {
	if s.Verdict == "safe" {
		t.head(s, "is safe", s.Pattern)
		return
	}
	verdict := "is unsafe: "
	if s.Fix != nil && s.Fix.Status == Applied {
		verdict = "was unsafe and is fixed: "
	}
	t.head(s, verdict+harm(s), s.Pattern+", "+t.opts.Style.risk(s.Risk))
	if t.opts.Quiet {
		return
	}
	t.notes("because", s.Reasons)
	t.notes("risk", t.chain(s.Evidence))
	t.fix(s.Fix)
	if t.opts.Verbose && len(s.Assumed) > 0 {
		t.line("assumed", "nothing is known of "+strings.Join(s.Assumed, ", "))
	}
	t.buf.WriteByte('\n')
}

// head writes the line that editors read.
func (t *textWriter) head(s *Singleton, verdict, label string) {
	fmt.Fprintf(&t.buf, "%s: %s%s %s [%s]\n", s.Position, t.opts.Style.bold(s.Var), about(s), verdict, label)
}

// about returns what is to be known of s besides its name, in parentheses:
// who fills it, and with what.
func about(s *Singleton) string {
	var parts []string
	if s.Getter != "" {
		parts = append(parts, "filled by "+s.Getter)
	}
	if len(s.Vars) > 1 {
		parts = append(parts, "with "+some(s.Vars[1:]))
	}
	if len(parts) == 0 {
		return ""
	}
	return " (" + strings.Join(parts, ", ") + ")"
}

// some returns the names, or the first few and the number of the others.
func some(names []string) string {
	const few = 3
	if len(names) <= few+1 {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:few], ", "), len(names)-few)
}

// harm returns what can go wrong, in a sentence.
func harm(s *Singleton) string {
	if p := detect.PatternNamed(s.Pattern); p != nil {
		return p.Harm()
	}
	if len(s.Reasons) > 0 {
		return s.Reasons[0].Message
	}
	return "goroutines use it without synchronisation"
}

func (t *textWriter) fix(f *Fix) {
	switch f.Status {
	case Available:
		t.line("fix", fmt.Sprintf("%s: -w %s", f.Strategy, changes(f)))
	case Review:
		t.line("fix", fmt.Sprintf("%s, for a reviewer's eye: -w --review-fixes %s", f.Strategy, changes(f)))
	case Applied:
		t.line("fixed", fmt.Sprintf("%s: %s", f.Strategy, changes(f)))
	case Refused:
		t.note("no fix", Note{Message: f.Refusal.Code + ": " + f.Refusal.Message, Position: f.Refusal.Position})
	case Failed:
		t.note("failed", Note{Message: "a " + f.Strategy + " fix was planned and thrown away, a bug of singletonfix: " + f.Refusal.Message, Position: f.Refusal.Position})
	}
	if f.Proof != nil {
		t.line("proof", f.Proof.String())
	}
	for _, n := range f.Notes {
		t.line("note", n)
	}
	if (t.opts.Verbose || f.Proof != nil) && len(f.Obligations) > 0 {
		t.line("proved", strings.Join(f.Obligations, ", "))
	}
}

// changes returns what a fix does to which files.
func changes(f *Fix) string {
	return fmt.Sprintf("adds %s and removes %d in %s", count(f.LinesAdded, "line"), f.LinesRemoved, strings.Join(f.Files, ", "))
}

// chain returns both ends of a long chain of evidence, unless all is asked for.
func (t *textWriter) chain(notes []Note) []Note {
	const most = 4
	if t.opts.Verbose || len(notes) <= most {
		return notes
	}
	short := slices.Clone(notes[:2])
	short = append(short, Note{Message: fmt.Sprintf("... and on through %s (--verbose shows them)", count(len(notes)-3, "call"))})
	return append(short, notes[len(notes)-1])
}

// notes writes sentences that belong together; the word stands at the first.
func (t *textWriter) notes(word string, notes []Note) {
	for _, n := range notes {
		t.note(word, n)
		word = ""
	}
}

// note writes a sentence with its place.
func (t *textWriter) note(word string, n Note) {
	where := ""
	if n.Position.File != "" {
		where = fmt.Sprintf(" (%s)", n.Position)
	}
	t.line(word, n.Message+where)
}

func (t *textWriter) line(word, text string) {
	fmt.Fprintf(&t.buf, "    %-*s  %s\n", t.width, word, visible(text))
}

func (t *textWriter) summary(r *Report) {
	sum := r.Summary
	if r.Known > 0 {
		fmt.Fprintf(&t.buf, "Left out, as the baseline has %s: %s.\n", either(r.Known == 1, "it", "them"), count(r.Known, "unsafe singleton"))
	}
	if sum.Unsafe == 0 {
		fmt.Fprintf(&t.buf, "Nothing unsafe: %s in %s.\n", count(sum.Singletons, "singleton"), count(sum.Packages, "package"))
		return
	}
	unsafe := "unsafe"
	if sum.Fixed > 0 {
		unsafe = either(sum.Unsafe == 1, "was unsafe", "were unsafe")
	}
	fmt.Fprintf(&t.buf, "%s in %s: %d %s (%s), %d safe.\n", count(sum.Singletons, "singleton"), count(sum.Packages, "package"), sum.Unsafe, unsafe, t.risks(sum), sum.Safe)
	t.buf.WriteString(t.next(r) + "\n")
}

// risks counts the unsafe by risk, the worst first.
func (t *textWriter) risks(sum Summary) string {
	var parts []string
	for _, risk := range []string{"critical", "medium", "low"} {
		if n := sum.Risk[risk]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, t.opts.Style.risk(risk)))
		}
	}
	return strings.Join(parts, ", ")
}

// next returns what can be done about what was found.
func (t *textWriter) next(r *Report) string {
	n := map[string]int{}
	for i := range r.Singletons {
		if f := r.Singletons[i].Fix; f != nil {
			n[f.Status]++
		}
	}
	var parts []string
	if n[Applied] > 0 {
		parts = append(parts, fmt.Sprintf("%d fixed", n[Applied]))
	}
	if n[Available] > 0 {
		parts = append(parts, fmt.Sprintf("%d can be fixed: -d shows how, -w does it", n[Available]))
	}
	if n[Review] > 0 {
		parts = append(parts, fmt.Sprintf("%d can be fixed under a reviewer's eye: add --review-fixes", n[Review]))
	}
	if n[Refused] > 0 {
		parts = append(parts, fmt.Sprintf("%d refused: --explain CODE says why", n[Refused]))
	}
	if n[Failed] > 0 {
		parts = append(parts, fmt.Sprintf("%d failed the check of its fix and stays as it was", n[Failed]))
	}
	return strings.Join(parts, "; ") + "."
}

func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
