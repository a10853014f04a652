package rewrite

import (
	"go/scanner"
	"go/token"
	"strings"
)

// Together returns a file after two changes of it, each of which was made
// without the other; ok is false where they change the same words.
func Together(before, one, other []byte) (both []byte, ok bool) {
	splices, ok := mergeSplices(wordSplices(before, one), wordSplices(before, other))
	if !ok {
		return nil, false
	}
	return likeBefore(before, splicedBytes(before, splices)), true
}

// mostWords is how many words of a change are compared one by one.
const mostWords = 1000

// wordSplices is lineSplices as far as words go: what changes in a line is
// told from what does not. Space alone is no change, but for the ends of lines.
func wordSplices(before, after []byte) []splice {
	var out []splice
	for _, s := range lineSplices(before, after) {
		old, edited := words(string(before[s.start:s.end])), words(s.text)
		if len(old) > mostWords || len(edited) > mostWords || s.start == s.end {
			out = append(out, s)
			continue
		}
		out = append(out, wordSplicesAt(s.start, old, edited)...)
	}
	return out
}

// wordSplicesAt returns the splices that turn the words old, which stand at
// offset start, into edited.
func wordSplicesAt(start int, old, edited []word) []splice {
	var out []splice
	at, next := 0, 0
	flush := func(i, j int) {
		if i == at && j == next {
			return
		}
		s := splice{start: start + startOf(old, at), end: start + startOf(old, i)}
		for _, w := range edited[next:j] {
			s.text += w.space + w.text
		}
		out = append(out, s)
	}
	for i, j := range common(asUnits(old), asUnits(edited)) {
		if j < 0 {
			continue
		}
		flush(i, j)
		at, next = i+1, j+1
		if was, is := old[i].space, edited[j].space; strings.Contains(was, "\n") != strings.Contains(is, "\n") && (i > 0 || j > 0) {
			// One of the two is the first word of the text, behind a line's end that is outside it.
			space := splice{start + old[i].start, start + old[i].start + len(was), is}
			if n := len(out) - 1; n >= 0 && out[n].end == space.start {
				out[n] = splice{out[n].start, space.end, out[n].text + is}
				continue
			}
			out = append(out, space)
		}
	}
	flush(len(old), len(edited))
	return out
}

// startOf returns the offset of word n, or of the end.
func startOf(ws []word, n int) int {
	if n == len(ws) {
		return ws[n-1].end
	}
	return ws[n].start
}

// A word is a token or a comment, with the space in front of it.
type word struct {
	space, text string
	start, end  int // with the space
}

func asUnits(ws []word) []unit {
	out := make([]unit, len(ws))
	for i, w := range ws {
		out[i].text = w.text
		if strings.Contains(w.space, "\n") || w.start == 0 {
			out[i].text = "\n" + w.text // ends a statement
		}
	}
	return out
}

// words cuts text into words. The last is what stands behind all tokens.
func words(text string) []word {
	var out []word
	var s scanner.Scanner
	file := token.NewFileSet().AddFile("", -1, len(text))
	s.Init(file, []byte(text), func(token.Position, string) {}, scanner.ScanComments)
	end := 0 // of the last token
	for {
		pos, tok, lit := s.Scan()
		if tok == token.EOF {
			return append(out, word{text: text[end:], start: end, end: len(text)})
		}
		if tok == token.SEMICOLON && lit != ";" {
			continue // a line's end
		}
		at := file.Offset(pos)
		if lit == "" || tok.IsOperator() {
			lit = tok.String()
		}
		to := tokenEnd(text, at, tok, lit)
		out = append(out, word{space: text[end:at], text: text[at:to], start: end, end: to})
		end = to
	}
}
