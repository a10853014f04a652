package checks

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// tool is the program under test.
var tool string

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "checks-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	tool = filepath.Join(dir, "singletonfix")
	build := exec.Command("go", "build", "-o", tool, "./cmd/singletonfix")
	build.Dir = filepath.Join("..", "..")
	if out, err := build.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "build singletonfix: %v\n%s", err, out)
		return 1
	}
	return m.Run()
}

// shop writes the module of the demo to a new folder.
func shop(t *testing.T) string {
	t.Helper()
	tmp := t.TempDir()
	cmd := exec.Command(tool, "--demo")
	cmd.Env = append(os.Environ(), "TMPDIR="+tmp)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("singletonfix --demo: %v\n%s", err, out)
	}
	dirs, err := filepath.Glob(filepath.Join(tmp, "singletonfix-demo-*"))
	if err != nil || len(dirs) != 1 {
		t.Fatalf("the demo left %v, %v; want one folder", dirs, err)
	}
	return dirs[0]
}

// output runs the tool in dir, and wants the exit status of what is unsafe.
func output(t *testing.T, dir string, args ...string) []byte {
	t.Helper()
	cmd := exec.Command(tool, args...)
	cmd.Dir = dir
	out, err := cmd.Output()
	if cmd.ProcessState.ExitCode() != 1 {
		t.Fatalf("singletonfix %q: %v, want exit status 1", args, err)
	}
	return out
}

func read(t *testing.T, name string) string {
	t.Helper()
	content, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}
