package rewrite

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

func TestLineSplices(t *testing.T) {
	tests := []struct {
		name, before, after string
		want                []splice
	}{
		{"nothing", "a\nb\n", "a\nb\n", nil},
		{"a line changes", "a\nb\nc\n", "a\nB\nc\n", []splice{{2, 4, "B\n"}}},
		{"lines come and go", "a\nb\nc\nd\n", "x\na\nb\nd\n", []splice{{0, 0, "x\n"}, {4, 6, ""}}},
		{"no final newline", "a\nb", "a\nb\n", []splice{{2, 3, "b\n"}}},
		{"from nothing", "", "a\n", []splice{{0, 0, "a\n"}}},
		{"same lines again and again", "}\n\n}\n\n", "}\n\nx\n}\n\n", []splice{{3, 3, "x\n"}}},
		{"a line moves", "1\n2\n3\n4\n5\n", "2\n3\n4\n1\n5\n", []splice{{0, 2, ""}, {8, 8, "1\n"}}},
		{"imports one by one", "import (\n)\n", "import (\n\t\"sync\"\n\t\"sync/atomic\"\n)\n", []splice{{9, 9, "\t\"sync\"\n"}, {9, 9, "\t\"sync/atomic\"\n"}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := lineSplices([]byte(tt.before), []byte(tt.after))
			if fmt.Sprint(got) != fmt.Sprint(tt.want) {
				t.Errorf("lineSplices = %v, want %v", got, tt.want)
			}
		})
	}
}

// Whatever the texts, the splices turn one into the other.
func TestLineSplicesApply(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	text := func() []byte {
		var b bytes.Buffer
		for range r.IntN(30) {
			b.WriteString(strings.Repeat("x", r.IntN(12)) + "\n")
		}
		return b.Bytes()
	}
	for range 2000 {
		before, after := text(), text()
		if got := splicedBytes(before, lineSplices(before, after)); !bytes.Equal(got, after) {
			t.Fatalf("lineSplices(%q, %q) gives %q", before, after, got)
		}
	}
}

func TestMergeSplices(t *testing.T) {
	tests := []struct {
		name       string
		x, y, want []splice
		conflict   bool
	}{
		{"apart", []splice{{4, 6, "B\n"}}, []splice{{0, 2, ""}}, []splice{{0, 2, ""}, {4, 6, "B\n"}}, false},
		{"the same", []splice{{0, 0, "i"}, {2, 4, "x"}}, []splice{{0, 0, "i"}, {4, 6, "y"}}, []splice{{0, 0, "i"}, {2, 4, "x"}, {4, 6, "y"}}, false},
		{"insertions at one place", []splice{{2, 2, "x"}}, []splice{{2, 2, "y"}}, []splice{{2, 2, "x"}, {2, 2, "y"}}, false},
		{"one replaced twice", []splice{{2, 4, "x"}}, []splice{{2, 4, "y"}}, nil, true},
		{"one inside what the other deletes", []splice{{0, 8, ""}}, []splice{{2, 4, "y"}}, nil, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, ok := mergeSplices(tt.x, tt.y)
			if ok == tt.conflict || !tt.conflict && fmt.Sprint(got) != fmt.Sprint(tt.want) {
				t.Errorf("mergeSplices(%v, %v) = %v, %v; want %v, %v", tt.x, tt.y, got, ok, tt.want, !tt.conflict)
			}
		})
	}
}
