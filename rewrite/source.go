package rewrite

import (
	"bytes"
	"cmp"
	"fmt"
	"go/format"
	"slices"
	"strings"
)

var bom = []byte("\xef\xbb\xbf")

// A source is the text of one file with what gofmt would not keep set
// aside: byte order mark, carriage returns, a missing final newline.
// Edits are made on text; render puts everything back.
type source struct {
	text      []byte // line feeds only
	bom       bool
	returns   []int // offsets in text of the line feeds that had a carriage return before them
	crlf      bool  // most lines end in a carriage return and a line feed: new ones do too
	noNewline bool  // the last line is not ended
	formatted bool  // text is as gofmt would leave it
}

func newSource(src []byte) *source {
	s := new(source)
	src, s.bom = bytes.CutPrefix(src, bom)
	for line := range bytes.Lines(src) {
		if body, ok := bytes.CutSuffix(line, []byte("\r\n")); ok {
			s.returns = append(s.returns, len(s.text)+len(body))
			line = append(slices.Clip(body), '\n')
		}
		s.text = append(s.text, line...)
	}
	s.crlf = 2*len(s.returns) > bytes.Count(s.text, []byte("\n"))
	if s.noNewline = !bytes.HasSuffix(s.text, []byte("\n")); s.noNewline {
		s.text = append(s.text, '\n')
	}
	clean, err := format.Source(s.text)
	s.formatted = err == nil && bytes.Equal(clean, s.text)
	return s
}

// A splice puts text in the place of the bytes start..end of a source.
type splice struct {
	start, end int
	text       string
}

// render returns the file's bytes after the splices.
//
// A file that was gofmt-clean is gofmt-clean afterwards; of any other file
// every byte outside the splices stays as it was.
//
// Precondition: no two splices overlap. Several at one place keep their order.
func (s *source) render(splices []splice) ([]byte, error) {
	slices.SortStableFunc(splices, func(a, b splice) int {
		return cmp.Or(cmp.Compare(a.start, b.start), cmp.Compare(a.end, b.end))
	})
	if s.formatted && (len(s.returns) == 0 || s.allReturns()) {
		return s.renderFormatted(splices)
	}
	var out []byte
	pos := 0
	for _, sp := range splices {
		if sp.start < pos {
			return nil, fmt.Errorf("edits overlap at byte %d", sp.start)
		}
		out = s.appendOld(out, pos, sp.start)
		out = append(out, s.ownLines(sp.text)...)
		pos = sp.end
	}
	out = s.appendOld(out, pos, len(s.text))
	if s.noNewline {
		out = bytes.TrimRight(out, "\r\n")
	}
	return s.withBOM(out), nil
}

func (s *source) allReturns() bool {
	return len(s.returns) == bytes.Count(s.text, []byte("\n"))-btoi(s.noNewline)
}

func (s *source) renderFormatted(splices []splice) ([]byte, error) {
	var out []byte
	pos := 0
	for _, sp := range splices {
		if sp.start < pos {
			return nil, fmt.Errorf("edits overlap at byte %d", sp.start)
		}
		out = append(out, s.text[pos:sp.start]...)
		out = append(out, sp.text...)
		pos = sp.end
	}
	out, err := format.Source(append(out, s.text[pos:]...))
	if err != nil {
		return nil, fmt.Errorf("format the result: %w", err)
	}
	if s.noNewline {
		out = bytes.TrimSuffix(out, []byte("\n"))
	}
	return s.withBOM([]byte(s.ownLines(string(out)))), nil
}

// appendOld appends the bytes start..end of the text, with the line ends they had.
func (s *source) appendOld(out []byte, start, end int) []byte {
	first, _ := slices.BinarySearch(s.returns, start)
	for _, at := range s.returns[first:] {
		if at >= end {
			break
		}
		out = append(append(out, s.text[start:at]...), '\r')
		start = at
	}
	return append(out, s.text[start:end]...)
}

// ownLines returns new text with the line ends of the file.
func (s *source) ownLines(text string) string {
	if !s.crlf {
		return text
	}
	return strings.ReplaceAll(text, "\n", "\r\n")
}

func (s *source) withBOM(out []byte) []byte {
	if !s.bom {
		return out
	}
	return append(slices.Clip(bom), out...)
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}
