package report

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var diffCases = []struct{ name, file, before, after string }{
	{"one line", "a.go", "a\nb\nc\n", "a\nB\nc\n"},
	{"first line", "a.go", "a\nb\n", "x\na\nb\n"},
	{"last line", "a.go", "a\nb\n", "a\nb\nx\n"},
	{"two hunks", "a.go", numbered(1, 30), strings.NewReplacer("line 2\n", "", "line 25\n", "line 25\nmore\n").Replace(numbered(1, 30))},
	{"hunks that share context", "a.go", numbered(1, 20), strings.NewReplacer("line 5\n", "", "line 12\n", "other\n").Replace(numbered(1, 20))},
	{"context ends where the next begins", "a.go", numbered(1, 20), strings.NewReplacer("line 5\n", "", "line 13\n", "other\n").Replace(numbered(1, 20))},
	{"from empty", "a.go", "", "a\nb\n"},
	{"to empty", "a.go", "a\nb\n", ""},
	{"no final newline", "a.go", "a\nb", "a\nc"},
	{"no final newline, unchanged end", "a.go", "a\nb\nc", "x\nb\nc"},
	{"final newline added", "a.go", "a\nb", "a\nb\n"},
	{"final newline removed", "a.go", "a\nb\n", "a\nb"},
	{"CRLF", "a.go", "a\r\nb\r\nc\r\n", "a\r\nB\r\nc\r\n"},
	{"CRLF becomes LF", "a.go", "a\r\nb\r\nc\r\n", "a\nb\nc\n"},
	{"BOM", "a.go", "\ufeffa\nb\n", "\ufeffa\nc\n"},
	{"lone carriage return", "a.go", "a\rb\nc\n", "a\rb\nd\n"},
	{"invalid UTF-8", "a.go", "a\xff\nb\n", "a\xff\nc\xfe\n"},
	{"folder", "dir/sub/a.go", "a\n", "b\n"},
	{"space in the name", "my dir/a b.go", "a\n", "b\n"},
	{"umlaut in the name", "übung/ö.go", "a\n", "b\n"},
	{"quote and backslash in the name", `a"b\c.go`, "a\n", "b\n"},
	{"tab in the name", "a\tb.go", "a\n", "b\n"},
	{"lines that look like headers", "a.go", "-- a/a.go\n++ b/a.go\n@@ -1 +1 @@\n", "-- a/a.go\n@@ -1 +1 @@\n\\ No newline\n"},
}

// TestDiff holds what git apply and patch -p1 make of a diff against the
// content that the diff was made for.
func TestDiff(t *testing.T) {
	for _, tt := range diffCases {
		t.Run(tt.name, func(t *testing.T) {
			checkApplies(t, FileChange{Name: tt.file, Before: []byte(tt.before), After: []byte(tt.after)})
		})
	}
}

// TestDiffOfRandomLines does the same for changes that nobody thought of.
func TestDiffOfRandomLines(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	var changes []FileChange
	for i := range 60 {
		changes = append(changes, FileChange{
			Name:   fmt.Sprintf("f%d.go", i),
			Before: randomLines(rng),
			After:  randomLines(rng),
		})
	}
	checkApplies(t, changes...)
}

// TestDiffOfManyLines crosses the numbers at which encoding lines as
// characters meets the surrogates, which are no characters.
func TestDiffOfManyLines(t *testing.T) {
	before := numbered(1, 70_000)
	after := strings.NewReplacer("line 55000\n", "", "line 60000\n", "line 60000\nmore\n").Replace(before)
	added, removed := LineDelta([]byte(before), []byte(after))
	if added != 1 || removed != 1 {
		t.Fatalf("LineDelta(70000 lines) = %d, %d, want 1, 1", added, removed)
	}
	checkApplies(t, FileChange{Name: "a.go", Before: []byte(before), After: []byte(after)})
}

