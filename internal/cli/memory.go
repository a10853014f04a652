package cli

import (
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
)

// How much garbage a run leaves lying. It ends after seconds, so that most of
// it is never worth collecting; what a report looks at, it forgets again, and
// then there is always something to collect before memory runs short.
const (
	garbage        = 32 << 20  // at least
	reportPercent  = 150       // at least, of what is in use
	garbagePercent = 200       // where a run fixes
	reportMemory   = 180 << 20 // soft, and of the heap alone
)

// A tuning says which of the collector's settings are ours to choose.
type tuning struct {
	percent int // of garbage at least; 0: the user has a say in that
	limit   bool
}

// tuneMemory sets how often the run collects garbage, unless the user has a
// say in that. A run that fixes may need more memory than a report for what it
// has in use, and without a limit does not collect in vain.
func (c *command) tuneMemory() {
	var t tuning
	report := !c.run.Fix && !c.run.Audit
	if os.Getenv("GOGC") == "" {
		t.percent = garbagePercent
		if report {
			t.percent = reportPercent
		}
	}
	t.limit = report && os.Getenv("GOMEMLIMIT") == ""
	if t.percent > 0 || t.limit {
		t.tune()
	}
}

// tune sets what there is to set, and does so anew whenever garbage was
// collected. Room for garbage that grows with what is in use alone has a large
// tree take several times the memory that it needs, and a small one collect
// again and again; a limit that what is in use comes close to has the
// collector run all the time, at half of the CPU, and for nothing.
func (t tuning) tune() {
	sample := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(sample)
	live := max(4<<20, int64(sample[0].Value.Uint64())) // the collector's own minimum
	if t.percent > 0 {
		debug.SetGCPercent(max(t.percent, int(garbage*100/live)))
	}
	if t.limit {
		debug.SetMemoryLimit(max(reportMemory, live*3/2))
	}
	runtime.AddCleanup(new([1 << 10]byte), tuning.tune, t)
}
