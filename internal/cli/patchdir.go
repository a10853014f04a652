package cli

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/singletonfix/singletonfix/detect"
	"github.com/singletonfix/singletonfix/internal/driver"
	"github.com/singletonfix/singletonfix/internal/report"
	"github.com/singletonfix/singletonfix/internal/transaction"
)

// checkPatchDir says what does not go together.
func (c *command) checkPatchDir() error {
	switch {
	case c.patchDir == "":
		return nil
	case c.mode != modeDiff || c.format != "text" || c.output != "-" || c.stdin != "":
		return errors.New("--patch-dir splits the diff: give it with -d, and without --format, -o and --stdin-filename")
	}
	entries, err := os.ReadDir(c.inDir(c.patchDir))
	if err == nil && len(entries) > 0 {
		return fmt.Errorf("--patch-dir %s: there is something in it; give a new folder", c.patchDir)
	}
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("--patch-dir: %w", err)
	}
	return nil
}

// patches writes a patch, a commit message and a text for a pull request for
// each owner, or each package without one, and lists them. Where nothing
// changes it leaves no folder.
func (c *command) patches(res *driver.Result, w io.Writer) error {
	groups, err := c.groups(res)
	if err != nil || len(groups) == 0 {
		return err
	}
	var list bytes.Buffer
	files := make(map[string][]byte)
	for i, g := range groups {
		g.Command = c.writeCommand(g.Changes)
		p, err := res.Report.Patch(*g)
		if err != nil {
			return err
		}
		name := fmt.Sprintf("%02d-%s", i+1, g.Name)
		files[name+".patch"], files[name+".commit.txt"], files[name+".md"] = p.Diff, p.Commit, p.PullRequest
		fmt.Fprintf(&list, "%s.patch: %d fixed, %s, +%d -%d %s\n", filepath.ToSlash(filepath.Join(c.patchDir, name)), p.Fixes, p.Risk, p.Added, p.Removed, cmp.Or(g.Owner, strings.Join(g.Packages, " ")))
	}
	if err := fillDir(c.inDir(c.patchDir), files); err != nil {
		return fmt.Errorf("--patch-dir: %w", err)
	}
	_, err = w.Write(list.Bytes())
	return err
}

// writeCommand returns the command line that makes changes, in the same folder.
func (c *command) writeCommand(changes []report.FileChange) string {
	args := append([]string{"singletonfix", "-w"}, given([]optional{
		{c.run.Strategy != "auto", "--strategy=" + c.run.Strategy},
		{c.run.AddReset, "--add-reset"},
		{c.run.Doc, "--doc"},
		{c.run.Review, "--review-fixes"},
		{c.run.Generated, "--generated"},
		{c.run.MinRisk != detect.Low, "--min-risk=" + c.run.MinRisk.String()},
	})...)
	var packages []string
	for _, change := range changes {
		if change.Before == nil {
			continue // a new package comes with those that use it
		}
		dir := path.Dir(change.Name)
		if dir != "." && !strings.HasPrefix(dir, "../") {
			dir = "./" + dir
		}
		packages = append(packages, dir)
	}
	slices.Sort(packages)
	return strings.Join(slices.Concat(args, c.narrowing(), slices.Compact(packages)), " ")
}

// fillDir writes files to dir, which is new or empty: each is whole whatever
// happens, and after an error there are none.
func fillDir(dir string, files map[string][]byte) error {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if err := transaction.WriteFile(filepath.Join(dir, name), files[name]); err != nil {
			for name := range files {
				os.Remove(filepath.Join(dir, name))
			}
			return err
		}
	}
	return nil
}

// groups returns what goes into one pull request each: the packages of an
// owner, or one package. A package is never divided; the owner is that of its
// first file. The worst risk comes first.
func (c *command) groups(res *driver.Result) ([]*report.Group, error) {
	owners, err := findOwners(c.run.Dir)
	if err != nil {
		return nil, err
	}
	var groups []*report.Group
	at := map[string]*report.Group{}
	rank := map[string]int{}
	for i, change := range res.Report.WorstChanges(c.changes(res)) {
		rank[change.Name] = i
	}
	for _, p := range res.Packages {
		changes := c.changes(&driver.Result{Packages: []*driver.Package{p}})
		owner := owners.of(p.Changes[0].File.Name)
		key, name := p.Path, p.Path[strings.LastIndex(p.Path, "/")+1:]
		switch {
		case c.run.Strategy == "manager":
			key, name, owner = "", "manager", "" // the packages share a new one
		case owner != "":
			key, name = owner, owner
		}
		g := at[key]
		if g == nil {
			g = &report.Group{Name: fileName(name), Owner: owner}
			at[key] = g
			groups = append(groups, g)
		}
		g.Packages = append(g.Packages, p.Paths()...)
		for _, change := range changes {
			if !slices.ContainsFunc(g.Changes, func(f report.FileChange) bool { return f.Name == change.Name }) {
				g.Changes = append(g.Changes, change)
			}
		}
	}
	first := func(g *report.Group) int {
		least := len(rank)
		for _, change := range g.Changes {
			least = min(least, rank[change.Name])
		}
		return least
	}
	slices.SortStableFunc(groups, func(a, b *report.Group) int { return cmp.Compare(first(a), first(b)) })
	return groups, nil
}

// fileName returns name as part of a file's: letters, digits, dots and dashes.
func fileName(name string) string {
	clean := strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '.', r == '_', r == '-':
			return r
		}
		return '-'
	}, name)
	return strings.Trim(clean, "-.")
}
