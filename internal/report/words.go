package report

import (
	"regexp"
	"strings"

	"github.com/sergi/go-diff/diffmatchpatch"
)

// longLine is the length from which on nobody looks for a changed word.
const longLine = 4000

// A part is a part of a line, in bytes.
type part struct{ from, to int }

var word = regexp.MustCompile(`[\pL\pN_]+|\s+|:=|[=!<>+*/-]=|&&|\|\||<-|\+\+|--|.`)

// changedWords returns what of the lines before and after the other has not,
// in whole words. White space in front does not count.
func changedWords(before, after string) (gone, come []part) {
	if len(before)+len(after) > longLine {
		return nil, nil
	}
	dmp := diffmatchpatch.New()
	dmp.DiffTimeout = 0
	known := map[string]rune{}
	a, b := runes(before, known), runes(after, known)
	words := make(map[rune]string, len(known))
	for w, r := range known {
		words[r] = w
	}
	x, y := 0, 0
	for _, d := range dmp.DiffMainRunes(a, b, false) {
		n := 0
		for _, r := range d.Text {
			n += len(words[r])
		}
		switch d.Type {
		case diffmatchpatch.DiffDelete:
			gone = append(gone, part{x, x + n})
			x += n
		case diffmatchpatch.DiffInsert:
			come = append(come, part{y, y + n})
			y += n
		default:
			x, y = x+n, y+n
		}
	}
	return behindIndent(gone, before), behindIndent(come, after)
}

// behindIndent returns what of parts is not indentation of line.
func behindIndent(parts []part, line string) []part {
	indent := len(line) - len(strings.TrimLeft(line, " \t"))
	var out []part
	for _, p := range parts {
		if p.from = max(p.from, indent); p.from < p.to {
			out = append(out, p)
		}
	}
	return out
}

// runes returns a rune for each word of text: the same one for the same word.
func runes(text string, known map[string]rune) []rune {
	var out []rune
	for _, w := range word.FindAllString(text, -1) {
		r, ok := known[w]
		if !ok {
			r = rune(0x100 + len(known)) // below the surrogates, as lines are not long
			known[w] = r
		}
		out = append(out, r)
	}
	return out
}

// changedParts returns, for each line of a hunk, the words that the version
// of it on the other side has not.
func changedParts(lines []diffLine) [][]part {
	parts := make([][]part, len(lines))
	for i := 0; i < len(lines); {
		start := i
		var gone, come []string
		for ; i < len(lines) && lines[i].op == '-'; i++ {
			gone = append(gone, lines[i].text)
		}
		for ; i < len(lines) && lines[i].op == '+'; i++ {
			come = append(come, lines[i].text)
		}
		for _, p := range pairs(gone, come) {
			a, b := start+p.before, start+len(gone)+p.after
			parts[a], parts[b] = changedWords(lines[a].text, lines[b].text)
		}
		if i == start {
			i++
		}
	}
	return parts
}
