package report

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// sample returns a report with one singleton for each status, and an error.
func sample() *Report {
	unsafe := func(name string, line int, fix *Fix) Singleton {
		at := Position{File: "config/config.go", Line: line, Column: 5}
		return Singleton{
			ID:       "example.com/app/config." + name,
			Package:  "example.com/app/config",
			Var:      name,
			Vars:     []string{name},
			Scope:    "package",
			Type:     "chan<- *Config",
			Pattern:  "some-pattern",
			Verdict:  "unsafe",
			Risk:     "medium",
			Position: at,
			Getter:   "Get",
			Reasons: []Note{{
				Code:     "unsynchronized-read",
				Message:  "Get reads " + name + " without a lock",
				Position: Position{File: "config/config.go", Line: line + 3, Column: 5},
			}},
			Evidence:   []Note{{Message: "Get is exported", Position: Position{File: "config/config.go", Line: line + 2, Column: 6}}},
			Guarantees: Guarantees{Before: &Guarantee{Errors: "none", AfterPanic: "retried", FastPath: "plain"}},
			Fix:        fix,
		}
	}
	refusal := func(code, message string) *Note {
		return &Note{Code: code, Message: message, Position: Position{File: "config/config.go", Line: 40, Column: 2}}
	}
	files := []string{"config/config.go"}
	r := &Report{
		Version: Version,
		Singletons: []Singleton{
			unsafe("planned", 10, &Fix{Status: Available, Strategy: "once", Files: files, LinesAdded: 3, LinesRemoved: 2, Obligations: []string{"every-access-known"}}),
			unsafe("seen", 20, &Fix{Status: Review, Strategy: "doublecheck", Files: files, LinesAdded: 1, LinesRemoved: 1, Notes: []string{"callers wait for the network now"}}),
			unsafe("done", 30, &Fix{Status: Applied, Strategy: "once", Files: files, LinesAdded: 3, LinesRemoved: 2}),
			unsafe("refused", 40, &Fix{Status: Refused, Refusal: refusal("exported", "other packages can assign refused")}),
			unsafe("failed", 50, &Fix{Status: Failed, Strategy: "once", Refusal: refusal("verify-failed", "undefined: x")}),
			{ID: "example.com/app/config.fine", Package: "example.com/app/config", Var: "fine", Vars: []string{"fine"}, Scope: "package", Type: "*Config", Pattern: "once", Verdict: "safe", Risk: "none", Position: Position{File: "config/config.go", Line: 60, Column: 5}, Getter: "Fine"},
		},
		Errors: []Error{
			{Message: "go list failed"},
			{Package: "example.com/app/bad", Position: &Position{File: "bad/bad.go", Line: 3, Column: 1}, Message: "expected declaration"},
		},
	}
	r.Singletons[0].Assumed = []string{"example.com/lib"}
	r.Recount(7, []*Singleton{{Risk: "none"}})
	return r
}

func TestGolden(t *testing.T) {
	var jsonOut, text, quiet, verbose, colored, empty bytes.Buffer
	r := sample()
	none := &Report{Version: Version}
	none.Recount(3, nil)
	for _, err := range []error{
		r.JSON(&jsonOut),
		none.JSON(&empty),
		r.Text(&text, TextOptions{}),
		r.ErrorLines(&text),
		r.Remarks(&text, false),
		none.Text(&text, TextOptions{}),
		r.Text(&quiet, TextOptions{Quiet: true}),
		r.Text(&verbose, TextOptions{Verbose: true}),
		r.Text(&colored, TextOptions{Style: Style{Color: true}}),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	golden(t, "report.json", jsonOut.Bytes())
	golden(t, "empty.json", empty.Bytes())
	golden(t, "report.txt", text.Bytes())
	golden(t, "quiet.txt", quiet.Bytes())
	golden(t, "verbose.txt", verbose.Bytes())
	golden(t, "colored.txt", colored.Bytes())
}

// TestJSONHoldsNoNullList holds the promise that a script can range over
// every list of the JSON without asking.
func TestJSONHoldsNoNullList(t *testing.T) {
	r := &Report{Version: Version, Singletons: []Singleton{{Fix: &Fix{}}}}
	r.Recount(1, nil)
	var out bytes.Buffer
	if err := r.JSON(&out); err != nil {
		t.Fatal(err)
	}
	var v map[string]any
	if err := json.Unmarshal(out.Bytes(), &v); err != nil {
		t.Fatal(err)
	}
	nulls := map[string]bool{}
	findNulls(v, "", nulls)
	want := map[string]bool{".singletons.guarantees.before": true, ".singletons.guarantees.after": true, ".singletons.fix.refusal": true, ".singletons.fix.proof": true}
	if diff := cmp.Diff(want, nulls); diff != "" {
		t.Errorf("null in the JSON: -want +got\n%s", diff)
	}
}

func findNulls(v any, path string, nulls map[string]bool) {
	switch v := v.(type) {
	case nil:
		nulls[path] = true
	case map[string]any:
		for name, field := range v {
			findNulls(field, path+"."+name, nulls)
		}
	case []any:
		for _, element := range v {
			findNulls(element, path, nulls)
		}
	}
}

// golden compares got with a file of testdata, or writes it there.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		write(t, file, got)
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("%v; go test ./internal/report -update writes it", err)
	}
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(string(got), "\n")); diff != "" {
		t.Errorf("%s: -want +got\n%s", file, diff)
	}
}
