package cli

import (
	"bytes"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"github.com/singletonfix/singletonfix/internal/driver"
)

// readChanged has the driver look only at what changed since a revision.
func (c *command) readChanged() error {
	rev, flag := c.newFrom, "--new-from"
	if c.newFromBase != "" {
		if rev != "" {
			return errors.New("--new-from and --new-from-merge-base both say since when: give one")
		}
		rev, flag = c.newFromBase, "--new-from-merge-base"
	}
	if rev == "" {
		return nil
	}
	g := git{dir: c.run.Dir}
	commit := g.line("rev-parse", "--verify", "--end-of-options", rev+"^{commit}")
	if flag == "--new-from-merge-base" {
		commit = g.line("merge-base", commit, "HEAD")
	}
	changed := g.changed(commit)
	if g.err != nil {
		return fmt.Errorf("%s %s: %w; a shallow clone may lack it: fetch more of the history", flag, rev, g.err)
	}
	c.run.Changed = changed
	return nil
}

// A git runs git in dir, until the first error.
type git struct {
	dir string
	err error
}

func (g *git) run(args ...string) []byte {
	if g.err != nil {
		return nil
	}
	cmd := exec.Command("git", append([]string{"-c", "core.fsmonitor=false", "--no-optional-locks"}, args...)...) // no program of the repository's that need not be run
	cmd.Dir = g.dir
	var out, problem bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &problem
	if err := cmd.Run(); err != nil {
		g.err = fmt.Errorf("git %s: %w: %s", args[0], err, strings.TrimSpace(problem.String()))
	}
	return out.Bytes()
}

func (g *git) line(args ...string) string { return strings.TrimSpace(string(g.run(args...))) }

// changed returns the lines of Go files that differ from those of commit, and
// all of those that git does not know.
func (g *git) changed(commit string) driver.Changed {
	diff := g.run("-c", "core.quotePath=false", "diff", "-U0", "--no-color", "--no-ext-diff", "--no-textconv",
		"--src-prefix=a/", "--dst-prefix=b/", commit, "--", ":(top,glob)**/*.go")
	top := filepath.Join(g.dir, filepath.FromSlash(g.line("rev-parse", "--show-cdup")))
	changed := driver.Changed{}
	for name, ranges := range changedLines(string(diff)) {
		changed[filepath.Join(top, filepath.FromSlash(name))] = ranges
	}
	for name := range strings.SplitSeq(string(g.run("ls-files", "-z", "--others", "--exclude-standard", "--full-name", "--", ":(top,glob)**/*.go")), "\x00") {
		if name != "" {
			changed[filepath.Join(top, filepath.FromSlash(name))] = []driver.Range{{From: 1, To: 1 << 30}}
		}
	}
	return changed
}

var hunkHead = regexp.MustCompile(`^@@ -\d+(?:,(\d+))? \+(\d+)(?:,(\d+))? @@`)

// changedLines returns, by name, the lines of the new files of a diff without
// context. Where lines only went, the ones around them count.
func changedLines(diff string) map[string][]driver.Range {
	changed := map[string][]driver.Range{}
	name, skip := "", 0
	for line := range strings.SplitSeq(diff, "\n") {
		if skip > 0 {
			if !strings.HasPrefix(line, `\`) {
				skip-- // content, whatever it looks like
			}
			continue
		}
		if rest, ok := strings.CutPrefix(line, "+++ "); ok {
			name = diffName(rest)
			continue
		}
		m := hunkHead.FindStringSubmatch(line)
		if m == nil {
			continue
		}
		from, _ := strconv.Atoi(m[2])
		gone, come := hunkCount(m[1]), hunkCount(m[3])
		skip = gone + come
		to := from + come - 1
		if come == 0 {
			to = from + 1
		}
		changed[name] = append(changed[name], driver.Range{From: from, To: to})
	}
	return changed
}

// hunkCount returns the number of lines; one is not written down.
func hunkCount(n string) int {
	if n == "" {
		return 1
	}
	count, _ := strconv.Atoi(n)
	return count
}

// diffName returns the name of a file as a diff's head has it: quoted where
// it holds what would end it, with a tab behind it where it holds a space.
func diffName(head string) string {
	name := strings.TrimSuffix(head, "\t")
	if unquoted, err := strconv.Unquote(name); err == nil && strings.HasPrefix(name, `"`) {
		name = unquoted
	}
	return strings.TrimPrefix(name, "b/")
}
