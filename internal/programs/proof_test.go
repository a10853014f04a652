package programs_test

import (
	"context"
	"flag"
	"fmt"
	"maps"
	"path/filepath"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/singletonfix/singletonfix/internal/driver"
	"github.com/singletonfix/singletonfix/internal/programs"
	"github.com/singletonfix/singletonfix/internal/report"
)

var (
	prove    = flag.Bool("prove", false, "prove the fixes as --verify does, beside all else")
	together = flag.Int("together", 50, "with -prove: how many programs are built as one")
)

// TestProof proves the fixes of programs as --verify does: the fixed code must
// not race, nor answer otherwise when nothing is concurrent. It takes about
// half a second for each program:
//
//	go test ./internal/programs -run TestProof -prove -seed 5 -programs 2000 -figures -timeout 0
func TestProof(t *testing.T) {
	if !*prove {
		t.Skip("takes minutes; -prove asks for it")
	}
	b := &batch{t: t, dir: t.TempDir(), strategy: "auto", figures: map[string]int{}, added: map[string]map[string]string{}}
	for i := range *count {
		b.programs = append(b.programs, &trial{Program: programs.New(*seed, *first+uint64(i))})
	}
	b.write("before", func(p *trial) []programs.File { return p.Files })
	// The driver proves as many packages at once as there are processors.
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(*together))
	for version := range b.versions() {
		bundleBuilds(t, filepath.Join(b.dir, module("before", version)))
		b.prove(version)
	}
	for _, what := range slices.Sorted(maps.Keys(b.figures)) {
		fmt.Printf("%s %d\n", what, b.figures[what])
	}
}

// prove proves the fixes of the programs of a language version.
func (b *batch) prove(version string) {
	res, err := driver.Run(context.Background(), driver.Options{
		Dir: filepath.Join(b.dir, module("before", version)), Patterns: []string{"./..."},
		Fix: true, Review: true, Fields: true, Strategy: b.strategy,
		Verify: &driver.VerifyOptions{Timeout: time.Hour, Skip: driver.Parts{Bench: true, OwnTests: true}},
	})
	if err != nil {
		b.t.Fatal(err)
	}
	shapes := map[string][]string{}
	for _, p := range b.programs {
		shapes[p.Name] = p.Shape
	}
	for _, s := range res.Report.Singletons {
		if s.Fix.Proof == nil {
			continue // not fixed
		}
		what := verdict(s.Fix.Proof)
		b.figures[what]++
		b.figures[what+" "+s.Pattern]++
		if slices.Contains(s.Fix.Proof.Checks, "closed-once") {
			b.figures["closed once"]++
		}
		if what == "failed" {
			b.t.Errorf("seed %d: the proof of %s failed: %s", *seed, s.ID, s.Fix.Proof)
		}
		if *verbose && what != "raced" {
			fmt.Printf("PROOF %s %s %s: %s: %s\n\t%s\n", what, s.Pattern, s.Fix.Strategy, s.ID, s.Fix.Proof, shapes[programOf(s.Package)])
		}
	}
}

// verdict says in a word or two what p showed.
func verdict(p *report.Proof) string {
	switch {
	case p.Status == report.ProofFailed:
		return "failed"
	case p.Status == report.ProofNotRun:
		return "not run"
	case p.RaceBefore:
		return "raced"
	case p.InstancesBefore > 1:
		return "several instances"
	case p.FailureBefore != "":
		return "failed before"
	}
	return "nothing seen"
}
