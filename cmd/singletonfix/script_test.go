package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"singletonfix": main})
}

// raceEnabled is set where the race detector runs, in the tool as well.
var raceEnabled bool

// TestScript runs the command line: each script of testdata/script is one
// flag, one exit status or one bad input.
func TestScript(t *testing.T) {
	goEnv, err := goEnv("GOCACHE", "GOMODCACHE")
	if err != nil {
		t.Fatal(err)
	}
	tool, err := exec.LookPath("singletonfix") // which the go command is told to run
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(e *testscript.Env) error {
			e.Vars = append(e.Vars, goEnv...)
			e.Vars = append(e.Vars, "TOOL="+tool)
			// No network, and nothing of the module that the tests are of.
			e.Vars = append(e.Vars, "GOPROXY=off", "GOFLAGS=", "GOWORK=off", "GOTOOLCHAIN=local", "NO_COLOR=")
			return nil
		},
		Condition: func(cond string) (bool, error) {
			switch cond {
			case "root":
				return os.Getuid() == 0, nil
			case "race":
				return raceEnabled, nil
			}
			return false, fmt.Errorf("unknown condition %q", cond)
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"run":  run,
			"crlf": edit(func(b []byte) []byte { return bytes.ReplaceAll(b, []byte("\n"), []byte("\r\n")) }),
			"bom":  edit(func(b []byte) []byte { return append([]byte("\ufeff"), b...) }),
			"chop": edit(func(b []byte) []byte { return bytes.TrimSuffix(b, []byte("\n")) }),
		},
	})
}

// run runs singletonfix and checks its exit status:
//
//	run STATUS [arguments]
func run(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: run STATUS [arguments]")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	if err := ts.Exec("singletonfix", args[1:]...); err != nil {
		var exit *exec.ExitError
		if !errors.As(err, &exit) {
			ts.Fatalf("singletonfix: %v", err)
		}
		got = exit.ExitCode()
	}
	if got != want {
		ts.Fatalf("exit status of singletonfix %s = %d, want %d", strings.Join(args[1:], " "), got, want)
	}
}

// edit returns a command that changes the bytes of files, for content that an
// archive cannot hold.
func edit(change func([]byte) []byte) func(*testscript.TestScript, bool, []string) {
	return func(ts *testscript.TestScript, neg bool, args []string) {
		for _, arg := range args {
			name := ts.MkAbs(arg)
			content, err := os.ReadFile(name)
			ts.Check(err)
			ts.Check(os.WriteFile(name, change(content), 0o666))
		}
	}
}

// goEnv returns variables of the go command as NAME=value.
func goEnv(names ...string) ([]string, error) {
	out, err := exec.Command("go", append([]string{"env"}, names...)...).Output()
	if err != nil {
		return nil, fmt.Errorf("go env: %w", err)
	}
	var vars []string
	for i, value := range strings.Fields(string(out)) {
		vars = append(vars, names[i]+"="+value)
	}
	return vars, nil
}