func TestDiffText(t *testing.T) {
	before := "package p\n\nfunc a() {\n}\n\nfunc c() {\n}\n"
	after := "package p\n\nfunc a() {\n}\n\nfunc b() {\n}\n\nfunc c() {\n}\n"
	want := `--- a/p.go
+++ b/p.go
@@ -3,5 +3,8 @@
 func a() {
 }
 
+func b() {
+}
+
 func c() {
 }
`
	var got bytes.Buffer
	if err := WriteDiff(&got, []FileChange{{Name: "p.go", Before: []byte(before), After: []byte(after)}}, Style{}); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got.String()); diff != "" {
		t.Errorf("WriteDiff: -want +got\n%s", diff)
	}
}

func TestDiffOfNothing(t *testing.T) {
	var got bytes.Buffer
	if err := WriteDiff(&got, []FileChange{{Name: "p.go", Before: []byte("a\n"), After: []byte("a\n")}}, Style{}); err != nil {
		t.Fatal(err)
	}
	if got.Len() > 0 {
		t.Errorf("WriteDiff(no change) = %q, want nothing", got.String())
	}
}

func TestDiffColored(t *testing.T) {
	var got bytes.Buffer
	if err := WriteDiff(&got, []FileChange{{Name: "p.go", Before: []byte("a\n"), After: []byte("b\n")}}, Style{Color: true}); err != nil {
		t.Fatal(err)
	}
	want := "\x1b[1m--- a/p.go\x1b[m\n\x1b[1m+++ b/p.go\x1b[m\n\x1b[36m@@ -1 +1 @@\x1b[m\n\x1b[31m-a\x1b[m\n\x1b[32m+b\x1b[m\n"
	if got.String() != want {
		t.Errorf("WriteDiff(coloured) = %q, want %q", got.String(), want)
	}
}

// checkApplies fails unless git apply and patch -p1 turn every Before into
// its After, byte for byte.
func checkApplies(t *testing.T, changes ...FileChange) {
	t.Helper()
	var diff bytes.Buffer
	if err := WriteDiff(&diff, changes, Style{}); err != nil {
		t.Fatal(err)
	}
	for _, tool := range [][]string{{"git", "apply", "-"}, {"patch", "-p1", "--silent"}} {
		if _, err := exec.LookPath(tool[0]); err != nil {
			t.Logf("%s is not installed", tool[0])
			continue
		}
		dir := t.TempDir()
		for _, c := range changes {
			write(t, filepath.Join(dir, c.Name), c.Before)
		}
		cmd := exec.Command(tool[0], tool[1:]...)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "GIT_CEILING_DIRECTORIES="+filepath.Dir(dir), "GIT_CONFIG_GLOBAL="+os.DevNull)
		cmd.Stdin = bytes.NewReader(diff.Bytes())
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%s: %v\n%s\n%s", tool[0], err, out, &diff)
			continue
		}
		for _, c := range changes {
			got, err := os.ReadFile(filepath.Join(dir, c.Name))
			if os.IsNotExist(err) && len(c.After) == 0 {
				continue // both take an empty result for a deleted file
			}
			if err != nil {
				t.Error(err)
			}
			if !bytes.Equal(got, c.After) {
				t.Errorf("%s gives %.300q, want %.300q; the diff is\n%.2000s", tool[0], got, c.After, &diff)
			}
		}
	}
}

func write(t *testing.T, name string, content []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, content, 0o666); err != nil {
		t.Fatal(err)
	}
}

// numbered returns the lines "line from" to "line to".
func numbered(from, to int) string {
	var b strings.Builder
	for i := from; i <= to; i++ {
		fmt.Fprintf(&b, "line %d\n", i)
	}
	return b.String()
}

// randomLines returns a few lines of few kinds, so that two texts have much
// in common and much is ambiguous.
func randomLines(rng *rand.Rand) []byte {
	var b bytes.Buffer
	for range 1 + rng.IntN(40) {
		b.WriteString([]string{"", "a", "b", "}", "\tif x {", "-a", "+a", " a", "\r"}[rng.IntN(9)] + "\n")
	}
	if rng.IntN(3) == 0 {
		b.WriteString("end")
	}
	return b.Bytes()
}
