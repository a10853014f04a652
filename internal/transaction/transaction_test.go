package transaction

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// newModule writes names, each holding "old NAME", to a new module, and returns
// its folder and what replaces each file by one that holds "new NAME".
func newModule(t *testing.T, names ...string) (string, []File) {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	put(t, filepath.Join(dir, "go.mod"), "module p\n")
	var files []File
	for _, name := range names {
		full := filepath.Join(dir, filepath.FromSlash(name))
		put(t, full, "old "+name)
		files = append(files, File{Name: full, Before: []byte("old " + name), After: []byte("new " + name)})
	}
	return dir, files
}

// added returns a file that is not there yet.
func added(dir, name string) File {
	return File{Name: filepath.Join(dir, filepath.FromSlash(name)), After: []byte("new " + name)}
}

func put(t *testing.T, name, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

// contents returns what dir holds beside go.mod, as NAME=CONTENT, folders
// that hold nothing as NAME/.
func contents(t *testing.T, dir string) string {
	t.Helper()
	var got []string
	err := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil || name == dir || d.Name() == "go.mod" {
			return err
		}
		rel, _ := filepath.Rel(dir, name)
		if d.IsDir() {
			entries, err := os.ReadDir(name)
			if len(entries) == 0 {
				got = append(got, filepath.ToSlash(rel)+"/")
			}
			return err
		}
		content, err := os.ReadFile(name)
		got = append(got, filepath.ToSlash(rel)+"="+string(content))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(got)
	return strings.Join(got, "; ")
}

func want(t *testing.T, dir string, files ...string) {
	t.Helper()
	if got, want := contents(t, dir), strings.Join(files, "; "); got != want {
		t.Errorf("the folder holds %s; want %s", got, want)
	}
}

// enter is Enter, to write, without waiting for the disk each time.
func enter(t *testing.T, dir string) *Tree {
	t.Helper()
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	tree := &Tree{root: dir, dir: root, fsys: &faulty{filesystem: disk{root}, at: never}, lock: newLock(dir)}
	t.Cleanup(tree.Leave)
	if err := tree.enter(t.Context(), true, func() {}); err != nil {
		t.Fatal(err)
	}
	return tree
}

func TestReplace(t *testing.T) {
	dir, files := newModule(t, "a.go", "sub/b.go")
	files = append(files, added(dir, "new.go"), added(dir, "internal/lazy/lazy.go"))
	if err := enter(t, dir).Replace(t.Context(), files); err != nil {
		t.Fatal(err)
	}
	want(t, dir, "a.go=new a.go", "internal/lazy/lazy.go=new internal/lazy/lazy.go", "new.go=new new.go", "sub/b.go=new sub/b.go")
}

func TestReplaceKeepsTheMode(t *testing.T) {
	dir, files := newModule(t, "a.go")
	if err := os.Chmod(files[0].Name, 0o640); err != nil {
		t.Fatal(err)
	}
	if err := enter(t, dir).Replace(t.Context(), files); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(files[0].Name)
	if err != nil || info.Mode() != 0o640 {
		t.Errorf("the mode is %v, %v; want 0640", info.Mode(), err)
	}
}

func TestReplaceKeepsTheOwner(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("only root gives files away")
	}
	dir, files := newModule(t, "a.go")
	if err := os.Chown(files[0].Name, 12, 34); err != nil {
		t.Fatal(err)
	}
	if err := enter(t, dir).Replace(t.Context(), files); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(files[0].Name)
	if err != nil {
		t.Fatal(err)
	}
	if uid, gid := ownerOf(info); uid != 12 || gid != 34 {
		t.Errorf("the owner is %d:%d, want 12:34", uid, gid)
	}
}

