// Package race proves fixes by running them: it writes a test for each fixed
// singleton, and runs it under the race detector on the code as it was and as
// the fix leaves it, beside the package's own tests.
//
// The test is the one that [Source] writes for the user to keep; nothing else
// is asked of the code. Files are put before the compiler by an overlay, and
// tests run in a copy of the package's folder, so the user's tree is not
// touched. What cannot be run is said to be "not run", with the reason, and
// is never taken for a success.
//
// race shares no code with rewrite and knows nothing of strategies: it looks
// at the package before and after.
package race

import (
	"time"

	"github.com/singletonfix/singletonfix/detect"
)

// A Job is a package whose fixes are to be proved.
type Job struct {
	Before, After *detect.Package
	Singletons    []*detect.Singleton // of Before: those that are fixed
	Changes       map[string][]byte   // the files that the fixes change, with their new content
	Dir           string              // of the package
	Root          string              // of its module
}

// Options say how a Job is run. The zero value runs without a limit.
type Options struct {
	Timeout   time.Duration // for each package; 0: none
	Tags, Mod string        // as the go command takes them
	Env       []string      // nil: the environment of the process
	Bench     bool          // also measure the fast path
	OwnTests  bool          // also run the package's own tests
	Progress  func(string)  // told what is being done; may be nil
}

// Values of [Proof.Status].
const (
	Passed = "passed"  // the test passes on the fixed code, without a race
	Failed = "failed"  // it does not
	NotRun = "not run" // see Reason
)

// A Proof is what came of running the test of one singleton.
type Proof struct {
	Status        string
	Reason        string // why it was not run, how it failed, or what it could not see
	Before, After Verdict
	Checks        []string // what the test looked at
	Made          []string // files that were missing and were made for the test
	Log           string   // what the fixed code's test printed, if it failed
}

// A Verdict is what the test saw of one version of the code.
type Verdict struct {
	Raced     bool    // the race detector reported, or a map died of it
	Reports   int     // of the race detector
	Others    int     // further reports, about data that is not the singleton's
	Instances int     // different values that were handed out in one round, the most of all rounds; 0: not counted
	Closes    int     // how often one value was closed, the most; 0: none was, or none that shows
	Failure   string  // what else went wrong, in a line; "" if nothing
	Single    float64 // nanoseconds of a call when all is filled, in one goroutine; 0: not measured
	Parallel  float64 // the same in many goroutines at once
}

// A TestChange is a test of the package's own that ends otherwise after the fix.
type TestChange struct {
	Name          string
	Before, After string // pass | fail | race | crash | skip
}

// A Result is what came of a Job.
type Result struct {
	Proofs map[*detect.Singleton]*Proof
	Tests  []TestChange // of the package's own tests, by name
	// OwnTests says in a line how the package's own tests went; "" if it has none.
	OwnTests string
	// Test is the race test as it ran on the fixed code.
	Test    []byte
	tunings map[string]*tuning // what the tests may ask for, by their names
}
