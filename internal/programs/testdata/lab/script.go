package main

import (
	"bytes"
	"fmt"
	"log"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
)

// A step of a script sets a knob, or calls an op.
type step struct {
	knob string // "": all are cleared, where op is negative
	op   int
}

// script lets both versions of p answer the same calls, in one goroutine.
func script(p program, rng *rand.Rand) string {
	steps := steps(p, rng)
	after := answers(p.after, steps)
	for _, ops := range p.before[1:] {
		if slices.Equal(answers(ops, steps), after) {
			return ""
		}
	}
	before := answers(p.before[0], steps)
	for i := range max(len(before), len(after)) {
		if i >= len(before) || i >= len(after) || before[i] != after[i] {
			return fmt.Sprintf("the script\n%s\nwas answered\n%s\nand is answered now\n%s",
				list(p, steps, i), strings.Join(before[:min(i+1, len(before))], "\n"), strings.Join(after[:min(i+1, len(after))], "\n"))
		}
	}
	return ""
}

// steps makes a script up: mostly gets, among them all that can go wrong.
func steps(p program, rng *rand.Rand) []step {
	var gets, others []int
	for i, o := range p.after {
		if o.Kind == "get" {
			gets = append(gets, i)
		} else {
			others = append(others, i)
		}
	}
	var out []step
	for range 40 {
		switch n := rng.IntN(100); {
		case n < 12:
			out = append(out, step{knobs[rng.IntN(len(knobs))], -1})
		case n < 28:
			out = append(out, step{"", -1})
		case n < 60 || len(others) == 0:
			out = append(out, step{op: gets[rng.IntN(len(gets))]})
		default:
			out = append(out, step{op: others[rng.IntN(len(others))]})
		}
	}
	return out
}

// answers carries out a script. Where a call does not come back, its answer
// is the last.
func answers(ops []op, steps []step) []string {
	setKnob("")
	var out []string
	var mu sync.Mutex
	var printed bytes.Buffer
	log.SetOutput(&printed)
	within(func() {
		for _, s := range steps {
			answer := "knob"
			if s.op < 0 {
				setKnob(s.knob)
			} else {
				printed.Reset()
				_, seen, _ := try(ops[s.op])
				answer = fmt.Sprintf("%s: %s; printed %q", ops[s.op].Name, seen, printed.String())
			}
			mu.Lock()
			out = append(out, answer)
			mu.Unlock()
		}
	})
	mu.Lock()
	defer mu.Unlock()
	return append([]string(nil), out...)
}

// list returns the first steps of a script, up to step last.
func list(p program, steps []step, last int) string {
	var b strings.Builder
	for _, s := range steps[:min(last+1, len(steps))] {
		if s.op >= 0 {
			fmt.Fprintf(&b, "%s ", p.after[s.op].Name)
		} else {
			fmt.Fprintf(&b, "[%s] ", s.knob)
		}
	}
	return b.String()
}