// TestReplaceNothing has one file of a set in the way of the others.
func TestReplaceNothing(t *testing.T) {
	remove := func(t *testing.T, name string) {
		if err := os.Remove(name); err != nil {
			t.Fatal(err)
		}
	}
	tests := []struct {
		name  string
		spoil func(t *testing.T, name string)
		says  string
		left  string
	}{
		{
			name:  "changed since it was read",
			spoil: func(t *testing.T, name string) { put(t, name, "newer") },
			says:  "has changed since it was read; run again",
			left:  "b.go=newer",
		},
		{
			name: "read-only",
			spoil: func(t *testing.T, name string) {
				if err := os.Chmod(name, 0o444); err != nil {
					t.Fatal(err)
				}
			},
			says: "is read-only",
			left: "b.go=old b.go",
		},
		{name: "gone", spoil: remove, says: "no such file"},
		{
			name: "a folder by now",
			spoil: func(t *testing.T, name string) {
				remove(t, name)
				if err := os.Mkdir(name, 0o755); err != nil {
					t.Fatal(err)
				}
			},
			says: "is not a regular file",
			left: "b.go/",
		},
		{
			name: "a link out of the module",
			spoil: func(t *testing.T, name string) {
				remove(t, name)
				outside := filepath.Join(t.TempDir(), "b.go")
				put(t, outside, "old b.go")
				if err := os.Symlink(outside, name); err != nil {
					t.Skip("no symbolic links here")
				}
			},
			says: "outside its module; fix it there",
			left: "b.go=old b.go",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir, files := newModule(t, "a.go", "b.go")
			tt.spoil(t, files[1].Name)
			err := enter(t, dir).Replace(t.Context(), files)
			if err == nil || !strings.Contains(err.Error(), tt.says) {
				t.Errorf("Replace: error %v, want one that says %q", err, tt.says)
			}
			left := []string{"a.go=old a.go"}
			if tt.left != "" {
				left = append(left, tt.left)
			}
			want(t, dir, left...)
		})
	}
}

func TestReplaceNewFileThatIsThere(t *testing.T) {
	dir, files := newModule(t, "a.go", "b.go")
	files[1].Before = nil
	err := enter(t, dir).Replace(t.Context(), files)
	if err == nil || !strings.Contains(err.Error(), "would be a new file, but is there") {
		t.Errorf("Replace: error %v, want one that says that the file is there", err)
	}
	want(t, dir, "a.go=old a.go", "b.go=old b.go")
}

// TestReplaceNewFileThroughALink holds that a linked folder leads no new file
// out of the module.
func TestReplaceNewFileThroughALink(t *testing.T) {
	dir, _ := newModule(t)
	outside := t.TempDir()
	if err := os.Symlink(outside, filepath.Join(dir, "internal")); err != nil {
		t.Skip("no symbolic links here")
	}
	err := enter(t, dir).Replace(t.Context(), []File{added(dir, "internal/lazy/lazy.go")})
	if err == nil || !strings.Contains(err.Error(), "outside its module") {
		t.Errorf("Replace: error %v, want one that says that the file is outside", err)
	}
	want(t, outside)
}

func TestReplaceFollowsLinksWithinTheModule(t *testing.T) {
	dir, files := newModule(t, "a.go")
	link := filepath.Join(dir, "link.go")
	if err := os.Symlink("a.go", link); err != nil {
		t.Skip("no symbolic links here")
	}
	files[0].Name = link
	if err := enter(t, dir).Replace(t.Context(), files); err != nil {
		t.Fatal(err)
	}
	if to, err := os.Readlink(link); err != nil || to != "a.go" {
		t.Errorf("the link leads to %q, %v; want a.go", to, err)
	}
	want(t, dir, "a.go=new a.go", "link.go=new a.go")
}

// What a set of files may come to, whatever happens.
const (
	allOld = "a.go=old a.go; b/b.go=old b/b.go; c.go=old c.go"
	allNew = "a.go=new a.go; b/b.go=new b/b.go; c.go=new c.go; internal/lazy/lazy.go=new internal/lazy/lazy.go"
)

func threeAndOne(t *testing.T) (string, []File) {
	dir, files := newModule(t, "a.go", "b/b.go", "c.go")
	if err := os.Chmod(files[0].Name, 0o640); err != nil {
		t.Fatal(err)
	}
	return dir, append(files, added(dir, "internal/lazy/lazy.go"))
}

// TestEveryFault has every operation of a transaction fail in turn, once, or
// with all after it; and the process killed in place of every operation and in
// the middle of it. Whoever comes next must find all old or all new, and
// nothing else.
func TestEveryFault(t *testing.T) {
	for kind, name := range map[faultKind]string{failOnce: "fail once", failOn: "fail on", killInstead: "kill instead", killHalfway: "kill halfway"} {
		t.Run(name, func(t *testing.T) {
			ends := map[string]int{}
			for at := 0; ; at++ {
				dir, files := threeAndOne(t)
				tree := enter(t, dir)
				f := &faulty{filesystem: disk{tree.dir}, at: at, kind: kind}
				tree.fsys = f
				err := replaceOrDie(tree, files)
				tree.Leave()
				if f.done <= at {
					break // nothing was left to fail
				}
				ends[checkFault(t, fmt.Sprintf("operation %d", at), dir, err)]++
			}
			t.Logf("%v", ends)
			if len(ends) < 2 {
				t.Errorf("all faults came to the same end, %v: not much was tested", ends)
			}
		})
	}
}

