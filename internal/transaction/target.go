package transaction

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// A target is a file to be replaced, as it was found.
type target struct {
	entry         *entry
	before, after []byte
	like          fs.FileInfo // whose mode and owner the new file gets; nil for a new file
	replaced      bool
}

// prepare checks that all files may be replaced and are what they should be,
// and returns what to write into the journal.
func (t *Tree) prepare(files []File) (*journal, []*target, error) {
	j := &journal{Version: journalVersion}
	var targets []*target
	seen := map[string]bool{}
	for _, f := range files {
		name, err := t.resolve(f)
		if err != nil {
			return nil, nil, err
		}
		if seen[name] {
			return nil, nil, fmt.Errorf("%s is to be replaced twice, under two names", f.Name)
		}
		seen[name] = true
		x := &target{entry: newEntry(name, f), before: f.Before, after: f.After}
		if x.like, err = t.find(x, f.Name); err != nil {
			return nil, nil, err
		}
		targets = append(targets, x)
		j.Files = append(j.Files, x.entry)
	}
	return j, targets, t.addDirs(j)
}

// resolve returns the name of f in the tree, symbolic links followed. Of a
// new file only the folder, or what there is of it, can be a link.
func (t *Tree) resolve(f File) (string, error) {
	there, rest := f.Name, ""
	real, err := filepath.EvalSymlinks(there)
	for len(f.Before) == 0 && errors.Is(err, fs.ErrNotExist) && there != filepath.Dir(there) {
		if _, err := os.Lstat(there); err == nil {
			return "", fmt.Errorf("%s is a symbolic link to nothing; remove it and run again", there)
		}
		there, rest = filepath.Dir(there), filepath.Join(filepath.Base(there), rest)
		real, err = filepath.EvalSymlinks(there)
	}
	if err != nil {
		return "", err
	}
	real = filepath.Join(real, rest)
	name, err := filepath.Rel(t.root, real)
	if err != nil || !filepath.IsLocal(name) {
		return "", fmt.Errorf("%s is a symbolic link to %s, outside its module; fix it there", f.Name, real)
	}
	return name, nil
}

// find returns what there is of x, whose name for people is given, if x may
// be replaced and holds what it should.
func (t *Tree) find(x *target, name string) (fs.FileInfo, error) {
	info, err := t.fsys.Lstat(x.entry.Name)
	if len(x.before) == 0 {
		if err == nil {
			return nil, fmt.Errorf("%s would be a new file, but is there; move it away and run again", name)
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
		return nil, nil
	}
	switch {
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("%s is not a regular file", name)
	case info.Mode().Perm()&0o200 == 0:
		return nil, fmt.Errorf("%s is read-only; make it writable (chmod u+w) and run again", name)
	}
	return info, t.check(x)
}

// check returns an error unless the file of x holds what it should.
func (t *Tree) check(x *target) error {
	if len(x.before) == 0 {
		if _, err := t.fsys.Lstat(x.entry.Name); !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("%s has come up in the meantime; run again", t.full(x.entry.Name))
		}
		return nil
	}
	now, err := t.fsys.ReadFile(x.entry.Name)
	if err != nil {
		return err
	}
	if !bytes.Equal(now, x.before) {
		return fmt.Errorf("%s has changed since it was read; run again", t.full(x.entry.Name))
	}
	return nil
}

func (t *Tree) full(name string) string { return filepath.Join(t.root, name) }

// store writes content to a new file and waits until it is on the disk. The
// file gets the mode and the owner of the one that it is to replace.
func (t *Tree) store(name string, content []byte, like fs.FileInfo) (err error) {
	perm := fs.FileMode(0o666)
	if like != nil {
		perm = 0o600 // until it has its owner
	}
	f, err := t.fsys.Create(name, perm)
	if err != nil {
		return err
	}
	defer func() {
		if cerr := f.Close(); err == nil {
			err = cerr
		}
	}()
	if _, err := f.Write(content); err != nil {
		return err
	}
	if like != nil {
		if err := dress(f, like); err != nil {
			return err
		}
	}
	return f.Sync()
}

// dress gives f the owner, group and mode of like, where they are others.
func dress(f file, like fs.FileInfo) error {
	info, err := f.Stat()
	if err != nil {
		return err
	}
	uid, gid := ownerOf(like)
	if haveUID, haveGID := ownerOf(info); uid != haveUID || gid != haveGID {
		if err := f.Chown(uid, gid); err != nil {
			return fmt.Errorf("keep the owner of %s: %w; run as the user it belongs to", like.Name(), err)
		}
	}
	if info.Mode().Perm() == like.Mode().Perm() {
		return nil
	}
	return f.Chmod(like.Mode().Perm())
}
