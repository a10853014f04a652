package cli

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/singletonfix/singletonfix/internal/driver"
	"github.com/singletonfix/singletonfix/internal/report"
	"github.com/singletonfix/singletonfix/internal/transaction"
)

// A baseline is what was known to be unsafe when it was written. It has
// neither lines nor files, so that it stays true while code moves.
type baseline struct {
	Version    int             `json:"version"` // of this format: 1
	Singletons []baselineEntry `json:"singletons"`
}

type baselineEntry struct {
	ID      string `json:"id"`
	Pattern string `json:"pattern"`
}

// checkBaseline says what does not go together.
func (c *command) checkBaseline() error {
	switch {
	case c.newBaseline == "":
		return nil
	case c.baseline != "":
		return errors.New("--baseline leaves out what --write-baseline would write: give one")
	case c.mode != modeReport && c.mode != modeAudit && c.mode != modeWrite:
		return errors.New("--write-baseline writes down what is left: give it alone, with --audit or with -w")
	}
	return nil
}

// readBaseline has the driver leave out what the baseline has, and looks at
// the one that is to be written: nothing else is written over.
func (c *command) readBaseline() error {
	if c.newBaseline != "" {
		old, err := c.decodeBaseline(c.newBaseline)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("--write-baseline: %w; remove it to begin anew", err)
		}
		c.oldBaseline = old
	}
	if c.baseline == "" {
		return nil
	}
	b, err := c.decodeBaseline(c.baseline)
	if err != nil {
		return fmt.Errorf("read the baseline: %w; --write-baseline FILE writes one", err)
	}
	c.run.Known = map[driver.Known]bool{}
	for _, e := range b.Singletons {
		c.run.Known[driver.Known{ID: e.ID, Pattern: e.Pattern}] = true
	}
	return nil
}

func (c *command) decodeBaseline(name string) (*baseline, error) {
	content, err := os.ReadFile(c.inDir(name))
	if err != nil {
		return nil, err
	}
	b := &baseline{}
	dec := json.NewDecoder(bytes.NewReader(content))
	dec.DisallowUnknownFields()
	if err := dec.Decode(b); err != nil {
		return nil, fmt.Errorf("%s is no baseline: %w", name, err)
	}
	if b.Version != 1 {
		return nil, fmt.Errorf("%s is of version %d, and this singletonfix knows 1", name, b.Version)
	}
	return b, nil
}

// writeBaseline writes down what is still unsafe, and takes it as known. What
// could not be looked at would be missing, so then it writes nothing.
func (c *command) writeBaseline(res *driver.Result, stderr io.Writer) error {
	if c.newBaseline == "" {
		return nil
	}
	if len(res.Report.Errors) > 0 {
		return c.errorsFirst(res.Report, stderr)
	}
	b := baseline{Version: 1, Singletons: []baselineEntry{}}
	found := map[string]bool{}
	for _, s := range res.Report.Singletons {
		found[s.ID] = true
		if s.Fix != nil && s.Fix.Status != report.Applied {
			b.Singletons = append(b.Singletons, baselineEntry{ID: s.ID, Pattern: s.Pattern})
		}
	}
	now := len(b.Singletons)
	if c.oldBaseline != nil {
		b.Singletons = append(b.Singletons, c.others(c.oldBaseline, res, found)...)
	}
	slices.SortFunc(b.Singletons, func(a, b baselineEntry) int { return cmp.Compare(a.ID, b.ID) })
	content, err := json.MarshalIndent(b, "", "  ")
	if err != nil {
		return err
	}
	if err := transaction.WriteFile(c.inDir(c.newBaseline), append(content, '\n')); err != nil {
		return fmt.Errorf("write the baseline: %w", err)
	}
	if !c.quiet {
		kept := ""
		if n := len(b.Singletons) - now; n > 0 {
			kept = fmt.Sprintf(" (and %d kept that this run did not look at)", n)
		}
		fmt.Fprintf(stderr, "%s: %d unsafe written down%s; --baseline %s leaves them out\n", c.newBaseline, now, kept, c.newBaseline)
	}
	return nil
}

// others returns what old has of code that the run did not look at: one
// package may be fixed at a time, and modules may share a baseline.
func (c *command) others(old *baseline, res *driver.Result, found map[string]bool) []baselineEntry {
	parts := c.run.Selection != nil || c.run.Changed != nil // of packages
	var kept []baselineEntry
	for _, e := range old.Singletons {
		if !found[e.ID] && (parts || !lookedAt(res, e.ID)) {
			kept = append(kept, e)
		}
	}
	return kept
}

// lookedAt reports whether res is about the package of the singleton id. The
// package ends with one of the dots behind the last slash.
func lookedAt(res *driver.Result, id string) bool {
	for i := strings.LastIndex(id, "/") + 1; i < len(id); i++ {
		if id[i] == '.' && res.LookedAt(id[:i]) {
			return true
		}
	}
	return false
}

func (c *command) errorsFirst(rep *report.Report, stderr io.Writer) error {
	if err := rep.ErrorLines(stderr); err != nil {
		return err
	}
	return errors.New("no baseline was written, since not every package could be looked at")
}
