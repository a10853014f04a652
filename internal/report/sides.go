package report

import (
	"strings"

	"github.com/alecthomas/chroma/v2"
)

// A Block is a stretch of a diff: unchanged lines, or what was changed, with
// the old lines on the left and the new ones on the right.
type Block struct {
	Changed     bool
	First       bool // of a hunk
	Left, Right []Line
}

// A Line is a line of code with its number.
type Line struct {
	N      int
	Pieces []Piece
}

// A Piece is a token of a line, or a part of one.
type Piece struct {
	chroma.Token
	Mark bool // it is what the other side of a diff has not
}

// sides returns c as blocks for two columns.
func sides(c FileChange) []Block {
	before, after := highlight(c.Before), highlight(c.After)
	var blocks []Block
	for _, h := range hunksOf(diffLines(string(c.Before), string(c.After))) {
		oldLine, newLine := max(h.oldLine, 1), max(h.newLine, 1)
		for i, l := range h.lines {
			changed := l.op != ' '
			if i == 0 || blocks[len(blocks)-1].Changed != changed {
				blocks = append(blocks, Block{Changed: changed, First: i == 0})
			}
			b := &blocks[len(blocks)-1]
			if l.op != '+' {
				b.Left = append(b.Left, lineOf(oldLine, before))
				oldLine++
			}
			if l.op != '-' {
				b.Right = append(b.Right, lineOf(newLine, after))
				newLine++
			}
		}
	}
	for _, b := range blocks {
		if b.Changed {
			markWords(b.Left, b.Right)
		}
	}
	return blocks
}

// lineOf returns the nth of lines.
func lineOf(n int, lines [][]chroma.Token) Line {
	l := Line{N: n}
	for _, t := range lines[n-1] {
		l.Pieces = append(l.Pieces, Piece{Token: t})
	}
	return l
}

// markWords marks, in lines that are versions of each other, what differs.
func markWords(left, right []Line) {
	for _, p := range pairs(texts(left), texts(right)) {
		gone, come := changedWords(left[p.before].text(), right[p.after].text())
		left[p.before].Pieces = marked(left[p.before].Pieces, gone)
		right[p.after].Pieces = marked(right[p.after].Pieces, come)
	}
}

func texts(lines []Line) []string {
	var out []string
	for _, l := range lines {
		out = append(out, l.text())
	}
	return out
}

func (l Line) text() string {
	var b strings.Builder
	for _, p := range l.Pieces {
		b.WriteString(p.Value)
	}
	return b.String()
}

// marked returns pieces, cut where parts begin and end, with parts marked.
func marked(pieces []Piece, parts []part) []Piece {
	var out []Piece
	at := 0
	for _, p := range pieces {
		rest := p.Value
		for rest != "" {
			n, mark := len(rest), false
			for _, m := range parts {
				switch {
				case m.to <= at:
					continue
				case m.from <= at:
					n, mark = min(n, m.to-at), true
				case m.from < at+n:
					n = m.from - at
				}
				break
			}
			out = append(out, Piece{chroma.Token{Type: p.Type, Value: rest[:n]}, mark})
			rest, at = rest[n:], at+n
		}
	}
	return out
}

// A pair is two lines of a change, of which one is a version of the other.
type pair struct{ before, after int }

// pairs finds for removed lines the added ones that are their versions, in
// order: of each removed line the first added one that has most in common with it.
func pairs(before, after []string) []pair {
	if len(before)*len(after) > 10_000 {
		return nil // too much of a rewrite to be read word by word
	}
	var out []pair
	next := 0
	for i, old := range before {
		best, most := -1, 0
		for j := next; j < len(after); j++ {
			if n := likeness(old, after[j]); n > most {
				best, most = j, n
			}
		}
		if best >= 0 {
			out = append(out, pair{i, best})
			next = best + 1
		}
	}
	return out
}

// likeness returns how much two lines have in common, in per cent of
// both, or 0 where that is too little. Of lines that are equally alike
// the one that is indented as much wins.
func likeness(a, b string) int {
	indented := 0
	if len(a)-len(strings.TrimLeft(a, "\t ")) == len(b)-len(strings.TrimLeft(b, "\t ")) {
		indented = 1
	}
	a, b = strings.TrimSpace(a), strings.TrimSpace(b)
	if a == "" || b == "" {
		return 0
	}
	count := map[string]int{}
	for _, w := range word.FindAllString(a, -1) {
		count[w]++
	}
	common := 0
	for _, w := range word.FindAllString(b, -1) {
		if count[w] > 0 {
			count[w]--
			common += len(w)
		}
	}
	if n := 200 * common / (len(a) + len(b)); n >= 40 {
		return n + indented
	}
	return 0
}
