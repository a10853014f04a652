package detect

import (
	"bytes"
	"strings"
)

// RaceTestHeader opens the tests that singletonfix writes. They empty
// variables as no other test may, between two rounds of goroutines, and are
// written anew with each fix: to detect, it is as if they were not there.
const RaceTestHeader = "// This test was written by singletonfix --race-tests, which keeps it up to date.\n"

// IsRaceTest reports whether f is a test that singletonfix has written.
func (f *File) IsRaceTest() bool {
	if !strings.HasSuffix(f.Name, "_test.go") {
		return false
	}
	src := bytes.ReplaceAll(f.Src[:min(len(f.Src), 2*len(RaceTestHeader))], []byte("\r\n"), []byte("\n"))
	return bytes.HasPrefix(src, []byte(RaceTestHeader))
}
