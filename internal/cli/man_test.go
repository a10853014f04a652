package cli

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/pflag"
)

var update = flag.Bool("update", false, "rewrite docs/singletonfix.1")

const manFile = "../../docs/singletonfix.1"

// TestManPage holds the manual page against the flags.
func TestManPage(t *testing.T) {
	got := manPage((&command{}).flags(&raw{}))
	if *update {
		if err := os.WriteFile(manFile, []byte(got), 0o666); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(manFile)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")); diff != "" {
		t.Errorf("%s is out of date (-want +got); go test ./internal/cli -update writes it\n%s", manFile, diff)
	}
}

// TestChoices holds that each flag with choices is there.
func TestChoices(t *testing.T) {
	flags := (&command{}).flags(&raw{})
	for name := range choices() {
		if flags.Lookup(name) == nil {
			t.Errorf("there are choices for --%s, and no such flag", name)
		}
	}
}

// manPage returns the manual page, in the language of man.
func manPage(flags *pflag.FlagSet) string {
	var b strings.Builder
	b.WriteString(`.TH SINGLETONFIX 1 "" singletonfix
.SH NAME
singletonfix \- find and fix singletons that are unsafe for concurrent use
.SH SYNOPSIS
.B singletonfix
[\fIflags\fR] [\fIpackages\fR]
.SH DESCRIPTION
Finds the lazily initialised singletons of Go packages that are unsafe for
concurrent use, says why, and fixes them.
.PP
Packages are patterns as go list takes them (default ./...), Go files, or
FILE.go:LINE, which selects the singletons declared, read or written there.
Without a flag it reports; \fB\-d\fR shows the fixes, \fB\-w\fR applies them.
.SH OPTIONS
`)
	flags.VisitAll(func(f *pflag.Flag) {
		arg, usage := pflag.UnquoteUsage(f)
		name := `\fB\-\-` + roff(f.Name) + `\fR`
		if f.Shorthand != "" {
			name = `\fB\-` + f.Shorthand + `\fR, ` + name
		}
		if f.Value.Type() != "bool" {
			name += ` \fI` + roff(arg) + `\fR`
		}
		if f.DefValue != "" && f.DefValue != "false" && f.DefValue != "[]" {
			usage += " (default " + f.DefValue + ")"
		}
		fmt.Fprintf(&b, ".TP\n%s\n%s\n", name, roff(usage))
	})
	b.WriteString(`.SH EXIT STATUS
.TP
0
nothing unsafe is left
.TP
1
something unsafe remains or would change
.TP
2
the run failed: a bad flag, a package that does not type\-check, a file that could not be written
.SH EXAMPLES
.TP
singletonfix \-d ./...
shows what it would change
.TP
singletonfix \-i
shows each fix and asks
.TP
singletonfix \-\-audit \-\-format=html \-o audit.html
writes the inventory as a page
.TP
singletonfix \-w config/config.go:14
fixes what stands on that line
.SH ENVIRONMENT
.TP
NO_COLOR
no colour, if it is not empty
.TP
GIT_PAGER, PAGER
show what is longer than a screen, as for git
.TP
GITHUB_STEP_SUMMARY, GITHUB_WORKSPACE
where \-\-format=github writes its summary, and what its paths are relative to
.SH SEE ALSO
.BR go (1),
https://github.com/singletonfix/singletonfix
`)
	return b.String()
}

// roff returns text as it reads, whatever it would mean to man.
func roff(text string) string {
	text = strings.NewReplacer(`\`, `\e`, "-", `\-`).Replace(text)
	if strings.HasPrefix(text, ".") || strings.HasPrefix(text, "'") {
		text = `\&` + text
	}
	return text
}
