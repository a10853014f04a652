package cli

import (
	"io"
	"os"
	"path/filepath"
	"runtime/debug"
)

// colored reports whether what goes to stdout is to be coloured.
func (c *command) colored(stdout io.Writer) bool {
	switch c.color {
	case "always":
		return true
	case "never":
		return false
	}
	return c.output == "-" && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb" && isTerminal(stdout)
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// inDir returns name relative to where -C says.
func (c *command) inDir(name string) string {
	if filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(c.run.Dir, name)
}

// version returns the version that the go command built.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "singletonfix, of unknown version"
	}
	return "singletonfix " + info.Main.Version + ", built with " + info.GoVersion
}

// usage returns the text of --help.
func usage(flags string) string {
	return `singletonfix finds the lazily initialised singletons of Go packages that are
unsafe for concurrent use, says why, and fixes them.

Usage:

    singletonfix [flags] [packages]

Packages are patterns as go list takes them (default ./...), Go files, or
FILE.go:LINE, which selects the singletons declared, read or written there.
Without a flag it reports; -d shows the fixes, -w applies them.

Flags:

` + flags + `
Exit status: 0, nothing unsafe is left; 1, something unsafe remains or would
change; 2, the run failed: a bad flag, a package that does not type-check, a
file that could not be written.

A comment //singletonfix:ignore [PATTERN[,PATTERN]] // reason, on the line of
the variable or of its function or on the line above, leaves a singleton out.
`
}
