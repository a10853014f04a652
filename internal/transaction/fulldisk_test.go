package transaction

import (
	"bytes"
	"errors"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
)

// TestFullDisk has a real disk be full at each possible point: new contents of
// more and more kilobytes on a file system that holds a few. Where they do not
// fit, all is as it was.
func TestFullDisk(t *testing.T) {
	dir := t.TempDir()
	if out, err := exec.Command("mount", "-t", "tmpfs", "-o", "size=64k", "singletonfix-test", dir).CombinedOutput(); err != nil {
		t.Skipf("no file system of its own for this test: %v %s", err, out)
	}
	t.Cleanup(func() {
		if out, err := exec.Command("umount", dir).CombinedOutput(); err != nil {
			t.Errorf("umount: %v %s", err, out)
		}
	})
	var files []File
	for _, name := range []string{"a.go", "b.go", "c.go"} {
		put(t, filepath.Join(dir, name), "old "+name)
		files = append(files, File{Name: filepath.Join(dir, name), Before: []byte("old " + name)})
	}
	before := contents(t, dir)
	full := 0
	for size := 1 << 10; size < 64<<10; size += 1 << 10 {
		for i := range files {
			files[i].After = bytes.Repeat([]byte{'x'}, size)
		}
		tree := enter(t, dir)
		err := tree.Replace(t.Context(), files)
		tree.Leave()
		if err != nil {
			full++
			if !errors.Is(err, syscall.ENOSPC) {
				t.Errorf("%d bytes: %v, want that there is no space", size, err)
			}
			if got := contents(t, dir); got != before {
				t.Fatalf("%d bytes did not fit, and the folder now holds %d, not %d bytes", size, len(got), len(before))
			}
			continue
		}
		for i := range files {
			files[i].Before = files[i].After
		}
		before = contents(t, dir)
	}
	if full == 0 || full == 63 {
		t.Errorf("%d of 63 writes met a full disk: nothing was tested", full)
	}
	t.Logf("%d of 63 writes met a full disk", full)
}
