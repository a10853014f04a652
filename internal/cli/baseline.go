package cli

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

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

// readBaseline has the driver leave out what the baseline has.
func (c *command) readBaseline() error {
	if c.baseline == "" {
		return nil
	}
	content, err := os.ReadFile(c.inDir(c.baseline))
	if err != nil {
		return fmt.Errorf("read the baseline: %w; --write-baseline FILE writes one", err)
	}
	var b baseline
	dec := json.NewDecoder(bytes.NewReader(content))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&b); err != nil {
		return fmt.Errorf("read the baseline %s: %w; --write-baseline writes it anew", c.baseline, err)
	}
	if b.Version != 1 {
		return fmt.Errorf("read the baseline %s: it is of version %d, and this singletonfix knows 1; --write-baseline writes it anew", c.baseline, b.Version)
	}
	c.run.Known = map[driver.Known]bool{}
	for _, e := range b.Singletons {
		c.run.Known[driver.Known{ID: e.ID, Pattern: e.Pattern}] = true
	}
	return nil
}

// writeBaseline writes down what rep says is still unsafe, and takes it as
// known. What could not be looked at would be missing, so then it writes nothing.
func (c *command) writeBaseline(rep *report.Report, stderr io.Writer) error {
	if c.newBaseline == "" {
		return nil
	}
	if len(rep.Errors) > 0 {
		return c.errorsFirst(rep, stderr)
	}
	b := baseline{Version: 1, Singletons: []baselineEntry{}}
	for _, s := range rep.Singletons {
		if s.Fix != nil && s.Fix.Status != report.Applied {
			b.Singletons = append(b.Singletons, baselineEntry{ID: s.ID, Pattern: s.Pattern})
		}
	}
	content, err := json.MarshalIndent(b, "", "  ")
	if err != nil {
		return err
	}
	if err := transaction.WriteFile(c.inDir(c.newBaseline), append(content, '\n')); err != nil {
		return fmt.Errorf("write the baseline: %w", err)
	}
	if !c.quiet {
		fmt.Fprintf(stderr, "%s: %d unsafe written down; --baseline %s leaves them out\n", c.newBaseline, len(b.Singletons), c.newBaseline)
	}
	return nil
}

func (c *command) errorsFirst(rep *report.Report, stderr io.Writer) error {
	if err := rep.ErrorLines(stderr); err != nil {
		return err
	}
	return errors.New("no baseline was written, since not every package could be looked at")
}
