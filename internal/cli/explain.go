package cli

import (
	"fmt"
	"strings"

	"github.com/singletonfix/singletonfix/detect"
	"github.com/singletonfix/singletonfix/rewrite"
)

// explain returns the documentation of everything called name: a pattern, a
// safe form, a strategy, a refusal or an obligation.
func explain(name string) (string, error) {
	var parts, known []string
	add := func(kind, its, doc string) {
		known = append(known, its)
		if its == name {
			parts = append(parts, fmt.Sprintf("%s (%s): %s\n", its, kind, strings.TrimSpace(doc)))
		}
	}
	for _, p := range detect.Patterns {
		add("pattern", p.Name, p.Doc)
	}
	for _, f := range detect.Forms {
		add("safe form", f.Name, f.Doc)
	}
	for _, s := range rewrite.Strategies {
		add("strategy", s.Name, s.Doc)
	}
	for _, r := range rewrite.Reasons {
		add("refusal", string(r.Reason), r.Doc)
	}
	for _, o := range rewrite.Obligations {
		add("obligation", o.Name, o.Doc)
	}
	if len(parts) == 0 {
		return "", fmt.Errorf("--explain: there is no %q; choose one of %s", name, strings.Join(known, ", "))
	}
	return strings.Join(parts, "\n"), nil
}
