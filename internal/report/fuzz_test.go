package report

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// FuzzDiff holds that git apply and patch -p1 make of any file what the diff
// was made for, and leave no other behind.
func FuzzDiff(f *testing.F) {
	for _, c := range diffCases {
		f.Add(c.file, []byte(c.before), []byte(c.after))
	}
	f.Fuzz(func(t *testing.T, name string, before, after []byte) {
		if !isFileName(name) || bytes.IndexByte(before, 0) >= 0 || bytes.IndexByte(after, 0) >= 0 {
			t.Skip("no Go file can be like that")
		}
		if len(before) == 0 || len(after) == 0 || bytes.Equal(before, after) {
			t.Skip("no change of a file")
		}
		checkApplies(t, FileChange{Name: name, Before: before, After: after})
	})
}

// isFileName reports whether a Go file of a repository can be called so.
func isFileName(name string) bool {
	if !strings.HasSuffix(name, ".go") || len(name) > 200 || strings.Contains(name, "\x00") {
		return false
	}
	for part := range strings.SplitSeq(name, "/") {
		if part == "" || strings.Trim(part, ".") == "" || strings.EqualFold(strings.TrimRight(part, ". "), ".git") {
			return false
		}
	}
	return true
}

// FuzzJSON holds that whoever reads the JSON gets the report that was
// written, whatever names and messages hold.
func FuzzJSON(f *testing.F) {
	f.Add("config/config.go", "instance", "chan<- *Config", "Get reads \"it\" </script>\n", 12)
	f.Add("a\nb.go", "x", "map[string]\xff", "\u2028\x00", -1)
	f.Fuzz(func(t *testing.T, file, name, typ, message string, line int) {
		r := sample()
		s := &r.Singletons[0]
		s.Var, s.Type, s.Position = name, typ, Position{File: file, Line: line, Column: 1}
		s.Reasons[0].Message = message
		r.Errors[1].Message = message
		back := decode(t, encode(t, r))
		if diff := cmp.Diff(back, decode(t, encode(t, back))); diff != "" {
			t.Errorf("read back, written and read again, the report is another: -want +got\n%s", diff)
		}
		s.Var, s.Type, s.Position.File = valid(name), valid(typ), valid(file)
		got := back.Singletons[0]
		if got.Var != s.Var || got.Type != s.Type || got.Position != s.Position || got.Reasons[0].Message != valid(message) {
			t.Errorf("the JSON gives %+v, of %+v", got, *s)
		}
	})
}

func encode(t *testing.T, r *Report) []byte {
	t.Helper()
	var buf bytes.Buffer
	if err := r.JSON(&buf); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

func decode(t *testing.T, text []byte) *Report {
	t.Helper()
	r := &Report{}
	if err := json.Unmarshal(text, r); err != nil {
		t.Fatalf("the JSON cannot be read back: %v\n%s", err, text)
	}
	return r
}

// valid returns s as JSON can hold it: each byte that is no UTF-8 is U+FFFD.
func valid(s string) string {
	var b strings.Builder
	for _, r := range s {
		b.WriteRune(r)
	}
	return b.String()
}
