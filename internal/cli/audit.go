package cli

import (
	"strings"

	"github.com/singletonfix/singletonfix/internal/driver"
)

// gateCommand returns the command line that reports, from a risk up, on what
// c audits.
func (c *command) gateCommand(minRisk string) string {
	args := []string{"singletonfix"}
	for _, f := range []struct {
		set  bool
		flag string
	}{
		{minRisk != "low", "--min-risk=" + minRisk},
		{c.run.Fields, "--fields"},
		{c.run.Tests, "--tests"},
		{len(c.run.Only) > 0, "--pattern=" + strings.Join(c.run.Only, ",")},
		{len(c.run.Not) > 0, "--no-pattern=" + strings.Join(c.run.Not, ",")},
		{c.run.Tags != "", "--tags=" + c.run.Tags},
		{c.run.Mod != "", "--mod=" + c.run.Mod},
	} {
		if f.set {
			args = append(args, f.flag)
		}
	}
	if len(c.run.Selection) == 0 {
		return strings.Join(append(args, c.run.Patterns...), " ")
	}
	for _, l := range c.run.Selection {
		args = append(args, driver.Rel(c.run.Dir, l.File)) // of the line's whole file: lines move
	}
	return strings.Join(args, " ")
}
