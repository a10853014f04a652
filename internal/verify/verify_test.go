package verify

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/singletonfix/singletonfix/detect"
	"github.com/singletonfix/singletonfix/internal/load"
)

// A module whose package p holds a singleton, and is used by its tests and by
// package q.
const module = `
-- go.mod --
module example.com/m

go 1.18
-- p/p.go --
package p

// T is what there is one of.
type T struct{ n int }

// instance is the only T.
var instance *T // never nil after Get

//go:noinline
func one() int { return 1 }

// Get returns the instance.
func Get() *T {
	// made when first asked for
	if instance == nil {
		instance = &T{one()} /* the one */
	}
	return instance
}
-- p/p_test.go --
package p

func reset() { instance = nil }
-- q/q.go --
package q

import "example.com/m/p"

var Q *p.T = p.Get()
`

const safe = `package p

import "sync"

// T is what there is one of.
type T struct{ n int }

// instance is the only T.
var instance *T // never nil after Get

var instanceMu sync.Mutex

//go:noinline
func one() int { return 1 }

// Get returns the instance.
func Get() *T {
	instanceMu.Lock()
	defer instanceMu.Unlock()
	// made when first asked for
	if instance == nil {
		instance = &T{one()} /* the one */
	}
	return instance
}
`

const safeTest = `package p

func reset() {
	instanceMu.Lock()
	defer instanceMu.Unlock()
	instance = nil
}
`

// TestCheck breaks a good change in one way after another.
func TestCheck(t *testing.T) {
	for _, test := range []struct {
		name     string
		old, new string // replaced in the good change
		again    func(*detect.Package, []*detect.Singleton) (bool, error)
		want     []string // codes
	}{
		{name: "good"},
		{name: "syntax", old: "func Get() *T {", new: "func Get( *T {", want: []string{Syntax}},
		{name: "types", old: "&T{one()}", new: "&T{two()}", want: []string{TypeErrors}},
		{name: "unused import", old: "var instanceMu sync.Mutex", new: "var instanceMu fakeMutex; type fakeMutex struct{}; func (*fakeMutex) Lock() {}; func (*fakeMutex) Unlock() {}", want: []string{TypeErrors}},
		{name: "test's variable gone", old: "instanceMu", new: "mu", want: []string{TypeErrors, TypeErrors}},
		{name: "importer", old: "func Get() *T {", new: "func Get() any {", want: []string{TypeErrors, API}},
		{name: "comment lost", old: " // never nil after Get", want: []string{Comments}},
		{name: "inner comment lost", old: " /* the one */", want: []string{Comments}},
		{name: "comment doubled", old: "type T", new: "// T is what there is one of.\ntype T", want: []string{Comments}},
		{name: "comment moved", old: "var instance *T // never nil after Get", new: "// never nil after Get\nvar instance *T"},
		{name: "comment new", old: "var instanceMu", new: "// instanceMu guards instance.\nvar instanceMu"},
		{name: "directive moved", old: "//go:noinline\nfunc one() int { return 1 }", new: "func one() int { return 1 }\n\n//go:noinline\nfunc two() {}", want: []string{Directives}},
		{name: "exported", old: "instanceMu sync.Mutex", new: "instanceMu sync.Mutex\n\nvar Also int", want: []string{API}},
		{name: "method exported", old: "var instanceMu", new: "func (T) M() {}\n\nvar instanceMu", want: []string{API}},
		{name: "no longer comparable", old: "type T struct{ n int }", new: "type T struct{ n int; f []int }\n\nvar _ = T{0, nil}", want: []string{TypeErrors, API}},
		{name: "too new", old: "var instanceMu sync.Mutex", new: "var instanceMu sync.Mutex\n\nvar _ = sync.OnceFunc", want: []string{GoVersion}},
		{name: "locked again", old: "T{one()} /* the one */\n", new: "T{one()} /* the one */\n\t\tinstanceMu.Lock()\n", want: []string{Deadlock}},
		{name: "locked again by a call", old: "T{one()} /* the one */\n", new: "T{one()} /* the one */\n\t\tGet()\n", want: []string{Deadlock}},
		{name: "locked again elsewhere", old: "T{one()} /* the one */\n", new: "T{one()} /* the one */\n\t\tgo Get()\n"},
		{name: "given up in between", old: "T{one()} /* the one */\n", new: "T{one()} /* the one */\n\t\tinstanceMu.Unlock()\n\t\tone()\n\t\tinstanceMu.Lock()\n"},
		{name: "plans again", again: func(*detect.Package, []*detect.Singleton) (bool, error) { return true, nil }, want: []string{NotIdempotent}},
		{name: "fails again", again: func(*detect.Package, []*detect.Singleton) (bool, error) { return false, errors.New("no") }, want: []string{Failed}},
	} {
		t.Run(test.name, func(t *testing.T) {
			for _, exact := range []bool{false, true} {
				set, pkg, dir := loaded(t, exact)
				problems := Check(context.Background(), set, pkg, Change{
					Files: map[string][]byte{
						filepath.Join(dir, "p", "p.go"):      []byte(strings.Replace(safe, test.old, test.new, occurrences(test.name))),
						filepath.Join(dir, "p", "p_test.go"): []byte(safeTest),
					},
					Fixed: []string{"instance"},
					Again: test.again,
				})
				var got []string
				for _, p := range problems {
					got = append(got, p.Code)
				}
				if !slices.Equal(got, test.want) {
					t.Errorf("exact %v: Check = %v, want %v", exact, problems, test.want)
				}
			}
		})
	}
}

