package driver

import (
	"go/ast"
	"go/token"
	"slices"

	"github.com/singletonfix/singletonfix/detect"
)

// A Known is an unsafe singleton that somebody has seen, as a baseline has it.
type Known struct{ ID, Pattern string }

// idOf returns what identifies s between runs.
func idOf(pkg *detect.Package, s *detect.Singleton) string {
	return pkg.Path + "." + s.Vars[0].Name()
}

func known(pkg *detect.Package, s *detect.Singleton) Known {
	return Known{ID: idOf(pkg, s), Pattern: s.Pattern}
}

// Changed are the lines that changed, by absolute name of their file.
type Changed map[string][]Range

// A Range is a run of lines, both ends included.
type Range struct{ From, To int }

// touches reports whether a change is about s: it is declared, read or
// written on a changed line, or a changed line is in a function that fills
// it. A lock that is gone from such a function leaves no line of its own.
func (c Changed) touches(pkg *detect.Package, s *detect.Singleton) bool {
	for _, v := range s.Vars {
		if c.holds(pkg, v.Obj.Pos(), v.Obj.Pos()) {
			return true
		}
		for _, a := range v.Accesses {
			if c.holds(pkg, a.Pos(), a.Pos()) {
				return true
			}
		}
	}
	return slices.ContainsFunc(fillers(s), func(n ast.Node) bool { return c.holds(pkg, n.Pos(), n.End()) })
}

// fillers returns the functions that test s, and those that fill it.
func fillers(s *detect.Singleton) []ast.Node {
	var nodes []ast.Node
	for _, site := range s.Sites {
		nodes = append(nodes, site.Func.Outermost().Cur.Node())
		for _, w := range site.Fills {
			if w.In != nil {
				nodes = append(nodes, w.In.Outermost().Cur.Node())
			}
		}
	}
	return nodes
}

// holds reports whether a line from that of from to that of to changed.
func (c Changed) holds(pkg *detect.Package, from, to token.Pos) bool {
	first, last := pkg.Fset.PositionFor(from, false), pkg.Fset.PositionFor(to, false)
	return slices.ContainsFunc(c[first.Filename], func(r Range) bool { return r.From <= last.Line && first.Line <= r.To })
}
