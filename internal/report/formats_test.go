package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/singletonfix/singletonfix/detect"
)

// shownSample returns the sample with what the fixes change, as the formats
// that show it get it.
func shownSample() *Report {
	r := sample()
	r.Singletons[0].Fix.Changes = []FileChange{{Name: "config/config.go", Before: []byte("package config\n\nvar planned *T\n"), After: []byte("package config\n\nvar planned *T\nvar plannedOnce sync.Once\n")}}
	r.Singletons[1].Fix.Changes = []FileChange{{Name: "config/config.go", Before: []byte("var seen *T"), After: []byte("var seen atomic.Pointer[T]")}}
	r.Singletons[2].Risk = "critical"
	r.Singletons[2].Fix.Proof = &Proof{Status: ProofPassed, RaceBefore: true, ReportsBefore: 3, InstancesBefore: 7, InstancesAfter: 1, Checks: []string{"one instance", "no race"}, OwnTests: "4 passed", TestsChanged: []TestChange{{Name: "TestGet", Before: "race", After: "pass"}}}
	r.Suppressed = []Note{{Code: "nil-check", Message: "left", Position: Position{File: "config/config.go", Line: 70, Column: 5}}}
	r.Singletons[0].Guarantees.After = &Guarantee{ExactlyOnce: true, Published: true, Errors: "none", ResetSafe: true, AfterPanic: "nil", FastPath: "once"}
	r.FindNames(func(_ string, n int) string {
		if n == 40 {
			return "" // of a file that cannot be read
		}
		return "var name *T"
	})
	return r
}

// hostile returns a report in which every name that a module's author
// chooses tries to be something else than a name.
func hostile() *Report {
	const evil = "a]|`<script>alert(1)</script>\n::error file=x::y##[group]%0A,\x1b[31m\u202e&\"'*_.go"
	r := shownSample()
	for i := range r.Singletons {
		s := &r.Singletons[i]
		s.Position.File, s.Package, s.ID, s.Type = evil, evil, evil+"."+s.Var, evil
		s.Reasons = []Note{{Message: evil, Position: s.Position}}
		s.Evidence = s.Reasons
		if s.Fix == nil {
			continue
		}
		s.Fix.Files, s.Fix.Notes = []string{evil}, []string{evil}
		if s.Fix.Refusal != nil {
			s.Fix.Refusal.Message, s.Fix.Refusal.Position.File = evil, evil
		}
		for j := range s.Fix.Changes {
			s.Fix.Changes[j].Name = evil
			s.Fix.Changes[j].After = append(s.Fix.Changes[j].After, "```\n</script><script>alert(2)</script>\n"...)
		}
	}
	for i := range r.Errors {
		r.Errors[i].Message, r.Errors[i].Package = evil, evil
	}
	return r
}

func TestFormats(t *testing.T) {
	for _, f := range []struct {
		name  string
		write func(r *Report, out *bytes.Buffer) error
	}{
		{"sarif", withoutRules},
		{"github", func(r *Report, out *bytes.Buffer) error { return r.GitHub(out) }},
		{"md", func(r *Report, out *bytes.Buffer) error { return r.Markdown(out, "./...") }},
		{"html", func(r *Report, out *bytes.Buffer) error { return r.HTML(out, "./...") }},
		{"summary.md", func(r *Report, out *bytes.Buffer) error { return r.MarkdownSummary(out) }},
	} {
		for name, r := range map[string]*Report{"report": shownSample(), "hostile": hostile()} {
			var out bytes.Buffer
			if err := f.write(r, &out); err != nil {
				t.Fatal(err)
			}
			golden(t, name+"."+f.name, out.Bytes())
		}
	}
}

// withoutRules writes r as SARIF. The rules are the documentation of the
// patterns, and the golden files are not about that.
func withoutRules(r *Report, out *bytes.Buffer) error {
	var full bytes.Buffer
	if err := r.SARIF(&full, "v1.2.3"); err != nil {
		return err
	}
	var log sarifLog
	if err := json.Unmarshal(full.Bytes(), &log); err != nil {
		return err
	}
	log.Runs[0].Tool.Driver.Rules = []sarifRule{}
	enc := json.NewEncoder(out)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(log)
}

func TestSARIFRules(t *testing.T) {
	rules := sarifRules()
	if len(rules) != len(detect.Patterns) {
		t.Errorf("there are %d rules for %d patterns", len(rules), len(detect.Patterns))
	}
	for i, p := range detect.Patterns {
		if r := rules[i]; r.ID != p.Name || r.Help.Markdown != p.Doc || r.Full.Text == "" || strings.Contains(r.Name, "-") {
			t.Errorf("the rule of %s is %+v", p.Name, r)
		}
	}
}

