package checks

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestCompletion has each shell complete a flag and the value of one.
func TestCompletion(t *testing.T) {
	dir := t.TempDir()
	for _, shell := range []string{"bash", "zsh", "fish"} {
		out, err := exec.Command(tool, "--completion", shell).Output()
		if err != nil {
			t.Fatal(err)
		}
		put(t, filepath.Join(dir, shell), string(out))
	}
	bash := func(words string) string {
		return must(t, dir, `source ./bash
set +e
COMP_WORDS=(`+words+`)
COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
_singletonfix
echo "${COMPREPLY[@]}"`)
	}
	fish := func(line string) string {
		need(t, "fish")
		out, err := exec.Command("fish", "--no-config", "-c", "source "+filepath.Join(dir, "fish")+"; complete -C '"+line+"'").CombinedOutput()
		if err != nil {
			t.Fatalf("fish: %v\n%s", err, out)
		}
		return string(out)
	}
	for _, test := range []struct{ shell, got, want, not string }{
		{"bash", bash("singletonfix --form"), "--format", "--audit"},
		{"bash", bash("singletonfix --format ''"), "sarif", "--"},
		{"bash", bash("singletonfix --format = sa"), "sarif", "json"},
		{"bash", bash("singletonfix --explain reentr"), "reentrant", "nil-check"},
		{"fish", fish("singletonfix --form"), "--format", "--audit"},
		{"fish", fish("singletonfix --min-risk "), "critical", "json"},
	} {
		if !strings.Contains(test.got, test.want) || strings.Contains(test.got, test.not) {
			t.Errorf("%s completes %q, want %s and not %s", test.shell, test.got, test.want, test.not)
		}
	}
	zsh(t, dir)
}

// zsh types in a terminal: its completion needs its line editor.
func zsh(t *testing.T, dir string) {
	need(t, "zsh")
	x := start(t, dir, exec.Command("zsh", "-f", "-i"), []string{"PS1=> "})
	x.say("autoload -U compinit; compinit -D -u; source ./zsh; setopt no_auto_menu; echo rea''dy")
	x.wait("ready\r\n")
	x.typed("singletonfix --forma\t")
	x.wait("--format")
	x.typed("sar\t")
	x.wait("sarif")
	x.typed("\x15singletonfix --explain reent\t")
	x.wait("reentrant")
	x.typed("\x15exit\n")
	x.end()
}

// TestManPage has man read the page without a complaint.
func TestManPage(t *testing.T) {
	need(t, "groff")
	cmd := exec.Command("groff", "-man", "-ww", "-Tascii", "-P-b", "-P-u", "../../docs/singletonfix.1")
	var problems strings.Builder
	cmd.Stderr = &problems
	out, err := cmd.Output()
	if err != nil || problems.Len() > 0 {
		t.Errorf("groff: %v\n%s", err, &problems)
	}
	if !strings.Contains(string(out), "--write-baseline") {
		t.Errorf("the page does not name --write-baseline:\n%s", out)
	}
}
