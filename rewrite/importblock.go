package rewrite

import (
	"bytes"
	"go/ast"
	"go/token"
	"slices"
	"strings"
)

// An importChange is what happens to the imports of a file.
type importChange struct {
	f    *workFile
	w    *workspace
	add  []*need // sorted by path
	drop []*ast.ImportSpec
}

// splices returns the change in bytes. New imports go to the group of the
// standard library, those of the module to the group of the module's own, or to
// the last one; groups, order and comments of the others stay.
func (c *importChange) splices() []splice {
	var out []splice
	at := c.target()
	for _, gen := range c.decls() {
		add := c.add
		if gen != at {
			add = nil
		}
		out = append(out, c.change(gen, add)...)
	}
	if at == nil && len(c.add) > 0 {
		out = append(out, c.newDecl())
	}
	return out
}

// decls returns the import declarations, without that of cgo.
func (c *importChange) decls() []*ast.GenDecl {
	var out []*ast.GenDecl
	for _, d := range c.f.syntax.Decls {
		gen, ok := d.(*ast.GenDecl)
		if !ok || gen.Tok != token.IMPORT || len(gen.Specs) == 0 {
			continue
		}
		if len(gen.Specs) == 1 && pathOf(gen.Specs[0].(*ast.ImportSpec)) == "C" {
			continue // the comment above is C code
		}
		out = append(out, gen)
	}
	return out
}

// target returns the declaration that takes the new imports, or nil.
func (c *importChange) target() *ast.GenDecl {
	decls := c.decls()
	for _, gen := range decls {
		if gen.Lparen.IsValid() && slices.ContainsFunc(gen.Specs, c.isStd) {
			return gen
		}
	}
	for _, gen := range decls {
		if gen.Lparen.IsValid() {
			return gen
		}
	}
	if len(decls) == 0 {
		return nil
	}
	if len(c.add) == 0 {
		return decls[0]
	}
	// One import a line: beside the one that it sorts behind.
	if !c.isStdPath(c.add[0].path) {
		return decls[len(decls)-1]
	}
	at := decls[0]
	for _, gen := range decls {
		if c.isStd(gen.Specs[0]) && pathOf(gen.Specs[0].(*ast.ImportSpec)) < c.add[0].path {
			at = gen
		}
	}
	return at
}

// isStd reports whether an import looks like one of the standard library: no
// dot in the first element of its path, and not the first element of this package's.
func (c *importChange) isStd(spec ast.Spec) bool { return c.isStdPath(pathOf(spec.(*ast.ImportSpec))) }

func (c *importChange) isStdPath(p string) bool {
	first := func(p string) string { first, _, _ := strings.Cut(p, "/"); return first }
	return p != "C" && !strings.Contains(first(p), ".") && first(p) != first(c.w.pkg.Path)
}

// change returns the splices of one import declaration.
func (c *importChange) change(gen *ast.GenDecl, add []*need) []splice {
	keep := slices.DeleteFunc(slices.Clone(gen.Specs), func(s ast.Spec) bool {
		return slices.Contains(c.drop, s.(*ast.ImportSpec))
	})
	switch {
	case len(keep) == len(gen.Specs) && len(add) == 0:
		return nil
	case len(keep) == 0 && len(add) == 0:
		doc := c.f.offset(docStart(gen))
		tail := c.f.lineTail(c.f.offset(gen.End()))
		if text := c.f.commentsIn(doc, tail); len(text) > 0 {
			return []splice{{doc, tail, strings.Join(text, "\n")}}
		}
		from, to := c.f.wholeLines(doc, tail)
		return []splice{{from, to, ""}}
	case !gen.Lparen.IsValid():
		return c.changeLone(gen, keep, add)
	}
	var out []splice
	for _, spec := range gen.Specs {
		if !slices.Contains(keep, spec) {
			out = append(out, c.cut(spec.(*ast.ImportSpec)))
		}
	}
	return append(out, c.insert(gen, add)...)
}

// changeLone changes import "x": into a declaration of several, or, where the
// file has one such line for each import, into several lines.
func (c *importChange) changeLone(gen *ast.GenDecl, keep []ast.Spec, add []*need) []splice {
	start, end := c.f.offset(gen.Pos()), c.f.offset(gen.End())
	old := gen.Specs[0].(*ast.ImportSpec)
	text := string(c.f.src.text[c.f.offset(old.Pos()):end])
	if len(keep) == 0 {
		return []splice{{start, end, c.importDecl(add)}}
	}
	var lines []string
	if len(c.decls()) > 1 {
		for _, n := range add {
			lines = append(lines, "import "+n.text())
		}
		if c.isStd(old) && pathOf(old) < add[0].path || !c.isStdPath(add[0].path) {
			tail := c.f.lineTail(end)
			return []splice{{tail, tail, "\n" + strings.Join(lines, "\n")}}
		}
		at := c.f.offset(docStart(gen))
		return []splice{{at, at, strings.Join(lines, "\n") + "\n"}}
	}
	// The rest of its line comes along: a comment there is about it.
	tail := c.f.lineTail(end)
	is := &need{path: pathOf(old), line: text + string(c.f.src.text[end:tail])}
	lines = c.grouped(append(add[:len(add):len(add)], is))
	return []splice{{start, tail, "import (\n" + strings.Join(lines, "\n") + "\n)"}}
}

