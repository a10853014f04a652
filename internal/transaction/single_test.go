package transaction

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestWriteFileEveryFault has each operation of a write fail, and dies in
// place of it and in the middle of it: the file is the old one or the new one.
func TestWriteFileEveryFault(t *testing.T) {
	for _, kind := range []faultKind{failOnce, failOn, killInstead, killHalfway} {
		for at := 0; ; at++ {
			dir := t.TempDir()
			name := filepath.Join(dir, "report.txt")
			put(t, name, "old")
			like, err := os.Stat(name)
			if err != nil {
				t.Fatal(err)
			}
			root, err := os.OpenRoot(dir)
			if err != nil {
				t.Fatal(err)
			}
			fsys := &faulty{filesystem: disk{root}, at: at, kind: kind}
			err = writeOrDie(fsys, like)
			root.Close()
			got, rerr := os.ReadFile(name)
			if rerr != nil || string(got) != "old" && string(got) != "new" || err == nil && string(got) != "new" {
				t.Errorf("kind %d, operation %d: the file holds %q, %v, after %v", kind, at, got, rerr, err)
			}
			if kind == failOnce && err != nil && strings.Contains(contents(t, dir), tempPrefix) {
				t.Errorf("operation %d fails with %v, and leaves %s", at, err, contents(t, dir))
			}
			if fsys.done <= at {
				break // all operations were tried
			}
		}
	}
}

func writeOrDie(fsys *faulty, like os.FileInfo) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = errKilled
		}
	}()
	return writeFile(fsys, "report.txt", []byte("new"), like)
}

func TestWriteFile(t *testing.T) {
	dir := t.TempDir()
	put(t, filepath.Join(dir, "there"), "old")
	if err := os.Chmod(filepath.Join(dir, "there"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"there", "new"} {
		if err := WriteFile(filepath.Join(dir, name), []byte("content")); err != nil {
			t.Errorf("WriteFile(%s) = %v", name, err)
		}
	}
	want(t, dir, "new=content", "there=content")
	if info, err := os.Stat(filepath.Join(dir, "there")); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file's mode is %v, %v; want that of the one before", info.Mode(), err)
	}
	if err := WriteFile(filepath.Join(dir, "no", "folder"), nil); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("WriteFile in a folder that is not there: %v", err)
	}
	if err := os.Chmod(filepath.Join(dir, "there"), 0o444); err != nil {
		t.Fatal(err)
	}
	if err := WriteFile(filepath.Join(dir, "there"), nil); err == nil || !strings.Contains(err.Error(), "read-only") {
		t.Errorf("WriteFile of a read-only file: %v", err)
	}
	want(t, dir, "new=content", "there=content")
}

// TestWriteFileSweeps holds that the drafts of runs that were killed go, and
// nothing else.
func TestWriteFileSweeps(t *testing.T) {
	dir := t.TempDir()
	long := time.Now().Add(-2 * stale)
	for _, name := range []string{".singletonfix-abcdefghij23.out", ".singletonfix-abcdefghij23.new", ".singletonfix-mine.out", "abcdefghij23.out"} {
		put(t, filepath.Join(dir, name), "old")
		if err := os.Chtimes(filepath.Join(dir, name), long, long); err != nil {
			t.Fatal(err)
		}
	}
	put(t, filepath.Join(dir, ".singletonfix-32jihgfedcba.out"), "being written")
	if err := WriteFile(filepath.Join(dir, "report"), []byte("content")); err != nil {
		t.Fatal(err)
	}
	want(t, dir, ".singletonfix-32jihgfedcba.out=being written", ".singletonfix-abcdefghij23.new=old", ".singletonfix-mine.out=old", "abcdefghij23.out=old", "report=content")
}
