package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/singletonfix/singletonfix/internal/driver"
	"github.com/singletonfix/singletonfix/rewrite"
)

// writeAll writes the changes of each package, all of a package or none of
// it. A package that cannot be written becomes an error of the report; only
// an interrupt keeps the others from being written.
func writeAll(ctx context.Context, res *driver.Result) error {
	for _, p := range res.Packages {
		if ctx.Err() != nil {
			return errors.New("interrupted; the packages reported as fixed are written as a whole, the others are as they were")
		}
		if err := writePackage(p.Changes); err != nil {
			res.WriteFailed(p, fmt.Errorf("write %s: %w; nothing of the package was changed", p.Path, err))
			continue
		}
		res.Written(p)
	}
	return nil
}

// A target is a file to be replaced.
type target struct {
	rewrite.Change
	name string // with symbolic links followed
	mode fs.FileMode
	temp string // holds the new content, in the same folder; "" once renamed
}

// writePackage replaces the files of changes, or none of them.
func writePackage(changes []rewrite.Change) (err error) {
	var targets []*target
	defer func() {
		for _, t := range targets {
			if t.temp != "" {
				os.Remove(t.temp)
			}
		}
	}()
	for _, c := range changes {
		t, err := newTarget(c)
		if err != nil {
			return err
		}
		targets = append(targets, t)
	}
	for _, t := range targets {
		if t.temp, err = t.store(t.After); err != nil {
			return err
		}
	}
	return replaceAll(targets)
}

// newTarget checks that the file of c may be replaced and is still what was read.
func newTarget(c rewrite.Change) (*target, error) {
	name, err := filepath.EvalSymlinks(c.File.Name)
	if err != nil {
		return nil, err
	}
	if !inModule(name, c.File.Name) {
		return nil, fmt.Errorf("%s is a symbolic link to %s, outside its module; fix it there", c.File.Name, name)
	}
	info, err := os.Stat(name)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is not a regular file", name)
	}
	if info.Mode().Perm()&0o200 == 0 {
		return nil, fmt.Errorf("%s is read-only; make it writable (chmod u+w) and run again", name)
	}
	now, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	if !bytes.Equal(now, c.Before) {
		return nil, fmt.Errorf("%s has changed since it was read; run again", name)
	}
	return &target{Change: c, name: name, mode: info.Mode()}, nil
}

// inModule reports whether real, which link leads to, lies in link's module.
func inModule(real, link string) bool {
	for dir := filepath.Dir(link); ; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			root, err := filepath.EvalSymlinks(dir)
			return err == nil && strings.HasPrefix(real, root+string(filepath.Separator))
		}
		if dir == filepath.Dir(dir) {
			return false
		}
	}
}

// store writes content to a new file beside t, with t's mode, and returns
// its name.
func (t *target) store(content []byte) (name string, err error) {
	f, err := os.CreateTemp(filepath.Dir(t.name), ".singletonfix-*")
	if err != nil {
		return "", err
	}
	defer func() {
		if cerr := f.Close(); err == nil {
			err = cerr
		}
		if err != nil {
			os.Remove(f.Name())
		}
	}()
	if _, err := f.Write(content); err != nil {
		return "", err
	}
	if err := f.Chmod(t.mode.Perm()); err != nil {
		return "", err
	}
	return f.Name(), f.Sync()
}

// replaceAll puts every target's new file in place. If one cannot be, those
// before it are put back.
func replaceAll(targets []*target) error {
	for i, t := range targets {
		err := os.Rename(t.temp, t.name)
		if err == nil {
			t.temp = ""
			continue
		}
		for _, done := range targets[:i] {
			if back := done.putBack(); back != nil {
				return fmt.Errorf("%w; and %s, which was already replaced, could not be put back: %w", err, done.name, back)
			}
		}
		return err
	}
	return nil
}

// putBack gives t's file the content that it had.
func (t *target) putBack() error {
	temp, err := t.store(t.Before)
	if err != nil {
		return err
	}
	if err := os.Rename(temp, t.name); err != nil {
		os.Remove(temp)
		return err
	}
	return nil
}
