package rewrite

import (
	"fmt"
	"go/ast"
	"reflect"
	"slices"
	"strings"

	"github.com/dave/dst"
	"github.com/dave/dst/dstutil"
)

// fill puts nodes of the old code in the place of the holes below root.
func (w *workspace) fill(s *step, root dst.Node) error {
	var failed error
	used := make(map[string]bool)
	dstutil.Apply(root, nil, func(c *dstutil.Cursor) bool {
		name, ok := holeAt(c.Node())
		if !ok || isHoleStmt(c.Parent()) {
			return true // a hole that is a whole statement is filled as one
		}
		nodes, ok := s.holes[name]
		if !ok {
			failed = fmt.Errorf("new code %q: nothing fills the hole $%s", s.edit.Code, name)
			return false
		}
		used[name] = true
		if err := w.fillHole(s, c, nodes); err != nil {
			failed = fmt.Errorf("new code %q: hole $%s: %w", s.edit.Code, name, err)
			return false
		}
		return true
	})
	if failed != nil {
		return failed
	}
	for name := range s.holes {
		if !used[name] {
			return fmt.Errorf("new code %q has no hole $%s", s.edit.Code, name)
		}
	}
	return nil
}

// holeAt returns the name of the hole that n is: an identifier, or a
// statement or unnamed parameter that is nothing but one.
func holeAt(n dst.Node) (string, bool) {
	switch m := n.(type) {
	case *dst.ExprStmt:
		n = m.X
	case *dst.Field:
		if len(m.Names) > 0 {
			return "", false
		}
		n = m.Type
	}
	id, ok := n.(*dst.Ident)
	if !ok {
		return "", false
	}
	return strings.CutPrefix(id.Name, holeMark)
}

func isHoleStmt(n dst.Node) bool {
	switch n.(type) {
	case *dst.ExprStmt, *dst.Field:
		_, ok := holeAt(n)
		return ok
	}
	return false
}

// fillHole replaces the placeholder at c by what stands at nodes by now.
func (w *workspace) fillHole(s *step, c *dstutil.Cursor, nodes []ast.Node) error {
	var fill []dst.Node
	for _, n := range nodes {
		now, err := w.take(s, n)
		if err != nil {
			return err
		}
		fill = append(fill, now...)
	}
	if field, ok := c.Node().(*dst.Field); ok && len(fill) == 1 {
		if e, ok := fill[0].(dst.Expr); ok {
			field.Type = e
			return nil
		}
	}
	_, isStmt := c.Node().(*dst.ExprStmt)
	for i, n := range fill {
		if e, ok := n.(dst.Expr); ok && isStmt {
			fill[i] = &dst.ExprStmt{X: e}
		}
		if es, ok := n.(*dst.ExprStmt); ok && !isStmt {
			fill[i] = es.X
		}
	}
	if isStmt {
		takeSpace(c, fill, c.Index() > 0 && w.followsMoving(nodes))
	}
	return place(c, fill)
}

// followsMoving reports whether the statement in front of nodes moves as they do.
func (w *workspace) followsMoving(nodes []ast.Node) bool {
	if len(nodes) == 0 {
		return false
	}
	list := stmtsOf(w.parent[nodes[0]])
	i := slices.IndexFunc(list, func(s ast.Stmt) bool { return s == nodes[0] })
	return i > 0 && w.moving[list[i-1]]
}

// place puts nodes in the place of the node at c.
func place(c *dstutil.Cursor, nodes []dst.Node) (err error) {
	defer func() {
		// dstutil sets fields by reflection, and panics where the type does not fit.
		if r := recover(); r != nil {
			err = fmt.Errorf("does not take what is to fill it: %v", r)
		}
	}()
	if len(nodes) == 1 {
		c.Replace(nodes[0])
		return nil
	}
	if c.Index() < 0 {
		return fmt.Errorf("takes one node, there are %d", len(nodes))
	}
	for _, n := range nodes {
		c.InsertBefore(n)
	}
	c.Delete()
	return nil
}

// takeSpace gives statements the blank lines of the placeholder at c: those
// around them belonged to where they came from. keep is true where what stood
// in front of them has come along.
func takeSpace(c *dstutil.Cursor, stmts []dst.Node, keep bool) {
	if len(stmts) == 0 {
		return
	}
	hole := c.Node().Decorations()
	first, last := stmts[0].Decorations(), stmts[len(stmts)-1].Decorations()
	if !keep {
		first.Before = dst.NewLine
	}
	first.Before, last.After = max(hole.Before, first.Before), max(hole.After, dst.NewLine)
	first.Start.Prepend(hole.Start...)
	last.End.Append(hole.End...)
}

// take returns what stands at n by now, or a copy without comments where n
// stays in its place too.
func (w *workspace) take(s *step, n ast.Node) ([]dst.Node, error) {
	now := w.now(s, n)
	if w.moving[n] && !w.moved[n] {
		w.moved[n] = true
		return now, nil
	}
	var out []dst.Node
	for _, m := range now {
		c := dst.Clone(m)
		dropComments(c)
		out = append(out, c)
	}
	return out, nil
}

// now returns what stands at n. Of what an edit itself takes away, that
// leaves out what other edits have put in front of it and behind it.
func (w *workspace) now(s *step, n ast.Node) []dst.Node {
	if kept, ok := w.kept[n]; ok {
		return kept
	}
	if e, ok := w.exprs[n]; ok {
		return []dst.Node{e}
	}
	st, ok := w.stmts[n]
	if !ok {
		return []dst.Node{w.dec.Dst.Nodes[n]}
	}
	var out []dst.Node
	add := func(stmts []dst.Stmt) {
		for _, stmt := range stmts {
			out = append(out, stmt)
		}
	}
	if len(s.run) == 0 || n != s.run[0] {
		add(st.before)
	}
	add(st.self)
	if len(s.run) == 0 || n != s.run[len(s.run)-1] {
		add(st.after)
	}
	return out
}

// dropComments removes the comments of a copy: they stay at the original.
func dropComments(root dst.Node) {
	dst.Inspect(root, func(n dst.Node) bool {
		if n == nil {
			return false
		}
		eachDecorations(n, func(d *dst.Decorations) {
			*d = slices.DeleteFunc(slices.Clone(*d), func(s string) bool { return s != "\n" })
		})
		return true
	})
}

// eachDecorations calls f for every place of a node's decorations, in the order of dst's fields.
func eachDecorations(n dst.Node, f func(*dst.Decorations)) {
	decs := reflect.ValueOf(n).Elem().FieldByName("Decs")
	if decs.Kind() != reflect.Struct {
		return
	}
	for i := range decs.NumField() {
		switch field := decs.Field(i).Addr().Interface().(type) {
		case *dst.Decorations:
			f(field)
		case *dst.NodeDecs:
			f(&field.Start)
			f(&field.End)
		}
	}
}