// checkFault looks at dir after an attempt that ended with err, itself and
// once somebody else has entered it, and returns how it went.
func checkFault(t *testing.T, what, dir string, err error) string {
	t.Helper()
	before := contents(t, dir)
	enter(t, dir).Leave()
	after := contents(t, dir)
	switch {
	case after != allOld && after != allNew:
		t.Errorf("%s: Replace: %v; the folder then holds %s, which is neither all old nor all new", what, err, after)
	case err == nil && after != allNew:
		t.Errorf("%s: Replace: no error, but the folder holds %s", what, after)
	case err != nil && !errors.Is(err, ErrUnfinished) && !errors.Is(err, errKilled) && after != allOld:
		t.Errorf("%s: Replace: %v; but the folder holds %s", what, err, after)
	case before == after:
		return "at once " + after[len("a.go="):][:3]
	}
	return "then " + after[len("a.go="):][:3]
}

// replaceOrDie is Replace with a kill as an error.
func replaceOrDie(tree *Tree, files []File) (err error) {
	defer func() {
		if p := recover(); p == errKilled {
			err = errKilled
		} else if p != nil {
			panic(p)
		}
	}()
	return tree.Replace(context.Background(), files)
}

// TestKilledWhileRecovering has the second process killed too, at every
// operation of what it does about every point at which the first was killed.
func TestKilledWhileRecovering(t *testing.T) {
	if testing.Short() {
		t.Skip("some thousand transactions")
	}
	for first, over := 0, false; !over; first++ {
		for second := 0; ; second++ {
			dir, files := threeAndOne(t)
			tree := enter(t, dir)
			f := &faulty{filesystem: disk{tree.dir}, at: first, kind: killHalfway}
			tree.fsys = f
			replaceOrDie(tree, files)
			over = f.done <= first

			g := &faulty{filesystem: disk{tree.dir}, at: second, kind: killHalfway}
			tree.fsys = g
			recoverOrDie(tree)
			tree.Leave()
			if over || g.done <= second {
				break
			}
			checkFault(t, fmt.Sprintf("operations %d, %d", first, second), dir, errKilled)
		}
	}
}

func recoverOrDie(tree *Tree) {
	defer func() {
		if p := recover(); p != nil && p != errKilled {
			panic(p)
		}
	}()
	if tree.hasLeftovers() {
		tree.recover()
	}
}

// TestPutBackIsKilled has a rename fail, and the process killed while it puts
// back what it had replaced.
func TestPutBackIsKilled(t *testing.T) {
	for at := 0; ; at++ {
		dir, files := threeAndOne(t)
		tree := enter(t, dir)
		f := &faulty{filesystem: &lastRenameFails{disk{tree.dir}}, at: at, kind: killHalfway}
		tree.fsys = f
		err := replaceOrDie(tree, files)
		tree.Leave()
		if f.done <= at {
			break
		}
		checkFault(t, fmt.Sprintf("operation %d", at), dir, err)
	}
}

// lastRenameFails cannot put the new file of threeAndOne in place.
type lastRenameFails struct{ filesystem }

func (f *lastRenameFails) Rename(from, to string) error {
	if filepath.Base(to) == "lazy.go" {
		return errFault
	}
	return f.filesystem.Rename(from, to)
}

// TestChangedSinceTheKill holds that nobody's later work is overwritten.
func TestChangedSinceTheKill(t *testing.T) {
	dir, files := newModule(t, "a.go", "b.go")
	tree := enter(t, dir)
	tree.fsys = &killedAtRename{filesystem: tree.fsys, of: "b.go"}
	if err := replaceOrDie(tree, files); !errors.Is(err, errKilled) {
		t.Fatalf("Replace: %v, want a kill", err)
	}
	tree.Leave()
	put(t, filepath.Join(dir, "a.go"), "mine")

	next := enter(t, dir)
	if said := strings.Join(next.Said, "; "); !strings.Contains(said, "changed since") {
		t.Errorf("entering says %q, want that files were changed since", said)
	}
	want(t, dir, "a.go=mine", "b.go=old b.go")
}

type killedAtRename struct {
	filesystem
	of string
}

func (f *killedAtRename) Rename(from, to string) error {
	if filepath.Base(to) == f.of {
		panic(errKilled)
	}
	return f.filesystem.Rename(from, to)
}

