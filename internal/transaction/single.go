package transaction

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// WriteFile gives the file at name its content, all of it or none: the new
// content is on the disk beside the old one before it takes its name. It is
// for what a run puts out for its user, wherever that is; a file that is there
// keeps its mode and its owner, and a link leads to it. What a run that was
// killed has left beside it goes.
//
// What is no file, such as a pipe or a terminal, is written to as it is; so is
// a file in a folder that takes no other beside it.
func WriteFile(name string, content []byte) error {
	like, err := os.Stat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if target, err := os.Readlink(name); err == nil {
			return fmt.Errorf("%s is a symbolic link to %s, which is not there; remove it and run again", name, target)
		}
		return writeBeside(name, name, content, nil)
	case err != nil:
		return err
	case !like.Mode().IsRegular():
		return overwrite(name, content)
	case like.Mode().Perm()&0o200 == 0:
		return fmt.Errorf("%s is read-only; make it writable (chmod u+w) and run again", name)
	}
	real, err := filepath.EvalSymlinks(name)
	if err != nil {
		return overwrite(name, content) // /dev/stdout may lead to a file that has no name any more
	}
	err = writeBeside(name, real, content, like)
	if errors.Is(err, fs.ErrPermission) {
		return overwrite(name, content)
	}
	return err
}

// writeBeside writes the file at real, which people call name.
func writeBeside(name, real string, content []byte, like fs.FileInfo) error {
	dir, err := os.OpenRoot(filepath.Dir(real))
	if err != nil {
		return err
	}
	defer dir.Close()
	sweep(dir)
	if err := writeFile(disk{dir}, filepath.Base(real), content, like); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

// writeFile is WriteFile for a file of the folder fsys that like is known of.
// After an error the folder is as it was, unless only the last sync failed.
func writeFile(fsys filesystem, base string, content []byte, like fs.FileInfo) error {
	t := &Tree{fsys: fsys}
	draft := tempName() + draftSuffix
	err := t.store(draft, content, like)
	if err == nil {
		err = fsys.Rename(draft, base)
	}
	if err != nil {
		fsys.Remove(draft)
		return err
	}
	return fsys.SyncDir(".")
}

// overwrite writes content to what is there.
func overwrite(name string, content []byte) error {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_TRUNC, 0)
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	return errors.Join(err, f.Close())
}
