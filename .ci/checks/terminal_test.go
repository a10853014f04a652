package checks

import (
	"bytes"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/creack/pty"
)

// A terminal is a pseudo-terminal with the tool in it.
type terminal struct {
	t   *testing.T
	cmd *exec.Cmd
	pty *os.File

	mu  sync.Mutex
	out bytes.Buffer
}

// inTerminal starts the tool in dir as somebody at a terminal does.
func inTerminal(t *testing.T, dir string, env []string, args ...string) *terminal {
	t.Helper()
	return start(t, dir, exec.Command(tool, args...), env)
}

// start starts cmd in a terminal.
func start(t *testing.T, dir string, cmd *exec.Cmd, env []string) *terminal {
	t.Helper()
	cmd.Dir = dir
	cmd.Env = append(append(os.Environ(), "TERM=xterm-256color", "NO_COLOR=", "GIT_PAGER=cat"), env...)
	f, err := pty.StartWithSize(cmd, &pty.Winsize{Rows: 40, Cols: 100})
	if err != nil {
		t.Fatal(err)
	}
	x := &terminal{t: t, cmd: cmd, pty: f}
	t.Cleanup(func() { f.Close() })
	go io.Copy(x, f) // ends with the terminal
	return x
}

func (x *terminal) Write(p []byte) (int, error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.out.Write(p)
}

func (x *terminal) shown() string {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.out.String()
}

// wait waits until the terminal has shown text, and forgets what came before.
func (x *terminal) wait(text string) {
	x.t.Helper()
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		x.mu.Lock()
		i := strings.Index(x.out.String(), text)
		if i >= 0 {
			x.out.Next(i + len(text))
		}
		x.mu.Unlock()
		if i >= 0 {
			return
		}
	}
	x.t.Fatalf("the terminal does not show %q; it shows\n%s", text, x.shown())
}

func (x *terminal) say(line string) {
	x.t.Helper()
	x.typed(line + "\n")
}

// typed presses keys.
func (x *terminal) typed(keys string) {
	x.t.Helper()
	if _, err := io.WriteString(x.pty, keys); err != nil {
		x.t.Fatal(err)
	}
}

// end waits for the tool, and returns its exit status and what it still said.
func (x *terminal) end() (int, string) {
	x.t.Helper()
	done := make(chan error, 1)
	go func() { done <- x.cmd.Wait() }()
	select {
	case <-done:
	case <-time.After(time.Minute):
		x.cmd.Process.Kill()
		x.t.Fatalf("the tool does not end; the terminal shows\n%s", x.shown())
	}
	time.Sleep(50 * time.Millisecond) // what it wrote last is still on its way
	return x.cmd.ProcessState.ExitCode(), x.shown()
}

const prompt = " Apply this fix [y,n,a,q,d,e,v,?]? "

// TestInteractive answers as somebody at a terminal does.
func TestInteractive(t *testing.T) {
	dir := shop(t)
	x := inTerminal(t, dir, nil, "-i")
	x.wait("\x1b[1mshared\x1b[m") // in colour
	x.wait("(1/4)" + prompt)
	x.say("?")
	x.wait("v - prove it now")
	x.wait(prompt)
	x.say("n")
	x.wait("(2/4)" + prompt)
	x.say("v")
	x.wait("Proof: race before: yes")
	x.wait("after: no")
	x.wait("(2/4)" + prompt)
	x.say("e")
	x.wait("Strategy (")
	x.say("mutex")
	x.wait("instanceMu.Lock()")
	x.wait("(2/4)" + prompt)
	x.say("y")
	x.wait("(3/4)" + prompt)
	x.say("d")
	x.wait("Why not? ")
	x.say("the rates are read before the first request")
	x.wait("(4/4)" + prompt)
	x.say("q")
	x.wait("instance is fixed: mutex")
	if status, out := x.end(); status != 1 {
		t.Errorf("exit status %d, want 1: two are left\n%s", status, out)
	}
	got := read(t, filepath.Join(dir, "config/config.go"))
	for _, want := range []string{
		"instanceMu.Lock()",
		"//\n//singletonfix:ignore nil-check // the rates are read before the first request\nvar rates",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("the file has no %q:\n%s", want, got)
		}
	}
	if strings.Contains(read(t, filepath.Join(dir, "cache/cache.go")), "atomic") {
		t.Error("what was not accepted is fixed")
	}
}

