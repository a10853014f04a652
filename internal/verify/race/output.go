package race

import (
	"regexp"
	"strconv"
	"strings"
)

var (
	differentValues = regexp.MustCompile(`(?:got|gave) (\d+) different values`)
	gaveNil         = regexp.MustCompile(`\S+ gave nil`)
	benchLine       = regexp.MustCompile(`(?m)^Benchmark\S+/(single|parallel)\S*\s+\d+\s+([0-9.]+) ns/op`)
)

// read returns what a run of a race test shows.
func (r runOf) read(tune tuning, dir string, own map[line]bool) Verdict {
	var v Verdict
	v.Reports, v.Others = countReports(r.out, dir, own)
	v.Raced = v.Reports > 0 || strings.Contains(r.out, "fatal error: concurrent map")
	if tune.value && strings.Contains(r.out, "/first_calls") {
		v.Instances = 1 // unless that part complains
		for _, m := range differentValues.FindAllStringSubmatch(r.out, -1) {
			n, _ := strconv.Atoi(m[1])
			v.Instances = max(v.Instances, n)
		}
	}
	if v.Failure = r.failure(); v.Failure == "" && tune.notNil {
		v.Failure = gaveNil.FindString(r.out)
	}
	return v
}

// failure says in a line what went wrong beside races and values that differ.
func (r runOf) failure() string {
	if !r.ended {
		return "it does not come to an end"
	}
	if r.err == nil {
		return ""
	}
	for _, start := range []string{"panic: ", "fatal error: "} {
		if i := strings.Index(r.out, start); i >= 0 {
			line, _, _ := strings.Cut(r.out[i:], "\n")
			return line
		}
	}
	if !strings.Contains(r.out, "--- FAIL") && !strings.Contains(r.out, "WARNING: DATA RACE") {
		return "the test binary ends with " + r.err.Error() + lastLine(r.out)
	}
	return ""
}

// lastLine returns the last line of what was printed, to go behind a sentence.
func lastLine(out string) string {
	lines := strings.Split(strings.TrimSpace(out), "\n")
	if last := strings.TrimSpace(lines[len(lines)-1]); last != "" {
		return ": " + last
	}
	return ""
}

// readBench adds what a benchmark printed.
func (v *Verdict) readBench(out string) {
	for _, m := range benchLine.FindAllStringSubmatch(out, -1) {
		ns, err := strconv.ParseFloat(m[2], 64)
		if err != nil {
			continue
		}
		if m[1] == "single" {
			v.Single = ns
		} else {
			v.Parallel = ns
		}
	}
}
