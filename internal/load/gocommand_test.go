package load

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"golang.org/x/tools/go/packages"
)

// TestWatchMemory holds that what is kept counts, and garbage does not.
func TestWatchMemory(t *testing.T) {
	const most = 64 << 20
	ctx, cancel := context.WithCancelCause(t.Context())
	defer cancel(nil)
	go watchMemory(ctx, cancel, most)
	for range 5 {
		runtime.KeepAlive(make([]byte, most))
		time.Sleep(20 * time.Millisecond)
	}
	if err := context.Cause(ctx); err != nil {
		t.Errorf("stopped for garbage: %v", err)
	}
	kept := make([]byte, 10*most)
	select {
	case <-ctx.Done():
	case <-time.After(10 * time.Second):
		t.Error("not stopped")
	}
	runtime.KeepAlive(kept)
	if err := context.Cause(ctx); !errors.Is(err, errSaysTooMuch) {
		t.Errorf("stopped with %v, want %v", err, errSaysTooMuch)
	}
}

// TestEndlessGo asks a go command that prints without end.
func TestEndlessGo(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("needs a shell script")
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "go"), []byte("#!/bin/sh\nwhile :; do head -c 1000000 /dev/zero; sleep 0.01; done\n"), 0o777); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir+string(filepath.ListSeparator)+os.Getenv("PATH"))
	_, _, err := askGo(&packages.Config{Mode: packages.NeedName | packages.NeedExportFile, Dir: dir}, []string{"fmt"}, 16<<20)
	if err == nil || !strings.Contains(err.Error(), "without end") {
		t.Errorf("askGo = %v, want that the command prints without end", err)
	}
}

// TestInterruptedGo ends a go command that does not end by itself.
func TestInterruptedGo(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("needs a shell script")
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "go"), []byte("#!/bin/sh\ntouch asked\nexec sleep 600\n"), 0o777); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir+string(filepath.ListSeparator)+os.Getenv("PATH"))
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		for !isFile(filepath.Join(dir, "asked")) {
			time.Sleep(time.Millisecond)
		}
		cancel()
	}()
	start := time.Now()
	_, _, err := askGo(&packages.Config{Mode: packages.NeedName, Dir: dir, Context: ctx}, []string{"fmt"}, mostSaid)
	if !errors.Is(err, context.Canceled) || time.Since(start) > time.Minute {
		t.Errorf("askGo = %v after %v, want that it is cancelled at once", err, time.Since(start))
	}
}
