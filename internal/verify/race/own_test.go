package race

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestEndings(t *testing.T) {
	r := runOf{out: `=== RUN   TestGood
--- PASS: TestGood (0.00s)
=== RUN   TestBad
    a_test.go:3: no
--- FAIL: TestBad (0.00s)
=== RUN   TestRacy
=== RUN   TestRacy/part
    testing.go:1617: race detected during execution of test
    --- FAIL: TestRacy/part (0.00s)
--- FAIL: TestRacy (0.00s)
=== RUN   TestNot
    a_test.go:9: not here
--- SKIP: TestNot (0.00s)
=== RUN   TestDeath
panic: no way
`}
	want := map[string]string{"TestGood": "pass", "TestBad": "fail", "TestRacy": "race", "TestNot": "skip", "TestDeath": "crash"}
	if diff := cmp.Diff(want, r.endings()); diff != "" {
		t.Errorf("endings: -want +got\n%s", diff)
	}
}
