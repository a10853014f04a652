package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/singletonfix/singletonfix/internal/driver"
	"github.com/singletonfix/singletonfix/internal/report"
)

// An asker asks about fixes as git add -p asks about hunks.
type asker struct {
	c      *command // that found the fixes
	in     *bufio.Reader
	out    io.Writer
	stderr io.Writer
	style  report.Style
}

// answerHelp explains the answers.
const answerHelp = `y - apply this fix
n - do not apply it
a - apply it and all that follow, but those for a reviewer's eye
q - quit; apply those that were accepted so far
d - never for this one: write a comment that says why
e - show it with another strategy
v - prove it now, by running it under the race detector
? - print this
`

// askAll asks about each of offered. The end of the input is a q.
func (a *asker) askAll(ctx context.Context, offered []*report.Singleton) (*asked, error) {
	answers := &asked{fixes: map[string]string{}}
	for i, s := range offered {
		done, err := a.askOne(ctx, answers, s, fmt.Sprintf("(%d/%d)", i+1, len(offered)))
		switch {
		case errors.Is(err, io.EOF):
			fmt.Fprintln(a.out)
			return answers, nil
		case err != nil || done == quit:
			return answers, err
		case done == all:
			for _, rest := range offered[i+1:] {
				if rest.Fix.Status != report.Review {
					answers.fixes[rest.ID] = ""
				}
			}
			return answers, nil
		}
	}
	return answers, nil
}

// A step says how to go on after an answer.
type step int

const (
	next step = iota
	all
	quit
)

// askOne asks about s until there is an answer that settles it.
func (a *asker) askOne(ctx context.Context, answers *asked, s *report.Singleton, count string) (step, error) {
	fmt.Fprintln(a.out)
	if err := s.ShowFix(a.out, a.style); err != nil {
		return quit, err
	}
	strategy := ""
	for {
		answer, err := a.line(ctx, count+" Apply this fix [y,n,a,q,d,e,v,?]? ")
		if err != nil {
			return quit, err
		}
		switch answer {
		case "y":
			answers.fixes[s.ID] = strategy
			return next, nil
		case "n":
			return next, nil
		case "a":
			answers.fixes[s.ID] = strategy
			return all, nil
		case "q":
			return quit, nil
		case "d":
			reason, err := a.line(ctx, "Why not? ")
			if err != nil {
				return quit, err
			}
			if reason == "" {
				fmt.Fprintln(a.out, "Without a reason, no comment.")
				continue
			}
			answers.ignore = append(answers.ignore, ignoreComment{file: a.c.inDir(s.Position.File), line: s.Position.Line, name: s.Var, pattern: s.Pattern, reason: reason})
			return next, nil
		case "e":
			if strategy, err = a.other(ctx, s, strategy); err != nil {
				return quit, err
			}
		case "v":
			if err := a.prove(ctx, s, strategy); err != nil {
				return quit, err
			}
		default:
			fmt.Fprint(a.out, answerHelp)
		}
	}
}

// line asks for a line. An interrupt is an answer, too.
func (a *asker) line(ctx context.Context, prompt string) (string, error) {
	fmt.Fprint(a.out, prompt)
	type answer struct {
		text string
		err  error
	}
	answers := make(chan answer, 1)
	go func() { // which ends with the process where nobody answers
		text, err := a.in.ReadString('\n')
		answers <- answer{text, err}
	}()
	select {
	case <-ctx.Done():
		fmt.Fprintln(a.out)
		return "", errors.New("interrupted; nothing was changed")
	case x := <-answers:
		if x.err != nil && x.text == "" {
			return "", x.err
		}
		return strings.TrimSpace(x.text), nil
	}
}

// other asks for another strategy and shows what it makes of s. Where it does
// not fit, the one before stays.
func (a *asker) other(ctx context.Context, s *report.Singleton, strategy string) (string, error) {
	names := strategyNames()[1:]
	name, err := a.line(ctx, "Strategy ("+strings.Join(names, ", ")+")? ")
	if err != nil {
		return strategy, err
	}
	if err := oneOf("strategy", name, names...); err != nil {
		fmt.Fprintln(a.out, err)
		return strategy, nil
	}
	found, err := a.again(ctx, s, name, nil)
	if found == nil || err != nil {
		return strategy, err
	}
	if err := found.ShowFix(a.out, a.style); err != nil {
		return strategy, err
	}
	if found.Fix.Strategy != name {
		return strategy, nil // the report said why
	}
	return name, nil
}

// prove runs the fix of s, and says what that showed.
func (a *asker) prove(ctx context.Context, s *report.Singleton, strategy string) error {
	found, err := a.again(ctx, s, strategy, &driver.VerifyOptions{Timeout: a.c.timeout})
	switch {
	case err != nil || found == nil:
		return err
	case found.Fix == nil || found.Fix.Proof == nil:
		fmt.Fprintln(a.out, "There is nothing to be run.")
		return nil
	}
	fmt.Fprintln(a.out, "Proof:", found.Fix.Proof)
	return nil
}

// again looks at s anew, with just its fix; nil where it is not there any
// more, which it says.
func (a *asker) again(ctx context.Context, s *report.Singleton, strategy string, verify *driver.VerifyOptions) (*report.Singleton, error) {
	c := *a.c
	c.run.Fixes, c.run.Verify = map[string]string{s.ID: strategy}, verify
	c.run.Patterns, c.run.Selection = []string{a.c.inDir(s.Position.File)}, nil
	res, err := c.lookOnce(ctx, a.stderr)
	if err != nil {
		return nil, err
	}
	for i := range res.Report.Singletons {
		if found := &res.Report.Singletons[i]; found.ID == s.ID && found.Fix != nil {
			return found, nil
		}
	}
	if err := res.Report.ErrorLines(a.out); err != nil {
		return nil, err
	}
	fmt.Fprintln(a.out, "The code has changed meanwhile; run singletonfix again.")
	return nil, nil
}
