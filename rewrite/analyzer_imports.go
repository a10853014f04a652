package rewrite

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
)

// shareImports changes fixes so that they can be applied together where they
// add different imports to a file that has one import, or none: each then
// opens the same parentheses around its own imports, and a driver that merges
// the fixes finds these edits to be the same. Other fixes stay as they are.
func (u *analyzed) shareImports(fixes []fix) {
	for _, file := range u.pkg.Files {
		h := readHead(file.Src)
		if h == nil || h.several || bytes.Contains(file.Src, []byte("\r")) {
			continue // lines can be added, or are not ended as ours
		}
		added := make([][]string, len(fixes))
		for i, f := range fixes {
			added[i] = h.added(file.Src, f[file.Name])
		}
		if !differ(added) {
			continue // the edits are the same as it is
		}
		for i, f := range fixes {
			if added[i] != nil {
				f[file.Name] = h.share(file.Src, f[file.Name], added[i])
			}
		}
	}
}

// differ reports whether two of lists, nil ones aside, are not the same.
func differ(lists [][]string) bool {
	lists = slices.DeleteFunc(slices.Clone(lists), func(l []string) bool { return l == nil })
	return slices.ContainsFunc(lists, func(l []string) bool { return !slices.Equal(l, lists[0]) })
}

// A head is a file down to the line of its last import, or of the package clause.
type head struct {
	specs   []string // the imports, as they are written
	first   int      // offset of the first of them
	several bool     // more can be added by adding lines
	end     int      // offset of the line below
}

// readHead returns the head of src, nil if it is not the head of a file with more in it.
func readHead(src []byte) *head {
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "", src, parser.ImportsOnly)
	if err != nil {
		return nil
	}
	at := func(p token.Pos) int { return fset.PositionFor(p, false).Offset }
	h := &head{several: len(file.Decls) > 1, end: at(file.Name.End())}
	for _, d := range file.Decls {
		gen := d.(*ast.GenDecl) // nothing but imports was parsed
		h.several = h.several || gen.Lparen.IsValid()
		h.end = at(gen.End())
	}
	for i, spec := range file.Imports {
		if i == 0 {
			h.first = at(spec.Pos())
		}
		h.specs = append(h.specs, string(src[at(spec.Pos()):at(spec.End())]))
	}
	line := bytes.IndexByte(src[h.end:], '\n')
	if line < 0 {
		return nil
	}
	h.end += line + 1
	return h
}

// added returns the imports that splices add to src; nil if there are none,
// or if some are dropped as well.
func (h *head) added(src []byte, splices []splice) []string {
	now := readHead(splicedBytes(src, splices))
	if now == nil || slices.ContainsFunc(h.specs, func(spec string) bool { return !slices.Contains(now.specs, spec) }) {
		return nil
	}
	added := slices.DeleteFunc(now.specs, func(spec string) bool { return slices.Contains(h.specs, spec) })
	if len(added) == 0 {
		return nil
	}
	return added
}

// share returns splices with the imports added in parentheses of their own.
func (h *head) share(src []byte, splices []splice, added []string) []splice {
	out := []splice{{h.first, h.first, "(\n\t"}}
	if len(h.specs) == 0 {
		out = []splice{{h.end - 1, h.end - 1, "\n\nimport ("}}
	}
	for _, before := range []bool{true, false} {
		for _, spec := range added {
			switch {
			case before != (len(h.specs) > 0 && spec < h.specs[0]):
			case before:
				out = append(out, splice{h.first, h.first, spec + "\n\t"})
			default:
				out = append(out, splice{h.end - 1, h.end - 1, "\n\t" + spec})
			}
		}
	}
	out = append(out, splice{h.end, h.end, ")\n"})
	after := splicedBytes(src, splices)
	for _, s := range lineSplices(src[h.end:], after[readHead(after).end:]) {
		out = append(out, splice{s.start + h.end, s.end + h.end, s.text})
	}
	return out
}
