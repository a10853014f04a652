// Command lab runs programs of the grammar, before and after their fix. The
// test that builds it writes table.go, which lists them.
//
//	lab script SEED NAME...   both answer a random script of calls alike
//	lab race SEED NAME...     the fixed ones, used by many goroutines at once
//
// It prints "begin NAME" for each program, then "deviation NAME: TEXT" for
// what is wrong, with newlines quoted, then "end NAME".
package main

import (
	"fmt"
	"hash/fnv"
	"io"
	"log"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"time"
)

// An op is something that a program offers.
type op = struct {
	Name, Kind, Of string
	Call           func() (int, string, error)
}

// A program is one package, as it was and fixed.
type program struct {
	name   string
	after  []op
	built  func() int // number of instances that the fixed one made
	before [][]op     // as it was, and what it may have meant
}

// knobs are environment variables that make the programs' constructors fail.
var knobs = []string{"FAIL", "EMPTY", "PANIC", "OFF", "CLOSEFAIL"}

func main() {
	seed, err := strconv.ParseUint(os.Args[2], 10, 64)
	if err != nil {
		log.Fatal(err)
	}
	run := map[string]func(program, *rand.Rand) string{"script": script, "race": race}[os.Args[1]]
	log.SetFlags(0)
	for _, p := range programs {
		if !slices.Contains(os.Args[3:], p.name) {
			continue
		}
		fmt.Println("begin", p.name)
		if problem := run(p, rand.New(rand.NewPCG(seed, hash(p.name)))); problem != "" {
			fmt.Printf("deviation %s: %q\n", p.name, problem)
		}
		setKnob("")
		fmt.Println("end", p.name)
		if hangs {
			return // what stands still may move again, and be taken for the next one's
		}
	}
}

func hash(s string) uint64 {
	h := fnv.New64a()
	io.WriteString(h, s)
	return h.Sum64()
}

// setKnob sets one of the knobs and clears the others.
func setKnob(name string) {
	for _, k := range knobs {
		os.Unsetenv(k)
	}
	if name != "" {
		os.Setenv(name, "1")
	}
}

// try calls o and says what came of it: the number, and all that there is to
// see.
func try(o op) (id int, seen string, failed bool) {
	defer func() {
		if p := recover(); p != nil {
			seen, failed = fmt.Sprintf("panic: %v", p), true
		}
	}()
	id, note, err := o.Call()
	if err != nil {
		return id, fmt.Sprintf("%d %s error: %v", id, note, err), true
	}
	return id, fmt.Sprintf("%d %s", id, note), false
}

// patience is how long something may take that takes no time.
const patience = 20 * time.Second

// hangs says that something did not come back in time.
var hangs bool

// within reports whether f came to its end in time. Where it did not, it
// stands still for ever.
func within(f func()) bool {
	done := make(chan struct{})
	go func() {
		defer close(done)
		f()
	}()
	select {
	case <-done:
		return true
	case <-time.After(patience):
		hangs = true
		return false
	}
}