// occurrences says how often a test's text is replaced: a name is renamed everywhere.
func occurrences(name string) int {
	if strings.HasSuffix(name, "gone") {
		return -1
	}
	return 1
}

// loaded returns package p of the module, in a folder of its own.
func loaded(t *testing.T, exact bool) (*load.Set, *detect.Package, string) {
	t.Helper()
	dir := t.TempDir()
	if err := txtar.Write(txtar.Parse([]byte(module)), dir); err != nil {
		t.Fatal(err)
	}
	set, err := (&load.Config{Dir: dir}).Scan(nil)
	if err == nil && exact {
		set, err = set.Exact([]string{"example.com/m/p"})
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range set.Packages {
		if p.Path == "example.com/m/p" {
			return set, p, dir
		}
	}
	t.Fatalf("p is not loaded: %v", set.Errors)
	return nil, nil, ""
}

// TestStillUnsafe finds that nothing was fixed.
func TestStillUnsafe(t *testing.T) {
	set, pkg, dir := loaded(t, true)
	name := filepath.Join(dir, "p", "p.go")
	src, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	change := Change{Files: map[string][]byte{name: append(src, "\n// more\n"...)}, Fixed: []string{"instance"}}
	problems := Check(context.Background(), set, pkg, change)
	if len(problems) != 1 || problems[0].Code != StillUnsafe || problems[0].Pos.Line == 0 {
		t.Errorf("Check = %v, want one %s", problems, StillUnsafe)
	}
}

// TestStale finds files that are no longer what they were, and one in the way.
func TestStale(t *testing.T) {
	set, pkg, dir := loaded(t, false)
	name := filepath.Join(dir, "p", "p.go")
	other := filepath.Join(dir, "p", "other.txt")
	for _, file := range []string{name, other} {
		if err := os.WriteFile(file, []byte("package p\n"), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	change := Change{Files: map[string][]byte{name: []byte(safe), other: nil, filepath.Join(dir, "p", "p_test.go"): []byte(safeTest)}}
	problems := Check(context.Background(), set, pkg, change)
	if len(problems) != 2 || problems[0].Code != Stale || problems[1].Code != Stale {
		t.Errorf("Check = %v, want two %s", problems, Stale)
	}
}

// TestCancelled says that a proof was not carried out.
func TestCancelled(t *testing.T) {
	set, pkg, dir := loaded(t, false)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	problems := Check(ctx, set, pkg, Change{Files: map[string][]byte{filepath.Join(dir, "p", "p.go"): []byte(safe)}})
	if len(problems) != 1 || problems[0].Code != Failed {
		t.Errorf("Check = %v, want one %s", problems, Failed)
	}
}