// TestInteractiveAll accepts all, the first with a strategy of its own, and
// ends the questions of another run with Control-D.
func TestInteractiveAll(t *testing.T) {
	dir := shop(t)
	x := inTerminal(t, dir, nil, "-i")
	x.wait("(1/4)" + prompt)
	x.typed("\x04")
	if status, out := x.end(); status != 1 || !strings.Contains(out, "Nothing was changed.") {
		t.Errorf("exit status %d after Control-D, want 1; the terminal shows\n%s", status, out)
	}
	x = inTerminal(t, dir, nil, "-i")
	x.wait("(1/4)" + prompt)
	x.say("e")
	x.wait("Strategy (once, oncevalue, doublecheck, mutex, manager)? ")
	x.say("once")
	x.wait("no fix")
	x.wait("(1/4)" + prompt)
	x.say("e")
	x.wait("Strategy (")
	x.say("manager")
	x.wait("uses example.com/bookshop/internal/lazy")
	x.wait("(1/4)" + prompt)
	x.say("a")
	x.wait("shared is fixed: manager")
	x.wait("instance is fixed: once")
	if status, out := x.end(); status != 0 {
		t.Errorf("exit status %d, want 0: nothing is left\n%s", status, out)
	}
	must(t, dir, "go vet ./... && go test ./internal/lazy")
}

// TestInterrupt presses Control-C at the question.
func TestInterrupt(t *testing.T) {
	dir := shop(t)
	x := inTerminal(t, dir, nil, "-i")
	x.wait("(1/4)" + prompt)
	x.say("y")
	x.wait("(2/4)" + prompt)
	x.typed("\x03")
	if status, out := x.end(); status != 2 || !strings.Contains(out, "interrupted; nothing was changed") {
		t.Errorf("exit status %d, want 2; the terminal shows\n%s", status, out)
	}
	if strings.Contains(read(t, filepath.Join(dir, "cache/cache.go")), "atomic") {
		t.Error("something was written")
	}
}

// TestPager has a diff and an audit go through the pager that git would use,
// and a report not.
func TestPager(t *testing.T) {
	dir := shop(t)
	env := []string{"GIT_PAGER=sed s/^/paged:/"}
	for _, args := range [][]string{{"-d"}, {"--audit"}, {"--explain", "nil-check"}} {
		if _, out := inTerminal(t, dir, env, args...).end(); !strings.Contains(out, "paged:") {
			t.Errorf("%q goes through no pager:\n%s", args, out)
		}
	}
	for _, args := range [][]string{{}, {"-d", "--quiet"}, {"-l"}} {
		if _, out := inTerminal(t, dir, env, args...).end(); strings.Contains(out, "paged:") {
			t.Errorf("%q goes through a pager", args)
		}
	}
}

// TestPagerOfTheFolder holds that a pager that came with the code is not run.
func TestPagerOfTheFolder(t *testing.T) {
	dir := shop(t)
	must(t, dir, "git init -q && git config core.pager 'touch pwned; cat'")
	cmd := exec.Command("env", "-u", "GIT_PAGER", tool, "-d")
	if _, out := start(t, dir, cmd, []string{"PAGER=sed s/^/paged:/", "GIT_CONFIG_GLOBAL=/dev/null"}).end(); !strings.Contains(out, "paged:") {
		t.Errorf("the diff does not go through the user's pager:\n%s", out)
	}
	if _, err := os.Stat(filepath.Join(dir, "pwned")); err == nil {
		t.Error("the diff goes through the pager of the folder")
	}
}

// TestColor looks for the words that changed in a diff, standing out.
func TestColor(t *testing.T) {
	_, out := inTerminal(t, shop(t), nil, "-d").end()
	for _, want := range []string{
		"\x1b[36m# cache/cache.go:12:5: shared (filled by Get) is unsafe",
		"\x1b[31m-var shared \x1b[7m*\x1b[27mCache\x1b[m",
		"\x1b[32m+var shared \x1b[7matomic.Pointer[\x1b[27mCache\x1b[7m]\x1b[27m\x1b[m",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("the diff has no %q:\n%q", want, out)
		}
	}
	if _, out := inTerminal(t, shop(t), []string{"NO_COLOR=1"}, "-d").end(); strings.Contains(out, "\x1b[") {
		t.Error("NO_COLOR is not honoured")
	}
}

// TestProgress holds that a run of over a second says what it does, and takes
// that away again; the proofs of a module take longer.
func TestProgress(t *testing.T) {
	_, out := inTerminal(t, shop(t), nil, "--verify", "-d", "./config").end()
	line := strings.Index(out, "\r\x1b[K")
	if line < 0 || strings.LastIndex(out, "\r\x1b[K") == line {
		t.Fatalf("the terminal shows no line that comes and goes:\n%q", out)
	}
	if after := out[strings.LastIndex(out, "\r\x1b[K"):]; !strings.Contains(after, "+++ b/config/config.go") {
		t.Errorf("after the last line comes %q, want the diff", after)
	}
}
