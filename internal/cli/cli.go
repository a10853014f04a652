// Package cli is the command line of singletonfix: flags and modes, the
// terminal, writing files, and the exit status. What a run finds and would
// change comes from package driver; how it is put into words from report.
package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/singletonfix/singletonfix/internal/driver"
	"github.com/singletonfix/singletonfix/internal/report"
	"github.com/singletonfix/singletonfix/internal/transaction"
)

// The exit statuses, in every mode.
const (
	exitClean  = 0 // nothing unsafe is left
	exitUnsafe = 1 // something unsafe remains, or would change
	exitFailed = 2 // the run itself failed, whatever else was found
)

// Main runs the command line args, the program's name left out, and returns
// the exit status.
func Main(args []string, stdout, stderr io.Writer) int {
	if asVetTool(args) {
		vetTool(args)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	c, err := parse(args)
	if err != nil {
		return complain(stderr, fmt.Errorf("%w\nRun `singletonfix --help` for the flags", err))
	}
	status, err := c.do(ctx, stdout, stderr)
	if err != nil {
		if errors.Is(err, syscall.EPIPE) {
			return status // whoever read the output has seen enough
		}
		return complain(stderr, err)
	}
	return status
}

// complain says what went wrong with the run.
func complain(stderr io.Writer, err error) int {
	fmt.Fprintln(stderr, "singletonfix:", report.Plain(err.Error()))
	return exitFailed
}

// do does what c asks for. Beside an error, the status is that of the run
// without it.
func (c *command) do(ctx context.Context, stdout, stderr io.Writer) (int, error) {
	switch c.mode {
	case modeHelp:
		return exitClean, print(stdout, usage(c.usage))
	case modeVersion:
		return exitClean, print(stdout, version()+"\n")
	case modeCompletion:
		return exitClean, print(stdout, c.completion)
	case modeExplain:
		text, err := explain(c.explain)
		if err != nil {
			return exitFailed, err
		}
		return exitClean, c.page([]byte(text), stdout)
	case modeDemo:
		return c.demo(ctx, stdout)
	case modeBug:
		return c.reportBug(ctx, stdout, stderr)
	}
	if err := errors.Join(c.readBaseline(), c.readChanged(), c.readStdin(os.Stdin)); err != nil {
		return exitFailed, err
	}
	if c.mode == modeInteractive {
		return c.interact(ctx, os.Stdin, stdout, stderr)
	}
	return c.look(ctx, stdout, stderr)
}

// look runs the driver, writes files in the mode that does, and shows the
// result. Files come first: output that cannot be written then leaves no
// package half fixed.
func (c *command) look(ctx context.Context, stdout, stderr io.Writer) (int, error) {
	c.tuneMemory()
	held := &modules{write: c.mode == modeWrite, stderr: stderr, trees: map[string]*transaction.Tree{}}
	run, done := c.withProgress(stderr)
	run.Enter = func(roots []string) (bool, error) { return c.enter(ctx, held, roots) }
	res, err := find(ctx, run)
	done()
	if err != nil {
		return exitFailed, err // and with the process all that is held is let go
	}
	defer held.leave()
	if c.mode == modeWrite || c.mode == modeList {
		res.HoldBack()
	}
	var interrupted error
	if c.mode == modeWrite {
		interrupted = writeAll(ctx, held, res)
	}
	if c.mode == modeFilter {
		handBack(res)
	}
	if c.mode == modeAudit {
		res.Report.SetAudit(c.gateCommand)
	}
	status := c.status(res.Report)
	if err := c.writeBaseline(res, stderr); err != nil {
		return exitFailed, err
	}
	if err := c.show(res, stdout, stderr); err != nil {
		return status, err
	}
	return status, interrupted
}

// ending is how long an interrupted run may take to end the go command, which
// would otherwise go on compiling by itself.
const ending = time.Second

// find runs the driver. An interrupt ends it, at once or nearly so: it has
// written nothing, and the process ends with it.
func find(ctx context.Context, opts driver.Options) (*driver.Result, error) {
	type answer struct {
		res *driver.Result
		err error
	}
	answers := make(chan answer, 1)
	go func() {
		res, err := driver.Run(ctx, opts)
		answers <- answer{res, err}
	}()
	select {
	case a := <-answers:
		if ctx.Err() == nil {
			return a.res, a.err
		}
	case <-ctx.Done():
		if opts.Verify != nil {
			opts.Verify.Stop() // it has processes to end and folders to remove
		}
		select {
		case <-answers:
		case <-time.After(ending):
		}
	}
	return nil, errors.New("interrupted; nothing was changed")
}

// status returns the exit status of a run that found rep.
func (c *command) status(rep *report.Report) int {
	if len(rep.Errors) > 0 {
		return exitFailed
	}
	for i := range rep.Singletons {
		if f := rep.Singletons[i].Fix; f != nil && f.Status != report.Applied && !c.exitZero && c.newBaseline == "" {
			return exitUnsafe
		}
	}
	return exitClean
}

// show writes the report, diff or list to where it is wanted, and what else
// is to be said to stderr.
func (c *command) show(res *driver.Result, stdout, stderr io.Writer) error {
	var out bytes.Buffer
	if err := c.render(res, &out, report.Style{Color: c.colored(stdout)}); err != nil {
		return err
	}
	if !c.tellsErrors() {
		if err := c.remarks(res, stderr); err != nil {
			return err
		}
	}
	if c.output == "-" {
		return c.page(out.Bytes(), stdout)
	}
	if err := transaction.WriteFile(c.inDir(c.output), out.Bytes()); err != nil {
		return fmt.Errorf("write the report: %w", err)
	}
	return nil
}

// render writes what c asked for to w, which does not fail.
func (c *command) render(res *driver.Result, w io.Writer, style report.Style) error {
	switch {
	case c.answers != nil:
		return c.outcome(res, w)
	case c.format != "text":
		return c.document(res, w)
	case c.mode == modeFilter:
		return c.filtered(res, w)
	case c.patchDir != "":
		return c.patches(res, w)
	case c.mode == modeDiff:
		return report.WriteDiff(w, c.diff(res), style)
	case c.mode == modeList:
		for _, change := range c.changes(res) {
			fmt.Fprintln(w, change.Name)
		}
		return nil
	}
	return res.Report.Text(w, report.TextOptions{Style: style, Quiet: c.quiet, Verbose: c.verbose})
}

// changes returns the files that the run would change, by package and name.
func (c *command) changes(res *driver.Result) []report.FileChange {
	var changes []report.FileChange
	for _, p := range res.Packages {
		for _, f := range p.Changes {
			changes = append(changes, report.FileChange{Name: driver.Rel(c.run.Dir, f.File.Name), Before: f.Before, After: f.After})
		}
	}
	return changes
}

// diff returns the changes for people to read: those of the worst risk first,
// and unless that is too much, with what each is for.
func (c *command) diff(res *driver.Result) []report.FileChange {
	changes := res.Report.WorstChanges(c.changes(res))
	for i := range changes {
		if !c.quiet {
			changes[i].Remarks = res.Report.FixLines(changes[i].Name)
		}
		changes[i].Remarks = append(changes[i].Remarks, res.Report.Verdicts(changes[i].Name)...)
	}
	return changes
}

// remarks writes what the output itself does not say: errors, and where only
// a diff or names are printed, what is not fixed and why.
func (c *command) remarks(res *driver.Result, stderr io.Writer) error {
	if err := res.Report.ErrorLines(stderr); err != nil {
		return err
	}
	if !c.run.Fix || c.quiet || c.mode == modeAudit {
		return nil
	}
	if err := assumptions(res, stderr); err != nil || c.mode == modeWrite {
		return err
	}
	return res.Report.Remarks(stderr, c.run.Review)
}

func print(w io.Writer, text string) error {
	_, err := io.WriteString(w, text)
	return err
}
