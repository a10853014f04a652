package cli

import (
	"bytes"
	"context"
	_ "embed"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"

	"golang.org/x/tools/txtar"
)

//go:embed demo.txtar
var demoModule []byte

// demo writes the demo module to a new folder, shows there what the tool
// does, and says what to type next. The folder stays, to be played with. The
// exit status is about the demo, not about what is wrong with its module.
func (c *command) demo(ctx context.Context, stdout io.Writer) (int, error) {
	dir, err := unpackDemo()
	if err != nil {
		return exitFailed, fmt.Errorf("unpack the demo: %w", err)
	}
	var out bytes.Buffer
	fmt.Fprintf(&out, "A module with five singletons, four of them unsafe, is now in\n%s\n", dir)
	for _, m := range []mode{modeReport, modeDiff} {
		step := &command{mode: m, format: "text", output: "-", color: "never", run: c.run}
		if c.colored(stdout) {
			step.color = "always"
		}
		step.run.Dir, step.run.Patterns = dir, []string{"./..."}
		step.run.Fix = m == modeDiff
		fmt.Fprintf(&out, "\n$ singletonfix%s\n", map[mode]string{modeDiff: " -d"}[m])
		if status, err := step.look(ctx, &out, &out); err != nil || status == exitFailed {
			print(stdout, out.String())
			return exitFailed, err
		}
	}
	fmt.Fprintf(&out, `
Next, apply the fixes. The tests fail under the race detector before, and pass after:

    (cd %[1]s && go test -race ./...)
    %[2]s -C %[1]s -w
    (cd %[1]s && go test -race ./...)
`, dir, self())
	return exitClean, print(stdout, out.String())
}

// unpackDemo writes the demo module to a new temporary folder.
func unpackDemo() (dir string, err error) {
	dir, err = os.MkdirTemp("", "singletonfix-demo-")
	if err != nil {
		return "", err
	}
	for _, f := range txtar.Parse(demoModule).Files {
		name := filepath.Join(dir, filepath.FromSlash(f.Name))
		if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
			return "", err
		}
		if err := os.WriteFile(name, f.Data, 0o666); err != nil {
			return "", err
		}
	}
	return dir, nil
}

// self returns the command that starts this program again. The binary of
// `go run` is gone once it ends, so then it is go run, as it was.
func self() string {
	exe, err := os.Executable()
	if err != nil {
		return "singletonfix"
	}
	if !strings.Contains(filepath.ToSlash(exe), "/go-build") {
		return exe
	}
	info, ok := debug.ReadBuildInfo()
	if ok && info.Main.Sum != "" {
		return "go run " + info.Path + "@" + info.Main.Version
	}
	return "go run ./cmd/singletonfix"
}
