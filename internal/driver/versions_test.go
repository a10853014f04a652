package driver

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/singletonfix/singletonfix/rewrite"
)

// versions says what each strategy makes of two getters, one that cannot fail
// and one that is tried again, in modules of the given language version; then
// in a file of such a module that asks for another version.
const versions = `
go 1.17              once once, no control-flow
go 1.17              oncevalue no go-version, no go-version
go 1.17              doublecheck no go-version, no go-version
go 1.17              mutex mutex, mutex
go 1.17              manager no go-version, no go-version
go 1.18              once once, no control-flow
go 1.18              oncevalue no go-version, no go-version
go 1.18              doublecheck no go-version, no go-version
go 1.18              mutex mutex, mutex
go 1.18              manager no go-version, no go-version
go 1.18 file go1.19  doublecheck doublecheck, doublecheck
go 1.18 file go1.21  oncevalue oncevalue, no control-flow
go 1.18 file go1.21  manager no go-version, no go-version
go 1.20              once once, no control-flow
go 1.20              oncevalue no go-version, no go-version
go 1.20              doublecheck doublecheck, doublecheck
go 1.20              mutex mutex, mutex
go 1.20              manager manager, manager
go 1.20 file go1.21  oncevalue oncevalue, no control-flow
go 1.21              once once, no control-flow
go 1.21              oncevalue oncevalue, no control-flow
go 1.21              doublecheck doublecheck, doublecheck
go 1.21              mutex mutex, mutex
go 1.21              manager manager, manager
go 1.26              once once, no control-flow
go 1.26              oncevalue oncevalue, no control-flow
go 1.26              doublecheck doublecheck, doublecheck
go 1.26              mutex mutex, mutex
go 1.26              manager manager, manager
`

const getters = `package p

type T struct{ n int }

func open(n int) (*T, error) { return &T{n}, nil }

var plain *T

func Plain() *T {
	if plain == nil {
		plain = &T{n: 1}
	}
	return plain
}

var failing *T

func Failing(n int) (*T, error) {
	if failing == nil {
		t, err := open(n)
		if err != nil {
			return nil, err
		}
		failing = t
	}
	return failing, nil
}
`

// TestLanguageVersions holds every strategy against every language version:
// what it gives builds there, or it is refused.
func TestLanguageVersions(t *testing.T) {
	var got []string
	for line := range strings.Lines(strings.TrimPrefix(versions, "\n")) {
		setting, rest := strings.TrimSpace(line[:21]), line[21:]
		strategy, _, _ := strings.Cut(rest, " ")
		mod, file, _ := strings.Cut(setting, " file ")
		src := getters
		if file != "" {
			src = "//go:build " + file + "\n\n" + src
		}
		dir := t.TempDir()
		unpack(t, dir, []txtar.File{{Name: "go.mod", Data: []byte("module p\n\n" + mod + "\n")}, {Name: "p.go", Data: []byte(src)}})
		res := mustRun(t, Options{Dir: dir, Patterns: []string{"./..."}, Strategy: strategy, Fix: true})
		var outcome []string
		for _, s := range res.Report.Singletons {
			if s.Fix.Refusal != nil {
				outcome = append(outcome, "no "+s.Fix.Refusal.Code)
			} else {
				outcome = append(outcome, s.Fix.Strategy)
			}
		}
		got = append(got, line[:21]+strategy+" "+strings.Join(outcome, ", "))
		if !testing.Short() {
			buildsIn(t, dir, res)
		}
	}
	want := strings.Split(strings.Trim(versions, "\n"), "\n")
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("strategies by language version: -want +got\n%s", diff)
	}
	for _, s := range rewrite.Strategies {
		if !strings.Contains(versions, " "+s.Name+" ") {
			t.Errorf("no language version is tried with %s", s.Name)
		}
	}
}

// buildsIn fails unless the module in dir builds with the changes of res.
func buildsIn(t *testing.T, dir string, res *Result) {
	t.Helper()
	for _, p := range res.Packages {
		for _, c := range p.Changes {
			if err := os.MkdirAll(filepath.Dir(c.File.Name), 0o777); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(c.File.Name, c.After, 0o666); err != nil {
				t.Fatal(err)
			}
		}
	}
	if out, err := goTool(dir, "build", "./..."); err != nil {
		t.Errorf("go build of the fixed module: %v\n%s", err, out)
	}
}
