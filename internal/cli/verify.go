package cli

import (
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/singletonfix/singletonfix/internal/driver"
)

// setVerify has the run prove its fixes, and leave the tests behind.
func (c *command) setVerify(r *raw) error {
	if c.run.RaceTests = r.raceTests; r.raceTests && c.mode != modeWrite {
		return errors.New("--race-tests writes files: give it with -w")
	}
	if !r.verify {
		return nil
	}
	if c.mode != modeDiff && c.mode != modeWrite && c.mode != modeAudit {
		return errors.New("--verify proves fixes: give it with -d, -w or --audit")
	}
	if c.timeout <= 0 {
		return fmt.Errorf("--verify-timeout %s: give a time, such as 2m", c.timeout)
	}
	c.run.Fix = true
	c.run.Verify = &driver.VerifyOptions{Timeout: c.timeout}
	return nil
}

// withProgress returns the options of the run, with a line on the terminal
// that says what --verify is doing, and what takes that line away again.
func (c *command) withProgress(stderr io.Writer) (driver.Options, func()) {
	opts := c.run
	if opts.Verify == nil || c.quiet || !isTerminal(stderr) {
		return opts, func() {}
	}
	var mu sync.Mutex
	last := time.Time{}
	verify := *opts.Verify
	verify.Progress = func(text string) {
		mu.Lock()
		defer mu.Unlock()
		if time.Since(last) < 50*time.Millisecond {
			return // nobody can read faster
		}
		last = time.Now()
		fmt.Fprintf(stderr, "\r\x1b[K%s", cutTo(text, 100))
	}
	opts.Verify = &verify
	return opts, func() { fmt.Fprint(stderr, "\r\x1b[K") }
}

// cutTo returns the start of text, so that it stays on one line.
func cutTo(text string, most int) string {
	runes := []rune(text)
	if len(runes) <= most {
		return text
	}
	return string(runes[:most-3]) + "..."
}
