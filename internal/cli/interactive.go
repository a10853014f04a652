package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/singletonfix/singletonfix/internal/driver"
	"github.com/singletonfix/singletonfix/internal/report"
	"github.com/singletonfix/singletonfix/internal/transaction"
)

// An asked holds the answers of whoever was asked about each fix.
type asked struct {
	fixes  map[string]string // accepted, by ID, each with a strategy, "" for the planned one
	ignore []ignoreComment   // for those that are never to be fixed
}

// interact shows each fix and asks what to do with it, then writes those that
// were accepted. What is written is planned and verified anew: together they
// may be other than all that were offered.
func (c *command) interact(ctx context.Context, stdin io.Reader, stdout, stderr io.Writer) (int, error) {
	offer := *c
	offer.run.Fix, offer.run.Changes, offer.run.Review = true, true, true
	res, err := offer.lookOnce(ctx, stderr)
	if err != nil {
		return exitFailed, err
	}
	if err := offer.remarks(res, stderr); err != nil {
		return exitFailed, err
	}
	a := &asker{c: &offer, in: bufio.NewReader(stdin), out: stdout, stderr: stderr, style: report.Style{Color: c.colored(stdout)}}
	answers, err := a.askAll(ctx, res.Report.Offered())
	if err != nil {
		return exitFailed, err
	}
	if len(answers.fixes)+len(answers.ignore) == 0 {
		fmt.Fprintln(stdout, "Nothing was changed.")
		return c.status(res.Report), nil
	}
	write := *c
	write.mode, write.answers = modeWrite, answers
	write.run.Fix, write.run.Review, write.run.Fixes = true, true, answers.fixes
	write.run.Selection, write.run.Changed, write.newFrom, write.newFromBase = nil, nil, "", "" // lines move; the fixes go by name
	return write.look(ctx, stdout, stderr)
}

// checkInteractive says what does not go together with questions.
func (c *command) checkInteractive() error {
	switch {
	case c.mode != modeInteractive:
		return nil
	case c.format != "text" || c.output != "-":
		return errors.New("-i asks on the terminal: give it without --format and -o")
	}
	return nil
}

// lookOnce runs the driver, without keeping hold of the modules: whoever is
// asked may take long, or change the code meanwhile.
func (c *command) lookOnce(ctx context.Context, stderr io.Writer) (*driver.Result, error) {
	held := &modules{stderr: stderr, trees: map[string]*transaction.Tree{}}
	run, done := c.withProgress(stderr)
	run.Enter = func(roots []string) (bool, error) { return held.enter(ctx, roots) }
	res, err := find(ctx, run)
	done()
	if err == nil {
		held.leave()
	}
	return res, err
}

// enter takes hold of modules and, before anything of them is read, writes
// down which singletons are to be left alone.
func (c *command) enter(ctx context.Context, held *modules, roots []string) (changed bool, err error) {
	changed, err = held.enter(ctx, roots)
	if err != nil || c.answers == nil || len(c.answers.ignore) == 0 {
		return changed, err
	}
	files, err := ignoring(c.answers.ignore)
	if err != nil {
		return changed, err
	}
	for _, root := range roots {
		var here []transaction.File
		for name, f := range files {
			if within(root, name) {
				here = append(here, f)
				delete(files, name)
			}
		}
		slices.SortFunc(here, func(a, b transaction.File) int { return strings.Compare(a.Name, b.Name) })
		if err := held.trees[root].Replace(ctx, here); err != nil {
			return changed, fmt.Errorf("write comments: %w", err)
		}
		changed = changed || len(here) > 0
	}
	c.answers.ignore = nil
	return changed, nil
}

// outcome writes what became of the answers.
func (c *command) outcome(res *driver.Result, w io.Writer) error {
	return res.Report.Outcome(w, func(id string) bool { _, ok := c.answers.fixes[id]; return ok })
}
