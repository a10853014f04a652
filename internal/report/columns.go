package report

import (
	"unicode"
	"unicode/utf8"
)

// Columns are those of a name, from its start to behind its end, as SARIF
// counts them: from 1, in UTF-16 code units.
type Columns struct{ Start, End int }

// FindNames notes the columns of the name at each position. line returns a
// line of a file, "" where it cannot be had: the position then stays without.
func (r *Report) FindNames(line func(file string, n int) string) {
	r.eachPosition(func(p *Position) { p.Name = nameAt(line(p.File, p.Line), p.Column) })
}

// nameAt returns the columns of the name, or of the one character, that
// starts at a byte of line, counted from 1.
func nameAt(line string, column int) Columns {
	if column < 1 || column > len(line) {
		return Columns{}
	}
	before, rest := line[:column-1], line[column-1:]
	end := 0
	for end < len(rest) {
		r, size := utf8.DecodeRuneInString(rest[end:])
		if r != '_' && !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			break
		}
		end += size
	}
	if end == 0 {
		_, end = utf8.DecodeRuneInString(rest)
	}
	start := utf16Len(before) + 1
	return Columns{Start: start, End: start + utf16Len(rest[:end])}
}

// eachPosition calls f for each position of r.
func (r *Report) eachPosition(f func(*Position)) {
	notes := func(notes []Note) {
		for i := range notes {
			f(&notes[i].Position)
		}
	}
	for i := range r.Singletons {
		s := &r.Singletons[i]
		f(&s.Position)
		notes(s.Reasons)
		notes(s.Evidence)
		if s.Fix != nil && s.Fix.Refusal != nil {
			f(&s.Fix.Refusal.Position)
		}
	}
	notes(r.Suppressed)
	for _, e := range r.Errors {
		if e.Position != nil {
			f(e.Position)
		}
	}
}
