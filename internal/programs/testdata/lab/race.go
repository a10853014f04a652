package main

import (
	"bytes"
	"fmt"
	"io"
	"log"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
)

const goroutines = 20

// race uses p's fixed version from many goroutines: when nothing fails, while
// it is reset, and with each knob.
func race(p program, rng *rand.Rand) string {
	races := raceErrors()
	r := &racer{p: p, seed: rng.Uint64()}
	if !within(r.all) {
		r.problem("it does not come back")
	}
	if n := raceErrors() - races; n > 0 {
		r.problem("%d data races", n)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return strings.Join(r.problems, "\n")
}

type racer struct {
	p    program
	seed uint64

	mu       sync.Mutex
	problems []string
	values   int // that gets hand out
}

func (r *racer) problem(format string, args ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	text := fmt.Sprintf(format, args...)
	for _, p := range r.problems {
		if p == text {
			return
		}
	}
	r.problems = append(r.problems, text)
}

func (r *racer) all() {
	log.SetOutput(io.Discard)
	r.first()
	r.whileReset(io.Discard)
	var printed bytes.Buffer // the log locks it, and so hides races
	r.whileReset(&printed)
	r.closedOnce(printed.String())
	for _, k := range knobs {
		r.failing(k)
	}
}

// ops returns the ops of some kinds.
func (r *racer) ops(kinds string) []op {
	var out []op
	for _, o := range r.p.after {
		if strings.Contains(kinds, o.Kind) {
			out = append(out, o)
		}
	}
	return out
}

// An answer is what came of a call.
type answer struct {
	op
	id     int
	seen   string
	failed bool
}

// together lets each goroutine make calls in an order of its own, all at
// once, and returns all answers. Between the calls the goroutines share
// nothing: what orders them would hide their races.
func (r *racer) together(ops []op, calls int) []answer {
	answers := make([][]answer, goroutines)
	start := make(chan struct{})
	var wg sync.WaitGroup
	for g := range goroutines {
		wg.Go(func() {
			order := rand.New(rand.NewPCG(r.seed, uint64(g))).Perm(len(ops) * calls)
			<-start
			for _, i := range order {
				a := answer{op: ops[i%len(ops)]}
				a.id, a.seen, a.failed = try(a.op)
				answers[g] = append(answers[g], a)
			}
		})
	}
	close(start)
	wg.Wait()
	return slices.Concat(answers...)
}

// first is the first use: one instance of each value, and nothing missing.
func (r *racer) first() {
	ids := map[string]map[int]bool{}
	for _, a := range r.together(r.ops("get"), 3) {
		r.present(a)
		if ids[a.Of] == nil {
			ids[a.Of] = map[int]bool{}
		}
		ids[a.Of][a.id] = true
	}
	r.values = len(ids)
	if n := r.p.built(); n != len(ids) {
		r.problem("%d instances of %d values: %v", n, len(ids), ids)
	}
}

func (r *racer) present(a answer) {
	if a.failed || a.id == 0 {
		r.problem("%s finds nothing: %s", a.Name, a.seen)
	}
}

// whileReset resets and sets in between. No getter may come back with
// nothing, and no instance may be closed twice.
func (r *racer) whileReset(output io.Writer) {
	log.SetOutput(output)
	defer log.SetOutput(io.Discard)
	built, resets := r.p.built(), 0
	for _, a := range r.together(r.ops("get read reset set"), 4) {
		switch {
		case a.Kind == "get":
			r.present(a)
		case a.failed:
			r.problem("%s fails: %s", a.Name, a.seen)
		case a.Kind == "reset":
			resets++
		}
	}
	if n := r.p.built() - built; n > resets*r.values {
		r.problem("%d instances after %d resets", n, resets)
	}
}

// closedOnce looks for instances that were closed twice. Those with large
// numbers were set by several goroutines.
func (r *racer) closedOnce(printed string) {
	closed := map[int]bool{}
	for _, line := range strings.Split(printed, "\n") {
		var id int
		if n, _ := fmt.Sscanf(line, "closing %d", &id); n != 1 || id >= 700 && id < 1000 {
			continue
		}
		if closed[id] {
			r.problem("instance %d is closed twice", id)
		}
		closed[id] = true
	}
}

// failing looks at nothing but that all calls come back, without a race.
func (r *racer) failing(knob string) {
	setKnob(knob)
	for _, o := range r.ops("reset") {
		try(o)
	}
	r.together(r.ops("get read reset set"), 1)
	setKnob("")
	r.together(r.ops("get"), 1)
}