func TestFinishIsSaid(t *testing.T) {
	dir, files := newModule(t, "a.go", "b.go")
	tree := enter(t, dir)
	tree.fsys = &killedAtRename{filesystem: tree.fsys, of: "b.go"}
	replaceOrDie(tree, files)
	tree.Leave()
	next := enter(t, dir)
	if said := strings.Join(next.Said, "; "); !strings.HasPrefix(said, "finished the write of ") {
		t.Errorf("entering says %q, want that a write was finished", said)
	}
	want(t, dir, "a.go=new a.go", "b.go=new b.go")
}

// TestForgedJournal holds that a journal that came with a module leads nowhere.
func TestForgedJournal(t *testing.T) {
	sum := hash([]byte("evil"))
	tests := []struct{ name, journal, says string }{
		{"not a journal", "evil", "invalid character"},
		{"no entry", `{"version":1,"files":[null]}`, "does not say what"},
		{"another version", `{"version":2}`, "version 2"},
		{"out of the module", `{"version":1,"files":[{"name":"../a.go","after":"` + sum + `","new":"../.singletonfix-1","old":"../.singletonfix-2"}]}`, "no Go file of the module"},
		{"not a Go file", `{"version":1,"files":[{"name":".git/config","after":"` + sum + `","new":".git/.singletonfix-1","old":".git/.singletonfix-2"}]}`, "no Go file of the module"},
		{"a file of another's", `{"version":1,"files":[{"name":"a.go","after":"` + sum + `","new":"b.go","old":"c.go"}]}`, "no file of singletonfix"},
		{"a folder elsewhere", `{"version":1,"dirs":["../x"]}`, "no folder of the module"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir, _ := newModule(t, "a.go", "b.go")
			put(t, filepath.Join(dir, journalName), tt.journal)
			tree, err := Enter(t.Context(), dir, true, func() {})
			if err == nil {
				tree.Leave()
			}
			if err == nil || !strings.Contains(err.Error(), tt.says) || !strings.Contains(err.Error(), "remove the journal") {
				t.Errorf("Enter: error %v, want one that says %q, and what to do", err, tt.says)
			}
			want(t, dir, journalName+"="+tt.journal, "a.go=old a.go", "b.go=old b.go")
		})
	}
}

// TestForgedJournalThroughALink has a folder of the module lead out of it.
func TestForgedJournalThroughALink(t *testing.T) {
	dir, _ := newModule(t)
	outside := t.TempDir()
	put(t, filepath.Join(outside, "a.go"), "old")
	put(t, filepath.Join(outside, ".singletonfix-1"), "evil")
	if err := os.Symlink(outside, filepath.Join(dir, "x")); err != nil {
		t.Skip("no symbolic links here")
	}
	put(t, filepath.Join(dir, journalName), `{"version":1,"files":[{"name":"x/a.go","before":"`+hash([]byte("old"))+`","after":"`+hash([]byte("evil"))+`","new":"x/.singletonfix-1","old":"x/.singletonfix-2"}]}`)
	if tree, err := Enter(t.Context(), dir, true, func() {}); err == nil {
		tree.Leave()
		t.Error("Enter: no error, though the journal leads out of the module")
	}
	want(t, outside, ".singletonfix-1=evil", "a.go=old")
}

// TestOneWriter holds that a second process waits, for a writer and to write,
// and says so.
func TestOneWriter(t *testing.T) {
	for _, writes := range [][2]bool{{true, true}, {true, false}, {false, true}} {
		dir, _ := newModule(t)
		first, err := Enter(t.Context(), dir, writes[0], func() {})
		if err != nil {
			t.Fatal(err)
		}
		waits, entered := make(chan bool), make(chan error)
		go func() {
			second, err := Enter(t.Context(), dir, writes[1], func() { close(waits) })
			if err == nil {
				second.Leave()
			}
			entered <- err
		}()
		select {
		case <-waits:
		case <-entered:
			t.Fatalf("writing %v: the second did not wait", writes)
		}
		first.Leave()
		if err := <-entered; err != nil {
			t.Errorf("writing %v: %v", writes, err)
		}
	}
}

func TestManyReaders(t *testing.T) {
	dir, _ := newModule(t)
	for range 2 {
		tree, err := Enter(t.Context(), dir, false, func() { t.Error("a reader waits for a reader") })
		if err != nil {
			t.Fatal(err)
		}
		defer tree.Leave()
	}
}

func TestWaitingEndsWithTheRun(t *testing.T) {
	dir, _ := newModule(t)
	enter(t, dir)
	ctx, cancel := context.WithTimeout(t.Context(), 2*lockPoll+time.Millisecond)
	defer cancel()
	if _, err := Enter(ctx, dir, true, func() {}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Enter: error %v, want that of the context", err)
	}
}