// cut removes a spec, with its line if nothing else is on it.
func (c *importChange) cut(spec *ast.ImportSpec) splice {
	start, end := c.f.offset(spec.Pos()), c.f.offset(spec.End())
	text := c.f.src.text
	from := bytes.LastIndexByte(text[:start], '\n') + 1
	to := end + bytes.IndexByte(text[end:], '\n') + 1
	if len(bytes.TrimSpace(text[from:start])) == 0 && len(bytes.TrimSpace(text[end:to])) == 0 {
		if bytes.HasSuffix(text[:from], []byte("(\n")) && bytes.HasPrefix(text[to:], []byte("\n")) {
			to++ // the blank line behind it would open the declaration
		}
		return splice{from, to, ""}
	}
	if rest := bytes.TrimLeft(text[end:to], " \t"); rest[0] == ';' {
		end = to - len(rest) + 1
	}
	return splice{start, end, ""}
}

// insert returns the splices that put new imports into a declaration with parentheses.
func (c *importChange) insert(gen *ast.GenDecl, add []*need) []splice {
	if len(add) == 0 {
		return nil
	}
	var std, own []*need
	for _, n := range add {
		if c.isStdPath(n.path) {
			std = append(std, n)
		} else {
			own = append(own, n)
		}
	}
	return append(c.insertStd(gen, std), c.insertOwn(gen, own)...)
}

func (c *importChange) insertStd(gen *ast.GenDecl, add []*need) []splice {
	block := c.stdBlock(gen)
	var out []splice
	if block == nil && len(add) > 0 {
		// A group of its own in front of the others.
		var text strings.Builder
		for _, n := range add {
			text.WriteString("\n\t" + n.text())
		}
		at := c.f.offset(gen.Lparen) + 1
		return append(out, splice{at, at, text.String() + "\n"})
	}
	for _, n := range add {
		out = append(out, c.insertOne(block, n))
	}
	return out
}

func (c *importChange) insertOne(block []*ast.ImportSpec, n *need) splice {
	text := c.f.src.text
	lineStart := func(at int) int { return bytes.LastIndexByte(text[:at], '\n') + 1 }
	for _, spec := range block {
		if pathOf(spec) < n.path {
			continue
		}
		at := c.f.offset(spec.Pos())
		if spec.Doc != nil {
			at = c.f.offset(spec.Doc.Pos())
		}
		indent := text[lineStart(at):at]
		if len(bytes.TrimSpace(indent)) > 0 {
			return splice{at, at, n.text() + "; "} // import ("a"; "b")
		}
		return splice{at - len(indent), at - len(indent), string(indent) + n.text() + "\n"}
	}
	last := block[len(block)-1]
	start, end := c.f.offset(last.Pos()), c.f.offset(last.End())
	indent := text[lineStart(start):start]
	tail := c.f.lineTail(end)
	if len(bytes.TrimSpace(indent)) > 0 || tail == end && text[end] != '\n' {
		return splice{end, end, "; " + n.text()}
	}
	return splice{tail, tail, "\n" + string(indent) + n.text()}
}

// stdBlock returns the imports of gen, up to a blank line, among which those
// of the standard library are, or nil.
func (c *importChange) stdBlock(gen *ast.GenDecl) []*ast.ImportSpec {
	for _, block := range c.blocks(gen) {
		if slices.ContainsFunc(block, func(s *ast.ImportSpec) bool { return c.isStd(s) }) {
			return block
		}
	}
	return nil
}

// newDecl returns the first import declaration of a file.
func (c *importChange) newDecl() splice {
	after := c.f.syntax.Name.End()
	for _, d := range c.f.syntax.Decls {
		if gen, ok := d.(*ast.GenDecl); ok && gen.Tok == token.IMPORT {
			after = gen.End() // that of cgo
		}
	}
	at := c.f.lineTail(c.f.offset(after))
	text := "\n\n" + c.importDecl(c.add)
	if rest := c.f.src.text[at:]; len(rest) > 1 && !bytes.HasPrefix(rest, []byte("\n\n")) {
		text += "\n"
	}
	return splice{at, at, text}
}
