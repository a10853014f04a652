package cli

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// FuzzFileLine holds that a file and its line are told from a package's
// pattern, and taken apart without loss.
func FuzzFileLine(f *testing.F) {
	for _, arg := range []string{"./...", "a.go", "a.go:12", "a.go:12:3", `C:\a.go:12`, "a.go:0", "a.go:x", "a.go:1:x", "x.go:y.go:7", "a.go:99999999999999999999"} {
		f.Add(arg)
	}
	f.Fuzz(func(t *testing.T, arg string) {
		file, line, ok := fileLine(arg)
		if !ok {
			return
		}
		if !strings.HasSuffix(file, ".go") || !strings.HasPrefix(arg, file) || line < 0 {
			t.Fatalf("fileLine(%q) = %q, %d", arg, file, line)
		}
		if line == 0 {
			return // the whole file
		}
		again, n, ok := fileLine(fmt.Sprintf("%s:%d", file, line))
		if again != file || n != line || !ok {
			t.Errorf("fileLine(%q) = %q, %d; and of these %q, %d, %v", arg, file, line, again, n, ok)
		}
	})
}

// FuzzParse holds that a command line that is understood says what to do.
func FuzzParse(f *testing.F) {
	for _, line := range []string{"-d ./...", "-w --strategy=once a.go:3", "--audit --format=json", "--pattern nil-check,flag-guard", "-C . --min-risk critical", "--explain=once", "-x", "--", "a.go ./...", "-h", "--version", "--completion bash", "--demo"} {
		f.Add(line)
	}
	f.Fuzz(func(t *testing.T, line string) {
		c, err := parse(strings.Fields(line))
		if err == nil && !slices.Contains([]mode{modeHelp, modeVersion, modeCompletion}, c.mode) && (len(c.run.Patterns) == 0 || c.run.Dir == "") {
			t.Errorf("parse(%q): no packages, or no folder: %+v", line, c)
		}
	})
}
