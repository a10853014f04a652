package transaction

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path/filepath"
	"slices"
	"strings"
)

// The journal is one file in the root of a tree; while it is being written
// it is another. The go command looks at neither.
const (
	journalName    = ".singletonfix-journal"
	journalDraft   = ".singletonfix-journal.new"
	journalVersion = 1
	maxJournal     = 1 << 26
	tempPrefix     = ".singletonfix-"
)

// A journal says what is about to happen. It stands on the disk from before
// the first change to a tree until after the last.
type journal struct {
	Version int      `json:"version"`
	Files   []*entry `json:"files"`
	Dirs    []string `json:"dirs,omitempty"` // to be made, outer ones first
}

// An entry is a file to be replaced: names within the tree, and hashes.
type entry struct {
	Name   string `json:"name"`
	Before string `json:"before,omitempty"` // "" for a new file
	After  string `json:"after"`
	New    string `json:"new"` // holds the new content, until it is renamed
	Old    string `json:"old"` // holds the old content, while it is put back
}

func newEntry(name string, f File) *entry {
	temp := filepath.Join(filepath.Dir(name), tempName())
	e := &entry{Name: name, After: hash(f.After), New: temp + ".new", Old: temp + ".old"}
	if len(f.Before) > 0 {
		e.Before = hash(f.Before)
	}
	return e
}

// tempName returns a name that no file has, to go on behind a dot.
func tempName() string { return tempPrefix + strings.ToLower(rand.Text()[:12]) }

func hash(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])
}

// addDirs adds the folders that j's files need and that are not there.
func (t *Tree) addDirs(j *journal) error {
	missing := map[string]bool{}
	for _, e := range j.Files {
		for dir := filepath.Dir(e.Name); dir != "." && !missing[dir]; dir = filepath.Dir(dir) {
			info, err := t.fsys.Lstat(dir)
			if err == nil && !info.IsDir() {
				return fmt.Errorf("%s should be a folder, and is not", t.full(dir))
			}
			if err == nil {
				break
			}
			if !errors.Is(err, fs.ErrNotExist) {
				return err
			}
			missing[dir] = true
		}
	}
	j.Dirs = slices.Sorted(maps.Keys(missing)) // a folder sorts before what is in it
	return nil
}

func (t *Tree) makeDirs(j *journal) error {
	for _, dir := range j.Dirs {
		if err := t.fsys.Mkdir(dir); err != nil {
			return err
		}
	}
	return nil
}

// syncDirs waits until the disk knows what is in the folders of j's files.
func (t *Tree) syncDirs(j *journal) error {
	dirs := map[string]bool{}
	for _, e := range j.Files {
		dirs[filepath.Dir(e.Name)] = true
	}
	for _, dir := range j.Dirs {
		dirs[filepath.Dir(dir)] = true
	}
	for _, dir := range slices.Sorted(maps.Keys(dirs)) {
		if err := t.fsys.SyncDir(dir); err != nil {
			return err
		}
	}
	return nil
}

// begin writes the journal. After an error there is none.
func (t *Tree) begin(j *journal) error {
	content, err := json.MarshalIndent(j, "", "\t")
	if err != nil {
		return fmt.Errorf("encode the journal: %w", err)
	}
	err = t.store(journalDraft, append(content, '\n'), nil)
	if err == nil {
		err = t.fsys.Rename(journalDraft, journalName)
	}
	if err == nil {
		err = t.fsys.SyncDir(".")
	}
	if err != nil {
		t.fsys.Remove(journalDraft)
		t.fsys.Remove(journalName)
		return fmt.Errorf("write the journal %s: %w", t.full(journalName), err)
	}
	return nil
}

// clean removes what is left of a transaction, the journal last.
func (t *Tree) clean(j *journal) error {
	for _, e := range j.Files {
		for _, temp := range []string{e.New, e.Old} {
			if err := t.remove(temp); err != nil {
				return err
			}
		}
	}
	for _, dir := range slices.Backward(j.Dirs) {
		t.fsys.Remove(dir) // unless somebody has put something into it
	}
	return t.remove(journalName)
}

// remove removes a file, if it is there.
func (t *Tree) remove(name string) error {
	if err := t.fsys.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// readJournal returns the journal of the tree, nil where there is none. It may
// have come with the tree from anywhere, so what it names is checked.
func (t *Tree) readJournal() (*journal, error) {
	info, err := t.fsys.Lstat(journalName)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() || info.Size() > maxJournal {
		return nil, errors.New("it is not one")
	}
	content, err := t.fsys.ReadFile(journalName)
	if err != nil {
		return nil, err
	}
	j := &journal{}
	if err := json.Unmarshal(content, j); err != nil {
		return nil, err
	}
	if j.Version != journalVersion {
		return nil, fmt.Errorf("it is of version %d, and this singletonfix knows version %d; run the one that wrote it", j.Version, journalVersion)
	}
	return j, j.validate()
}

// validate returns an error unless all names are those that Replace gives.
func (j *journal) validate() error {
	for _, e := range j.Files {
		if e == nil || len(e.After) != len(hash(nil)) {
			return errors.New("it does not say what a file was to become")
		}
		for _, temp := range []string{e.New, e.Old} {
			if filepath.Dir(temp) != filepath.Dir(e.Name) || !strings.HasPrefix(filepath.Base(temp), tempPrefix) {
				return fmt.Errorf("%q is no file of singletonfix", temp)
			}
		}
		if !filepath.IsLocal(e.Name) || filepath.Ext(e.Name) != ".go" {
			return fmt.Errorf("%q is no Go file of the module", e.Name)
		}
	}
	for _, dir := range j.Dirs {
		if !filepath.IsLocal(dir) {
			return fmt.Errorf("%q is no folder of the module", dir)
		}
	}
	return nil
}
