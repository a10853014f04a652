package cli

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/singletonfix/singletonfix/internal/driver"
)

// formats are the choices of --format. All but text take the place of
// whatever else the mode would print.
var formats = []string{"text", "json", "sarif", "github", "markdown", "html"}

// setFormat has the driver find out what the format shows.
func (c *command) setFormat() {
	c.run.Names = c.format == "sarif"
	c.run.Guarantees = c.run.Audit || slices.Contains([]string{"json", "markdown", "html"}, c.format)
	if !slices.Contains([]string{"sarif", "markdown", "html"}, c.format) {
		return
	}
	c.run.Changes = true
	if !c.run.Fix {
		c.run.Fix, c.run.Review = true, true // what is shown as a diff was verified
	}
}

// tellsErrors reports whether the output is for a program that also finds
// there what went wrong.
func (c *command) tellsErrors() bool {
	return slices.Contains([]string{"json", "sarif", "github"}, c.format)
}

// document writes the report in a format other than text.
func (c *command) document(res *driver.Result, w io.Writer) error {
	rep := res.Report
	switch c.format {
	case "json":
		return rep.JSON(w)
	case "sarif":
		rep.Rebase(c.inWorkspace())
		return rep.SARIF(w, release())
	case "github":
		if err := c.stepSummary(res); err != nil {
			return err
		}
		rep.Rebase(c.inWorkspace())
		return rep.GitHub(w)
	case "markdown":
		return rep.Markdown(w, c.subject(res))
	}
	return rep.HTML(w, c.subject(res))
}

// subject names what the run looked at: the module, where that is all of it.
func (c *command) subject(res *driver.Result) string {
	if res.Module != "" && slices.Equal(c.run.Patterns, []string{"./..."}) {
		return res.Module
	}
	patterns := slices.Clone(c.run.Patterns)
	for i, p := range patterns {
		if filepath.IsAbs(p) {
			patterns[i] = driver.Rel(c.run.Dir, p)
		}
	}
	return strings.Join(patterns, " ")
}

// inWorkspace returns the path from the root of what GitHub checked out to
// the working directory, since its paths are relative to that root; "" where
// there is none around.
func (c *command) inWorkspace() string {
	root := os.Getenv("GITHUB_WORKSPACE")
	if root == "" {
		return ""
	}
	rel, err := filepath.Rel(root, c.run.Dir)
	if err != nil || !filepath.IsLocal(rel) {
		return ""
	}
	return filepath.ToSlash(rel)
}

// stepSummary adds the report's summary to the page that GitHub shows of a
// step, if there is one.
func (c *command) stepSummary(res *driver.Result) error {
	name := os.Getenv("GITHUB_STEP_SUMMARY")
	if name == "" {
		return nil
	}
	var buf bytes.Buffer
	if err := res.Report.MarkdownSummary(&buf); err != nil {
		return err
	}
	f, err := os.OpenFile(name, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o666)
	if err != nil {
		return fmt.Errorf("write the step summary: %w", err)
	}
	_, err = f.Write(buf.Bytes())
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return fmt.Errorf("write the step summary: %w", err)
	}
	return nil
}

// release returns the version of a released binary, or "".
func release() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || !strings.HasPrefix(info.Main.Version, "v") {
		return ""
	}
	return info.Main.Version
}