// TestGitHubTen holds that ten annotations, the worst, are commands, and that
// the rest cannot be.
func TestGitHubTen(t *testing.T) {
	r := &Report{}
	for i := range 14 {
		s := sample().Singletons[0]
		s.Var = fmt.Sprintf("v%02d", i)
		s.Position.File = "::error::x.go"
		if i == 13 {
			s.Risk = "critical"
		}
		r.Singletons = append(r.Singletons, s)
	}
	var out bytes.Buffer
	if err := r.GitHub(&out); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	if len(lines) != 15 {
		t.Fatalf("GitHub wrote %d lines, want 10 commands, a notice and 4 others:\n%s", len(lines), &out)
	}
	if !strings.HasPrefix(lines[0], "::error ") || !strings.Contains(lines[0], "::v13 ") {
		t.Errorf("the first line is %q, want the critical one", lines[0])
	}
	if want := "::notice title=singletonfix::4 more, which the log of this step lists"; lines[10] != want {
		t.Errorf("after ten commands stands %q, want %q", lines[10], want)
	}
	for _, l := range lines[11:] {
		if strings.Contains(l, "::") {
			t.Errorf("%q of the rest is, or hides, a command", l)
		}
	}
}

// TestGitHubHostile holds that no name ends its line and begins another.
func TestGitHubHostile(t *testing.T) {
	r := hostile()
	var out bytes.Buffer
	if err := r.GitHub(&out); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
	if want := len(r.Errors) + len(r.worstFirst()); len(lines) != want {
		t.Errorf("GitHub wrote %d lines, want %d:\n%s", len(lines), want, &out)
	}
}

// TestSARIFReplacements carries the fixes of a log out, as a viewer does.
func TestSARIFReplacements(t *testing.T) {
	for _, c := range []FileChange{
		{Before: []byte("a\nb\nc\n"), After: []byte("a\nB\nc\n")},
		{Before: []byte("a\nb\nc\n"), After: []byte("x\na\nc\ny\nz\n")},
		{Before: []byte("a\nb"), After: []byte("a\nb\nc")},
		{Before: []byte("a\n\U0001f600é"), After: []byte("a\n")},
		{Before: []byte("a\r\nb\r\n"), After: []byte("a\r\nc\r\nb\r\n")},
		{Before: nil, After: []byte("a\n")},
	} {
		if got := replaced(string(c.Before), sarifReplacements(c)); got != string(c.After) {
			t.Errorf("the replacements make %q of %q, want %q", got, c.Before, c.After)
		}
	}
}

// replaced returns text after replacements, which are in order.
func replaced(text string, replacements []sarifReplacement) string {
	units := utf16.Encode([]rune(text))
	offset := func(line, column int) int {
		at := 0
		for ; line > 1; line-- {
			for units[at] != '\n' {
				at++
			}
			at++
		}
		return at + column - 1
	}
	var out []uint16
	done := 0
	for _, r := range replacements {
		out = append(out, units[done:offset(r.Deleted.StartLine, r.Deleted.StartColumn)]...)
		out = append(out, utf16.Encode([]rune(r.Inserted.Text))...)
		done = offset(r.Deleted.EndLine, r.Deleted.EndColumn)
	}
	return string(utf16.Decode(append(out, units[done:]...)))
}

// TestFingerprints holds that they stay when lines move, and differ otherwise.
func TestFingerprints(t *testing.T) {
	a, b := sample().Singletons[0], sample().Singletons[1]
	before := a.fingerprints()["primaryLocationLineHash"]
	a.Position.Line += 10
	if after := a.fingerprints()["primaryLocationLineHash"]; after != before {
		t.Errorf("ten lines further down the fingerprint is %s, want %s", after, before)
	}
	if b.fingerprints()["primaryLocationLineHash"] == before {
		t.Error("two singletons have one fingerprint")
	}
}

func TestRebase(t *testing.T) {
	r := shownSample()
	r.Rebase("sub/dir")
	var out bytes.Buffer
	if err := json.NewEncoder(&out).Encode(r); err != nil {
		t.Fatal(err)
	}
	for _, word := range strings.Split(out.String(), `"`) {
		if strings.HasSuffix(word, ".go") && !strings.HasPrefix(word, "sub/dir/") {
			t.Errorf("%s is not rebased", word)
		}
	}
	if name := r.Singletons[0].Fix.Changes[0].Name; name != "sub/dir/config/config.go" {
		t.Errorf("the changed file is %s", name)
	}
}
