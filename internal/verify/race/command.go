package race

import (
	"bytes"
	"context"
	"os/exec"
	"time"
)

// command runs a program and returns what it printed. When ctx ends, the
// program goes with all that it started.
func command(ctx context.Context, dir string, env []string, name string, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir, cmd.Env = dir, env
	out := &limited{most: 4 << 20}
	cmd.Stdout, cmd.Stderr = out, out
	cmd.WaitDelay = 2 * time.Second // for a grandchild that keeps the pipe open
	inGroup(cmd)
	err := cmd.Run()
	endGroup(cmd) // what is left of it
	return out.Bytes(), err
}

// limited keeps the first bytes that are written to it, and the last: a test
// that prints without end must not fill the memory.
type limited struct {
	bytes.Buffer
	most int
}

func (l *limited) Write(p []byte) (int, error) {
	if room := l.most - l.Len(); room > 0 {
		l.Buffer.Write(p[:min(room, len(p))])
	}
	return len(p), nil
}
