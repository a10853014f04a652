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
	garbagePercent = 200
	reportMemory   = 180 << 20 // soft, and of the heap alone
)

// tuneMemory sets how often the run collects garbage, unless the user has a
// say in that. A run that fixes may need more memory than a report for what it
// has in use, and without a limit does not collect in vain.
func (c *command) tuneMemory() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(garbagePercent)
	}
	if os.Getenv("GOMEMLIMIT") == "" && !c.run.Fix && !c.run.Audit {
		limitMemory()
	}
}

// limitMemory sets the soft limit of a report, and sets it anew whenever
// garbage was collected: a limit that what is in use comes close to has the
// collector run all the time, at half of the CPU, and for nothing.
func limitMemory() {
	live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(live)
	debug.SetMemoryLimit(max(reportMemory, int64(live[0].Value.Uint64())*3/2))
	runtime.AddCleanup(new([1 << 10]byte), func(struct{}) { limitMemory() }, struct{}{})
}
