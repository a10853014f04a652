package rewrite

import (
	"bytes"
	"regexp"
	"slices"
	"sort"
)

// lineSplices returns the splices of whole lines that turn before into
// after, in order.
func lineSplices(before, after []byte) []splice {
	old, edited := lines(before), lines(after)
	match := matchLines(old, edited)
	var out []splice
	start, at, next := 0, 0, 0 // of the lines not dealt with: offset, index in old, index in edited
	flush := func(i, j int) {
		from, to := joined(old[at:i]), joined(edited[next:j])
		if from != to {
			out = append(out, splitImports(splice{start, start + len(from), to})...)
		}
		start += len(from)
	}
	for i, j := range match {
		if j < 0 {
			continue
		}
		flush(i, j)
		start += len(old[i].text)
		at, next = i+1, j+1
	}
	flush(len(old), len(edited))
	return out
}

// lines cuts text into lines, each with its end.
func lines(text []byte) []unit {
	var out []unit
	for line := range bytes.Lines(text) {
		out = append(out, unit{text: string(line)})
	}
	return out
}

// matchLines returns, for each line of a, the index of its counterpart in b,
// or -1. Lines that each side has once, in the same order, are taken first:
// what is left between them is short, as the time and space of [common] grow
// with the square of it.
func matchLines(a, b []unit) []int {
	match := make([]int, 0, len(a))
	next := 0
	between := func(i, j int) {
		for _, m := range common(a[len(match):i], b[next:j]) {
			if m >= 0 {
				m += next
			}
			match = append(match, m)
		}
	}
	for _, anchor := range ascending(uniqueLines(a, b)) {
		between(anchor[0], anchor[1])
		match = append(match, anchor[1])
		next = anchor[1] + 1
	}
	between(len(a), len(b))
	return match
}

// uniqueLines returns the indices in a and in b of the lines that stand once in each.
func uniqueLines(a, b []unit) (pairs [][2]int) {
	type place struct{ n, at int }
	count := func(us []unit) map[string]place {
		places := make(map[string]place)
		for i, u := range us {
			places[u.text] = place{places[u.text].n + 1, i}
		}
		return places
	}
	inA, inB := count(a), count(b)
	for i, u := range a {
		if p := inB[u.text]; inA[u.text].n == 1 && p.n == 1 {
			pairs = append(pairs, [2]int{i, p.at})
		}
	}
	return pairs
}

// ascending returns the longest run of pairs, which ascend by their first
// index, whose second index ascends too.
func ascending(pairs [][2]int) [][2]int {
	tails := make([]int, 0, len(pairs)) // tails[n] ends the run of length n+1 that ends lowest
	before := make([]int, len(pairs))   // the pair in front, in the run that ends with a pair
	for i, p := range pairs {
		n := sort.Search(len(tails), func(n int) bool { return pairs[tails[n]][1] > p[1] })
		before[i] = -1
		if n > 0 {
			before[i] = tails[n-1]
		}
		if n == len(tails) {
			tails = append(tails, i)
			continue
		}
		tails[n] = i
	}
	if len(tails) == 0 {
		return nil
	}
	var run [][2]int
	for i := tails[len(tails)-1]; i >= 0; i = before[i] {
		run = append(run, pairs[i])
	}
	slices.Reverse(run)
	return run
}

var importLines = regexp.MustCompile(`^(\s*(import )?([\pL_.][\pL\pN_]* )?"[^"]*"\s*\n)+$`)

// splitImports makes an insertion of several imports one of each: drivers
// that merge the edits of two fixes then see which imports are the same.
func splitImports(s splice) []splice {
	if s.start != s.end || !importLines.MatchString(s.text) {
		return []splice{s}
	}
	var out []splice
	for _, line := range lines([]byte(s.text)) {
		out = append(out, splice{s.start, s.end, line.text})
	}
	return out
}

// mergeSplices returns x and y, two changes of one text, as one, as drivers
// of analyzers do: what is the same in both comes once, and of insertions at
// one place those of x come first. ok is false where they cannot be had together.
func mergeSplices(x, y []splice) (merged []splice, ok bool) {
	x, y = slices.Clone(x), slices.Clone(y)
	for len(x) > 0 && len(y) > 0 {
		a, b := &x[0], &y[0]
		switch {
		case *a == *b:
			merged = append(merged, *a)
			x, y = x[1:], y[1:]
		case a.end <= b.start:
			merged = append(merged, *a)
			x = x[1:]
		case b.end <= a.start:
			merged = append(merged, *b)
			y = y[1:]
		case a.start < b.start: // the lines in front go in any case
			merged = append(merged, splice{a.start, b.start, ""})
			a.start = b.start
		case b.start < a.start:
			merged = append(merged, splice{b.start, a.start, ""})
			b.start = a.start
		default:
			return nil, false
		}
	}
	return append(append(merged, x...), y...), true
}

// splicedBytes returns text after the splices, which are in order.
func splicedBytes(text []byte, splices []splice) []byte {
	var out []byte
	pos := 0
	for _, s := range splices {
		out = append(append(out, text[pos:s.start]...), s.text...)
		pos = s.end
	}
	return append(out, text[pos:]...)
}
