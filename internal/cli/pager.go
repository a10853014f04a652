package cli

import (
	"bytes"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// page writes what people read to stdout, through the pager that git would
// use where that is a terminal.
func (c *command) page(text []byte, stdout io.Writer) error {
	command := c.pager(stdout)
	if command == "" {
		_, err := stdout.Write(text)
		return err
	}
	cmd := exec.Command("sh", "-c", command)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = bytes.NewReader(text), stdout, os.Stderr
	cmd.Env = pagerEnv(os.Environ())
	if err := cmd.Start(); err != nil {
		_, err := stdout.Write(text)
		return err // no shell here
	}
	_ = cmd.Wait() // whoever quits it has seen enough
	return nil
}

// pager returns the command that shows what c prints, or "".
func (c *command) pager(stdout io.Writer) string {
	paged := c.mode == modeDiff || c.mode == modeAudit || c.mode == modeExplain
	if !paged || c.quiet || c.patchDir != "" || c.output != "-" || c.format != "text" || os.Getenv("TERM") == "dumb" || !isTerminal(stdout) {
		return ""
	}
	// From the root folder: what the configuration of the folder that is looked
	// at says came with the code, and is not run.
	cmd := exec.Command("git", "var", "GIT_PAGER")
	cmd.Dir = filepath.VolumeName(c.run.Dir) + string(filepath.Separator)
	out, err := cmd.Output()
	command := strings.TrimSpace(string(out))
	if err != nil {
		command = os.Getenv("PAGER")
	}
	if command == "cat" {
		return ""
	}
	return command
}

// pagerEnv has less leave the screen as it is, show colours, and quit where
// one screen is enough, unless the user wants it otherwise.
func pagerEnv(env []string) []string {
	for name, value := range map[string]string{"LESS": "FRX", "LV": "-c"} {
		if _, ok := os.LookupEnv(name); !ok {
			env = append(env, name+"="+value)
		}
	}
	return env
}
