package cli

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"

	"github.com/singletonfix/singletonfix/internal/driver"
)

// setStdin has the run look at one file, whose content is on standard input.
// Lines of it may be selected.
func (c *command) setStdin() error {
	if c.stdin == "" {
		return nil
	}
	name := c.inDir(c.stdin)
	switch c.mode {
	case modeReport:
		if c.format == "text" {
			c.mode = modeFilter
			c.run.Fix = true
		}
	case modeAudit, modeDiff, modeList:
	default:
		return errors.New("--stdin-filename prints the new content: give it alone, or with -d, -l, --audit or --format")
	}
	if filepath.Ext(name) != ".go" {
		return fmt.Errorf("--stdin-filename %s: give the name of a Go file", c.stdin)
	}
	for _, l := range c.run.Selection {
		if l.File != name {
			return fmt.Errorf("--stdin-filename %s: only lines of that file can be selected", c.stdin)
		}
	}
	if len(c.run.Selection) == 0 {
		if len(c.run.Patterns) > 0 {
			return fmt.Errorf("--stdin-filename %s is what is looked at: leave out %s", c.stdin, c.run.Patterns[0])
		}
		c.run.Selection = []driver.Line{{File: name}}
	}
	c.run.Patterns, c.run.File = []string{name}, name
	return nil
}

// readStdin hands the driver the content of the file.
func (c *command) readStdin(stdin io.Reader) error {
	if c.stdin == "" {
		return nil
	}
	content, err := io.ReadAll(stdin)
	if err != nil {
		return fmt.Errorf("read %s from standard input: %w", c.stdin, err)
	}
	c.run.Overlay = map[string][]byte{c.run.File: content}
	return nil
}

// handBack takes the fixes as written: that is up to whoever reads the output.
func handBack(res *driver.Result) {
	for _, p := range res.Packages {
		res.Written(p)
	}
}

// filtered writes the new content of the file that was read, unless something
// went wrong: an editor would take whatever comes for it.
func (c *command) filtered(res *driver.Result, w io.Writer) error {
	if len(res.Report.Errors) > 0 {
		return nil
	}
	content := c.run.Overlay[c.run.File]
	for _, p := range res.Packages {
		for _, change := range p.Changes {
			if change.File.Name == c.run.File {
				content = change.After
			}
		}
	}
	_, err := w.Write(content)
	return err
}
