package report

import (
	"bytes"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// audited returns the sample as an audit.
func audited() *Report {
	r := sample()
	r.Errors = nil
	r.Singletons[0].Resets = []string{"Reset"}
	r.Singletons[0].Guarantees.After = &Guarantee{ExactlyOnce: true, Published: true, Errors: "sticky", ResetSafe: true, AfterPanic: "nil", FastPath: "once"}
	r.Singletons[5].Guarantees.Before = &Guarantee{ExactlyOnce: true, Published: true, Errors: "none", ResetSafe: true, AfterPanic: "nil", FastPath: "once"}
	r.Recount(7, nil)
	return r
}

func TestAudit(t *testing.T) {
	var text, jsonOut bytes.Buffer
	r := audited()
	r.SetAudit(command)
	if err := r.Text(&text, TextOptions{Verbose: true}); err != nil {
		t.Fatal(err)
	}
	if err := r.JSON(&jsonOut); err != nil {
		t.Fatal(err)
	}
	golden(t, "audit.txt", text.Bytes())
	golden(t, "audit.json", jsonOut.Bytes())
}

func command(minRisk string) string { return "singletonfix --min-risk=" + minRisk }

// TestGate holds what CI is told to run against what was found.
func TestGate(t *testing.T) {
	critical := Singleton{Risk: "critical", Fix: &Fix{Status: Refused}}
	low := Singleton{Risk: "low", Fix: &Fix{Status: Available}}
	safe := Singleton{Risk: "none"}
	for _, test := range []struct {
		name       string
		singletons []Singleton
		errors     []Error
		want       CI
	}{
		{"nothing", nil, nil, CI{MinRisk: "low"}},
		{"safe", []Singleton{safe}, nil, CI{MinRisk: "low"}},
		{"low", []Singleton{safe, low}, nil, CI{MinRisk: "low", Exit: 1, Unsafe: 1, Fixable: 1}},
		{"worst first", []Singleton{low, critical, low}, nil, CI{MinRisk: "critical", Exit: 1, Unsafe: 1, ByHand: 1}},
		{"not looked at", []Singleton{safe}, []Error{{}}, CI{MinRisk: "low", Exit: 2}},
	} {
		r := &Report{Singletons: test.singletons, Errors: test.errors}
		r.Recount(1, nil)
		r.SetAudit(command)
		test.want.Command = command(test.want.MinRisk)
		if diff := cmp.Diff(test.want, r.Audit.CI); diff != "" {
			t.Errorf("%s: gate: -want +got\n%s", test.name, diff)
		}
	}
}
