package transaction

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
)

// hasLeftovers reports whether a process died here, or may have.
func (t *Tree) hasLeftovers() bool {
	for _, name := range []string{journalName, journalDraft} {
		if _, err := t.fsys.Lstat(name); !errors.Is(err, fs.ErrNotExist) {
			return true
		}
	}
	return false
}

// recover finishes or undoes what the journal says was begun, removes what is
// left of it, and returns what is to be said about that. It overwrites no file
// that is neither as it was before nor as it was to become.
func (t *Tree) recover() (said string, err error) {
	j, err := t.readJournal()
	if err != nil {
		return "", fmt.Errorf("read the journal %s of an interrupted run: %w; compare the module with its last commit and remove the journal", t.full(journalName), err)
	}
	if err := t.remove(journalDraft); err != nil {
		return "", fmt.Errorf("remove what an interrupted run left: %w", err)
	}
	if j == nil {
		return "", nil // died, or still was, before the first change
	}
	said, err = t.complete(j)
	if err != nil {
		return "", fmt.Errorf("finish the interrupted write of %s: %w; once that is put right, run singletonfix again", j.names(t), err)
	}
	return said, nil
}

// complete brings the files of j into one state, all old or all new, and
// removes the rest.
func (t *Tree) complete(j *journal) (said string, err error) {
	var states []state
	for _, e := range j.Files {
		s, err := t.state(e)
		if err != nil {
			return "", err
		}
		states = append(states, s)
	}
	switch {
	case none(states, state.begun) || none(states, state.open):
		// Nothing had been replaced, or everything.
	case all(states, state.canFinish):
		said = "finished the write of " + j.names(t) + ", in which an earlier run was interrupted"
		err = t.finish(j, states)
	case all(states, state.canUndo):
		said = "undid the write of " + j.names(t) + ", in which an earlier run was interrupted"
		err = t.undo(j, states)
	default:
		said = "an earlier run was interrupted in the write of " + j.names(t) + ", and some of these files were changed since; they stay as they are: compare them with the last commit"
	}
	if err != nil {
		return "", err
	}
	if err := t.syncDirs(j); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", err
	}
	return said, t.clean(j)
}

func (j *journal) names(t *Tree) string {
	var names []string
	for _, e := range j.Files {
		names = append(names, t.full(e.Name))
	}
	return strings.Join(names, ", ")
}

// A state says how far one file of a journal has come.
type state struct {
	entry  *entry
	isOld  bool // it is as it was
	isNew  bool // it is as it was to become
	hasNew bool // its new content stands beside it, whole
	hasOld bool // so does its old one
}

func (s state) begun() bool     { return !s.isOld && !s.hasNew } // somebody may have changed it since
func (s state) open() bool      { return s.isOld || s.hasNew || s.hasOld }
func (s state) canFinish() bool { return s.isNew || s.isOld && s.hasNew }
func (s state) canUndo() bool   { return s.isOld || s.isNew && (s.hasOld || s.entry.Before == "") }

func (t *Tree) state(e *entry) (state, error) {
	s := state{entry: e}
	now, err := t.hashOf(e.Name)
	if err != nil {
		return s, err
	}
	s.isOld, s.isNew = now == e.Before, now == e.After
	inNew, err := t.hashOf(e.New)
	if err != nil {
		return s, err
	}
	inOld, err := t.hashOf(e.Old)
	if err != nil {
		return s, err
	}
	s.hasNew, s.hasOld = inNew == e.After, inOld == e.Before && inOld != ""
	return s, nil
}

// hashOf returns the hash of a file's content, "" where there is no file.
// What is no regular file, such as a pipe, has been put there by somebody
// else, and is not opened.
func (t *Tree) hashOf(name string) (string, error) {
	info, err := t.fsys.Lstat(name)
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	if !info.Mode().IsRegular() {
		return "not a file", nil
	}
	content, err := t.fsys.ReadFile(name)
	if err != nil {
		return "", err
	}
	return hash(content), nil
}

// finish replaces what has not been replaced.
func (t *Tree) finish(j *journal, states []state) error {
	for _, s := range states {
		if s.isNew {
			continue
		}
		if err := t.fsys.Rename(s.entry.New, s.entry.Name); err != nil {
			return err
		}
	}
	j.Dirs = nil // they stay
	return nil
}

// undo puts back what has been replaced.
func (t *Tree) undo(j *journal, states []state) error {
	for _, s := range states {
		if s.isOld {
			continue
		}
		if err := t.restore(s.entry); err != nil {
			return err
		}
	}
	return nil
}

func all(states []state, is func(state) bool) bool {
	for _, s := range states {
		if !is(s) {
			return false
		}
	}
	return true
}

func none(states []state, is func(state) bool) bool {
	return all(states, func(s state) bool { return !is(s) })
}
