// Package transaction replaces files of one module, all of a set or none of
// it, whatever happens in between: a full disk, a kill, a power cut.
//
// Before the first file is touched, a journal in the module's root folder
// says which files are about to be replaced, and the new content of each
// stands beside it, whole and on the disk. From then on only renames are
// left, each of which happens or does not. If the process dies among them,
// whoever comes next finds the journal, and has all it takes to finish.
//
// One process at a time writes to a module; see [Enter]. All access goes
// through an [os.Root], so that no link and no forged journal leads out of
// the module.
//
// A single file that a run puts out, anywhere, is [WriteFile]'s.
//
// What a file should contain is for others to say; so is what is printed.
package transaction

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// A File is a file to be replaced.
type File struct {
	Name   string // absolute
	Before []byte // what it is known to hold; empty: there must be no such file
	After  []byte // what it is to hold
}

// ErrUnfinished is what remains of a set of files if replacing them could
// neither be finished nor undone.
var ErrUnfinished = errors.New("some of its files are replaced, others are not; the next run of singletonfix finishes or undoes that")

// A Tree is a module that this process may read, and write once no other does.
type Tree struct {
	root string // absolute, without symbolic links
	dir  *os.Root
	fsys filesystem
	lock *lock
	// Said holds a sentence for each thing that was put right on entering.
	Said []string
}

// Enter waits until no other process writes to the module at root, or, if
// write is set, until none reads it either, and keeps them from beginning
// until Leave. It calls wait before it waits. Then it finishes or undoes what
// a process that died had begun: what the disk holds after Enter is whole.
func Enter(ctx context.Context, root string, write bool, wait func()) (*Tree, error) {
	real, err := filepath.EvalSymlinks(root)
	if err != nil {
		return nil, err
	}
	dir, err := os.OpenRoot(real)
	if err != nil {
		return nil, err
	}
	t := &Tree{root: real, dir: dir, fsys: disk{dir}, lock: newLock(real)}
	if err := t.enter(ctx, write, wait); err != nil {
		t.Leave()
		return nil, err
	}
	return t, nil
}

func (t *Tree) enter(ctx context.Context, write bool, wait func()) error {
	if err := t.lock.acquire(ctx, write, wait); err != nil {
		return fmt.Errorf("lock %s: %w", t.root, err)
	}
	if !t.hasLeftovers() {
		return nil
	}
	if err := t.lock.acquire(ctx, true, wait); err != nil {
		return fmt.Errorf("lock %s: %w", t.root, err)
	}
	said, err := t.recover()
	if said != "" {
		t.Said = append(t.Said, said)
	}
	return err
}

// Leave lets other processes in. Nothing of t may be used afterwards.
func (t *Tree) Leave() {
	t.lock.release()
	t.dir.Close()
}

// Replace replaces files, or none of them. Each must be in the tree and still
// be what it was, and is checked again right before it is replaced. The error
// is [ErrUnfinished] where some were replaced and could not be put back.
func (t *Tree) Replace(ctx context.Context, files []File) error {
	// A tree that was entered to read it may be another's to write by now.
	if err := t.enter(ctx, true, func() {}); err != nil {
		return err
	}
	j, targets, err := t.prepare(files)
	if err != nil {
		return err
	}
	if err := t.begin(j); err != nil {
		return err
	}
	err = t.replace(j, targets)
	if err == nil {
		t.remove(journalName) // if it stays, whoever comes next sees that all is done
		return nil
	}
	if back := t.putBack(targets); back != nil {
		return fmt.Errorf("%w; %w (%v)", err, ErrUnfinished, back)
	}
	if t.syncDirs(j) == nil {
		t.clean(j) // what cannot be removed, whoever comes next removes
	}
	return err
}

// replace stores all, then renames all.
func (t *Tree) replace(j *journal, targets []*target) error {
	if err := t.makeDirs(j); err != nil {
		return err
	}
	for _, x := range targets {
		if err := t.store(x.entry.New, x.after, x.like); err != nil {
			return err
		}
	}
	if err := t.syncDirs(j); err != nil {
		return err
	}
	for _, x := range targets {
		if err := t.check(x); err != nil {
			return err
		}
		if err := t.fsys.Rename(x.entry.New, x.entry.Name); err != nil {
			return err
		}
		x.replaced = true
	}
	return t.syncDirs(j)
}

// putBack undoes replace, as far as it came. Every old content is on the disk
// before the first file is put back, so that a kill can be recovered from here too.
func (t *Tree) putBack(targets []*target) error {
	for _, x := range targets {
		if x.replaced && len(x.before) > 0 {
			if err := t.store(x.entry.Old, x.before, x.like); err != nil {
				return err
			}
		}
	}
	for _, x := range targets {
		if !x.replaced {
			continue
		}
		if err := t.restore(x.entry); err != nil {
			return err
		}
	}
	return nil
}

// restore gives an entry's file its old content, which stands beside it; a
// new file goes.
func (t *Tree) restore(e *entry) error {
	if e.Before == "" {
		return t.fsys.Remove(e.Name)
	}
	return t.fsys.Rename(e.Old, e.Name)
}
