package rewrite

import (
	"bytes"
	"go/ast"
	"slices"
)

// merge returns the splices that bring the change from base to edited into
// old. base is old as the printer writes it, edited is the same after the
// edits: what the printer alone did differently stays as it is in old. So in
// a file that is not gofmt'd only the lines of the change are touched.
//
// Where old does not show how it is indented, it is by indent.
//
// ok is false where old and base do not hold the same tokens and comments.
func merge(old, base, edited, indent string) (splices []splice, ok bool) {
	oldUnits, baseUnits := units(old), units(base)
	chunks, ok := align(oldUnits, baseUnits)
	if !ok {
		return nil, false
	}
	newUnits := units(edited)
	indents := learnIndents(oldUnits, baseUnits, chunks, indent)
	kept := common(baseUnits, newUnits)
	pos, newPos := 0, 0 // up to here old and edited are dealt with
	flush := func(oldEnd, newEnd int) {
		oldText, newText := joined(oldUnits[pos:oldEnd]), indents.joined(newUnits[newPos:newEnd])
		if oldText == newText {
			return
		}
		start := offset(oldUnits, pos)
		splices = append(splices, splice{start, start + len(oldText), newText})
	}
	for _, c := range chunks {
		at := kept[c.base]
		if at < newPos || !c.keptWhole(kept) {
			continue
		}
		flush(c.old, at)
		pos, newPos = c.oldEnd, at+c.baseEnd-c.base
	}
	flush(len(oldUnits), len(newUnits))
	return splices, true
}

// indents are the indentations of a declaration, by the number of tabs that
// gofmt would write: of two files, one may indent by four spaces.
type indents map[int]string

// learnIndents sees how old indents what the printer writes as base; one is
// what it takes for a single tab where old has none.
func learnIndents(old, base []unit, chunks []chunk, one string) indents {
	in := make(indents)
	for _, c := range chunks {
		_, theirs, _ := old[c.old].split()
		_, ours, _ := base[c.base].split()
		if _, known := in[len(ours)]; !known && len(ours) > 0 {
			in[len(ours)] = theirs
		}
	}
	if _, known := in[1]; !known {
		in[1] = one
	}
	return in
}

// indented returns the text of new declarations indented as decl, beside which
// they stand, is in its file.
func (f *workFile) indented(decl ast.Decl, t *topEdit, text string) string {
	old, base := units(string(f.src.text[f.offset(decl.Pos()):f.offset(decl.End())])), units(t.base)
	chunks, ok := align(old, base)
	if !ok {
		return text
	}
	return learnIndents(old, base, chunks, f.indent()).joined(units(text))
}

// indent returns what the first statement of the file that stands on a line of
// its own in a function is indented by.
func (f *workFile) indent() string {
	for _, decl := range f.syntax.Decls {
		fn, ok := decl.(*ast.FuncDecl)
		if !ok || fn.Body == nil || len(fn.Body.List) == 0 {
			continue
		}
		at := f.offset(fn.Body.List[0].Pos())
		start := bytes.LastIndexByte(f.src.text[:at], '\n') + 1
		if space := f.src.text[start:at]; len(bytes.TrimSpace(space)) == 0 && len(space) > 0 {
			return string(space)
		}
	}
	return "\t"
}

// A chunk is a run of units of old and of base that hold the same tokens.
type chunk struct{ old, oldEnd, base, baseEnd int }

// keptWhole reports whether all units of the chunk are in the edited text, one after the other.
func (c chunk) keptWhole(kept []int) bool {
	for i := c.base; i < c.baseEnd; i++ {
		if kept[i] < 0 || kept[i] != kept[c.base]+i-c.base {
			return false
		}
	}
	return true
}

// align cuts old and base into the smallest chunks; ok is false where their tokens differ.
func align(old, base []unit) (chunks []chunk, ok bool) {
	if !slices.Equal(tokensOf(old), tokensOf(base)) {
		return nil, false
	}
	i, j := 0, 0
	for i < len(old) && j < len(base) {
		c := chunk{old: i, base: j}
		n, m := len(old[i].tokens), len(base[j].tokens)
		i, j = i+1, j+1
		for n != m {
			if n < m {
				n += len(old[i].tokens)
				i++
				continue
			}
			m += len(base[j].tokens)
			j++
		}
		c.oldEnd, c.baseEnd = i, j
		chunks = append(chunks, c)
	}
	return chunks, true
}

// common returns, for each unit of a, the index of the unit of b that it is
// matched with by a longest common subsequence, or -1.
func common(a, b []unit) []int {
	match := make([]int, len(a))
	for i := range match {
		match[i] = -1
	}
	lo := 0
	for lo < len(a) && lo < len(b) && a[lo].text == b[lo].text {
		match[lo] = lo
		lo++
	}
	n, m := len(a), len(b)
	for n > lo && m > lo && a[n-1].text == b[m-1].text {
		n, m = n-1, m-1
		match[n] = m
	}
	// length[i][j] is that of the longest common subsequence of a[lo+i:n] and b[lo+j:m].
	length := make([][]int32, n-lo+1)
	for i := range length {
		length[i] = make([]int32, m-lo+1)
	}
	for i := n - lo - 1; i >= 0; i-- {
		for j := m - lo - 1; j >= 0; j-- {
			if a[lo+i].text == b[lo+j].text {
				length[i][j] = length[i+1][j+1] + 1
				continue
			}
			length[i][j] = max(length[i+1][j], length[i][j+1])
		}
	}
	for i, j := 0, 0; i < n-lo && j < m-lo; {
		switch {
		case a[lo+i].text == b[lo+j].text:
			match[lo+i] = lo + j
			i, j = i+1, j+1
		case length[i+1][j] >= length[i][j+1]:
			i++
		default:
			j++
		}
	}
	return match
}
