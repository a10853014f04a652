package cli

import (
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/singletonfix/singletonfix/internal/driver"
)

// patience is how long nobody wonders what is going on.
const patience = time.Second

// withProgress returns the options of the run with, on a terminal, a line that
// says what a longer one is doing, and what takes that line away again.
func (c *command) withProgress(stderr io.Writer) (driver.Options, func()) {
	opts := c.run
	if c.quiet || !isTerminal(stderr) {
		return opts, func() {}
	}
	p := &progress{out: stderr}
	p.timer = time.AfterFunc(patience, p.show)
	opts.Progress = p.say
	if opts.Verify != nil {
		opts.Verify.Progress = p.say
	}
	return opts, p.clear
}

// A progress is a line of a terminal that says what is being done.
type progress struct {
	out   io.Writer
	timer *time.Timer // after which the line is shown

	mu      sync.Mutex
	text    string
	showing bool
	last    time.Time // when the line was written
	ended   bool
}

// say changes the line, once it is there.
func (p *progress) say(text string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.text = text
	if p.showing && time.Since(p.last) >= 50*time.Millisecond { // nobody can read faster
		p.write()
	}
}

func (p *progress) show() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.showing = !p.ended
	if p.showing {
		p.write()
	}
}

func (p *progress) write() {
	p.last = time.Now()
	fmt.Fprintf(p.out, "\r\x1b[K%s", cutTo(p.text, 78))
}

// clear takes the line away for good.
func (p *progress) clear() {
	p.timer.Stop()
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.showing {
		fmt.Fprint(p.out, "\r\x1b[K")
	}
	p.showing, p.ended = false, true
}

// cutTo returns the start of text, so that it stays on one line.
func cutTo(text string, most int) string {
	runes := []rune(text)
	if len(runes) <= most {
		return text
	}
	return string(runes[:most-3]) + "..."
}
