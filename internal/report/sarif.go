package report

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/url"
	"path"
	"strings"

	"github.com/singletonfix/singletonfix/detect"
)

// home is where people read about singletonfix.
const home = "https://github.com/singletonfix/singletonfix"

// patternsPage is where they read about a pattern or a strategy, whose name
// goes behind it.
const patternsPage = home + "/blob/main/docs/patterns.md#"

// SARIF writes r as a log of SARIF 2.1.0, the format of code scanning. version
// is that of the tool, "" where it is not a released one.
func (r *Report) SARIF(w io.Writer, version string) error {
	log := sarifLog{
		Schema:  "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
		Version: "2.1.0",
		Runs: []sarifRun{{
			Tool:        sarifTool{sarifDriver{Name: "singletonfix", Version: strings.TrimPrefix(version, "v"), URI: home, Rules: sarifRules()}},
			Invocations: []sarifInvocation{{Successful: len(r.Errors) == 0, Notifications: r.sarifErrors()}},
			Results:     r.sarifResults(),
			ColumnKind:  "utf16CodeUnits",
		}},
	}
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(log)
}

// sarifRules returns a rule for each pattern, with its documentation as help.
func sarifRules() []sarifRule {
	var rules []sarifRule
	for _, p := range detect.Patterns {
		rules = append(rules, sarifRule{
			ID:      p.Name,
			Name:    camel(p.Name),
			Short:   sarifText{Text: p.Title()},
			Full:    sarifText{Text: p.Harm()},
			Help:    sarifHelp{Text: p.Doc, Markdown: p.Doc}, // code is indented, as Markdown wants it
			HelpURI: patternsPage + p.Name,
			Default: sarifLevel{Level: "warning"},
			Properties: map[string]any{
				"tags":             []string{"concurrency", "correctness", "data-race"},
				"precision":        "high",
				"problem.severity": "warning",
			},
		})
	}
	return rules
}

// camel returns name as SARIF spells names of rules: NilCheck.
func camel(name string) string {
	var b strings.Builder
	for word := range strings.SplitSeq(name, "-") {
		b.WriteString(strings.ToUpper(word[:1]) + word[1:])
	}
	return b.String()
}

// sarifResults returns the unsafe singletons, the worst first, and those that
// comments say to leave alone.
func (r *Report) sarifResults() []sarifResult {
	results := []sarifResult{}
	for _, s := range r.worstFirst() {
		results = append(results, s.sarif())
	}
	for _, n := range r.Suppressed {
		results = append(results, sarifResult{
			Rule:         n.Code,
			Level:        "note",
			Message:      sarifText{Text: n.Message + " is left alone for a comment"},
			Locations:    []sarifLocation{sarifPlace(n.Position, "")},
			Suppressions: []sarifSuppression{{Kind: "inSource"}},
		})
	}
	return results
}

func (s *Singleton) sarif() sarifResult {
	res := sarifResult{
		Rule:         s.Pattern,
		Level:        map[string]string{"critical": "error", "medium": "warning", "low": "note"}[s.Risk],
		Message:      sarifText{Text: s.line()},
		Locations:    []sarifLocation{sarifPlace(s.Position, "")},
		Fingerprints: s.fingerprints(),
		Properties:   map[string]any{"risk": s.Risk, "fix": s.Fix.Status, "strategy": s.Fix.Strategy},
	}
	res.Locations[0].Logical = []sarifLogical{{Name: s.Var, FullName: s.ID, Kind: "variable"}}
	for _, n := range s.Reasons {
		res.Related = append(res.Related, sarifPlace(n.Position, n.Message))
	}
	for _, n := range s.Evidence {
		res.Related = append(res.Related, sarifPlace(n.Position, "risk: "+n.Message))
	}
	if n := s.Fix.Refusal; n != nil {
		res.Related = append(res.Related, sarifPlace(n.Position, "no fix: "+n.Code+": "+n.Message))
	}
	for i := range res.Related {
		res.Related[i].ID = i + 1
	}
	if p := s.Fix.Proof; p != nil {
		res.Properties["proof"] = p.String()
	}
	if s.Fix.fixes() && len(s.Fix.Changes) > 0 && s.Fix.Status != Applied {
		res.Fixes = []sarifFix{s.Fix.sarif()}
	}
	return res
}

// said returns what the message says of f.
func (f *Fix) said() string {
	switch f.Status {
	case Available:
		return " (fix: " + f.Strategy + ")"
	case Review:
		return " (fix, for a reviewer's eye: " + f.Strategy + ")"
	case Applied:
		return " (fixed: " + f.Strategy + ")"
	}
	return " (no fix: " + f.Refusal.Code + ")"
}

// fingerprints do not depend on where in the module the singleton stands, so
// that an alert that was dismissed stays so when lines move.
func (s *Singleton) fingerprints() map[string]string {
	sum := sha256.Sum256([]byte(s.ID + "\n" + s.Pattern))
	print := hex.EncodeToString(sum[:16])
	return map[string]string{"singletonfix/v1": print, "primaryLocationLineHash": print + ":1"}
}

// sarifErrors returns what kept packages from being looked at.
func (r *Report) sarifErrors() []sarifNotification {
	var all []sarifNotification
	for _, e := range r.Errors {
		n := sarifNotification{Level: "error", Message: sarifText{Text: e.Message}}
		if e.Package != "" {
			n.Message.Text = e.Package + ": " + e.Message
		}
		if e.Position != nil {
			n.Locations = []sarifLocation{sarifPlace(*e.Position, "")}
		}
		all = append(all, n)
	}
	return all
}

// sarifPlace returns a location. Its columns are not p's own, which count
// bytes.
func sarifPlace(p Position, message string) sarifLocation {
	var at sarifLocation
	if p.File != "" {
		at.Physical = &sarifPhysical{Artifact: sarifArtifact{URI: sarifURI(p.File)}}
		if p.Line > 0 {
			at.Physical.Region = &sarifRegion{StartLine: p.Line, StartColumn: p.Name.Start, EndColumn: p.Name.End}
		}
	}
	if message != "" {
		at.Message = &sarifText{Text: message}
	}
	return at
}

// sarifURI returns name as a reference relative to the root of the sources.
func sarifURI(name string) string {
	if path.IsAbs(name) {
		return (&url.URL{Scheme: "file", Path: name}).String()
	}
	return (&url.URL{Path: name}).String()
}
