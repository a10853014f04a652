package rewrite

import (
	"go/ast"
	"go/token"
	"slices"
	"strings"
)

// grouped returns a line for each import, sorted, those of the standard
// library in front of the others.
func (c *importChange) grouped(all []*need) []string {
	var std, others []string
	for _, n := range slices.SortedStableFunc(slices.Values(all), func(a, b *need) int { return strings.Compare(a.path, b.path) }) {
		if c.isStdPath(n.path) {
			std = append(std, "\t"+n.text())
		} else {
			others = append(others, "\t"+n.text())
		}
	}
	if len(std) > 0 && len(others) > 0 {
		std = append(std, "")
	}
	return append(std, others...)
}

// importDecl returns a declaration of imports.
func (c *importChange) importDecl(add []*need) string {
	if len(add) == 1 {
		return "import " + add[0].text()
	}
	return "import (\n" + strings.Join(c.grouped(add), "\n") + "\n)"
}

// insertOwn returns the splices that put imports of the module into the last
// group that has some of the module, or of others; else into a group behind all.
func (c *importChange) insertOwn(gen *ast.GenDecl, add []*need) []splice {
	var out []splice
	for _, n := range add {
		var best []*ast.ImportSpec
		for _, block := range c.blocks(gen) {
			if !slices.ContainsFunc(block, func(s *ast.ImportSpec) bool { return !c.isStd(s) }) {
				continue
			}
			if best == nil || commonPath(block, n.path) >= commonPath(best, n.path) {
				best = block
			}
		}
		if best != nil {
			out = append(out, c.insertOne(best, n))
			continue
		}
		blocks := c.blocks(gen)
		if len(blocks) == 0 {
			at := c.f.offset(gen.Lparen) + 1
			out = append(out, splice{at, at, "\n\t" + n.text()})
			continue
		}
		last := blocks[len(blocks)-1]
		tail := c.f.lineTail(c.f.offset(last[len(last)-1].End()))
		out = append(out, splice{tail, tail, "\n\n\t" + n.text()})
	}
	return out
}

// commonPath returns how many elements of p some import of block begins with.
func commonPath(block []*ast.ImportSpec, p string) int {
	longest := 0
	for _, spec := range block {
		a, b := strings.Split(pathOf(spec), "/"), strings.Split(p, "/")
		n := 0
		for n < min(len(a), len(b)) && a[n] == b[n] {
			n++
		}
		longest = max(longest, n)
	}
	return longest
}

// blocks returns the imports of gen that stay, in their groups, which blank lines part.
func (c *importChange) blocks(gen *ast.GenDecl) [][]*ast.ImportSpec {
	var blocks [][]*ast.ImportSpec
	line := func(pos token.Pos) int { return c.w.fset.PositionFor(pos, false).Line }
	end := 0
	for i, s := range gen.Specs {
		spec := s.(*ast.ImportSpec)
		start := spec.Pos()
		if spec.Doc != nil {
			start = spec.Doc.Pos()
		}
		if i == 0 || line(start) > end+1 {
			blocks = append(blocks, nil)
		}
		if !slices.Contains(c.drop, spec) {
			blocks[len(blocks)-1] = append(blocks[len(blocks)-1], spec)
		}
		end = line(spec.End())
	}
	return slices.DeleteFunc(blocks, func(b []*ast.ImportSpec) bool { return len(b) == 0 })
}
