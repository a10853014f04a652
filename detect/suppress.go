package detect

import (
	"go/ast"
	"go/token"
	"slices"
	"strings"
)

// Suppressed reports whether a comment asks to leave s alone: on the line of
// one of its variables or of a function that fills it, or on the line above.
func (s *Singleton) Suppressed() bool {
	var places []token.Pos
	for _, v := range s.Vars {
		places = append(places, v.Obj.Pos())
	}
	for _, site := range s.Sites {
		places = append(places, site.Func.Cur.Node().Pos())
	}
	return slices.ContainsFunc(places, func(pos token.Pos) bool { return s.Facts.Pkg.Suppresses(pos, s.Pattern) })
}

// Suppresses reports whether a comment on the line of pos, or on the line
// above, asks to leave pattern alone.
func (p *Package) Suppresses(pos token.Pos, pattern string) bool {
	file := p.File(pos)
	if file == nil {
		return false
	}
	line := p.Fset.PositionFor(pos, false).Line
	for _, group := range file.Syntax.Comments {
		for _, c := range group.List {
			at := p.Fset.PositionFor(c.Pos(), false).Line
			if (at == line || at == line-1) && suppresses(c, pattern) {
				return true
			}
		}
	}
	return false
}

// suppresses reports whether c says //singletonfix:ignore, for pattern or
// for all, or //nolint:singletonfix, alone or among other linters.
func suppresses(c *ast.Comment, pattern string) bool {
	if rest, ok := strings.CutPrefix(c.Text, "//singletonfix:ignore"); ok {
		names, _, _ := strings.Cut(rest, "//") // the reason
		if names = strings.TrimSpace(names); names == "" {
			return true
		}
		return rest[0] == ' ' && slices.Contains(splitList(names), pattern)
	}
	if rest, ok := strings.CutPrefix(c.Text, "//nolint:"); ok {
		names, _, _ := strings.Cut(rest, "//")
		return slices.Contains(splitList(names), "singletonfix")
	}
	return false
}

// splitList returns the names of a list separated by commas.
func splitList(list string) []string {
	var names []string
	for name := range strings.SplitSeq(list, ",") {
		if name = strings.TrimSpace(name); name != "" {
			names = append(names, name)
		}
	}
	return names
}
