package race

import (
	"strings"
	"testing"
)

func TestMostClosed(t *testing.T) {
	for _, c := range []struct {
		name, out string
		want      int
	}{
		{"none", "=== RUN   TestRaceGet\nPASS\n", 0},
		{"each once", "\nsingletonfix-closed: 0xc000012345\n\nsingletonfix-closed: 0xc000012346\n", 1},
		{"one twice", "\nsingletonfix-closed: 0xc000012345\n\nsingletonfix-closed: 0xc000012346\nx\nsingletonfix-closed: 0xc000012345\n", 2},
		{"nil", "\nsingletonfix-closed: 0x0\n\nsingletonfix-closed: 0x0\n", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := mostClosed(c.out); got != c.want {
				t.Errorf("mostClosed = %d, want %d", got, c.want)
			}
		})
	}
}

// TestNoteAt holds that methods that end a value say so, on their own line.
func TestNoteAt(t *testing.T) {
	pkg := load(t, `package p

type Conn struct{ open bool }

func (c *Conn) Close() {
	c.open = false
}

func (*Conn) Stop() {}

func (c Conn) Shutdown() {}

func Close(c *Conn) { c.Close() }
`)
	got := string(insert(pkg.Files[0].Src, noteAt(pkg)[pkg.Files[0]]))
	if want := "func (c *Conn) Close() { println(\"\\nsingletonfix-closed:\", c); \n"; !strings.Contains(got, want) || strings.Count(got, closeMark) != 1 {
		t.Errorf("the only note should be %q:\n%s", want, got)
	}
}

// TestClosedTwice holds that a fix is not proved that ends one value twice,
// where the resets alone end each once.
func TestClosedTwice(t *testing.T) {
	p := &Proof{Before: Verdict{Raced: true}, After: Verdict{Closes: 2}}
	if got, want := (&session{}).disproof(&subject{closes: 1}, p, ""), "the fixed code closes one value 2 times"; got != want {
		t.Errorf("disproof = %q, want %q", got, want)
	}
}
