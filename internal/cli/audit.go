package cli

import (
	"strings"

	"github.com/singletonfix/singletonfix/internal/driver"
)

// gateCommand returns the command line that reports, from a risk up, on what
// c audits.
func (c *command) gateCommand(minRisk string) string {
	args := []string{"singletonfix"}
	if minRisk != "low" {
		args = append(args, "--min-risk="+minRisk)
	}
	args = append(args, c.narrowing()...)
	if len(c.run.Selection) == 0 {
		return strings.Join(append(args, c.run.Patterns...), " ")
	}
	for _, l := range c.run.Selection {
		args = append(args, driver.Rel(c.run.Dir, l.File)) // of the line's whole file: lines move
	}
	return strings.Join(args, " ")
}

// narrowing returns the flags of c that say what is looked at.
func (c *command) narrowing() []string {
	return given([]optional{
		{c.run.Fields, "--fields"},
		{c.run.Tests, "--tests"},
		{len(c.run.Only) > 0, "--pattern=" + strings.Join(c.run.Only, ",")},
		{len(c.run.Not) > 0, "--no-pattern=" + strings.Join(c.run.Not, ",")},
		{c.run.Tags != "", "--tags=" + c.run.Tags},
		{c.run.Mod != "", "--mod=" + c.run.Mod},
	})
}

// An optional is an argument that a command line has or has not.
type optional struct {
	set bool
	arg string
}

func given(all []optional) []string {
	var args []string
	for _, o := range all {
		if o.set {
			args = append(args, o.arg)
		}
	}
	return args
}
