package rewrite

import (
	"fmt"
	"go/ast"
	"slices"
	"strings"

	"github.com/dave/dst"
	"github.com/dave/dst/dstutil"
)

// standing is what stands at the place of a statement after some edits.
type standing struct{ before, self, after []dst.Stmt }

func (w *workspace) standing(n ast.Node) *standing {
	st := w.stmts[n]
	if st == nil {
		st = &standing{self: []dst.Stmt{w.dec.Dst.Nodes[n].(dst.Stmt)}}
		w.stmts[n] = st
	}
	return st
}

// listOf returns the list of statements that holds the statement n, or nil:
// an init statement, or the if behind an else.
func (w *workspace) listOf(n ast.Node) *[]dst.Stmt {
	p := w.parent[n]
	if comm, ok := p.(*ast.CommClause); ok && comm.Comm == n {
		return nil
	}
	switch p := w.dec.Dst.Nodes[p].(type) {
	case *dst.BlockStmt:
		return &p.List
	case *dst.CaseClause:
		return &p.Body
	case *dst.CommClause:
		return &p.Body
	}
	return nil
}

// editStmt carries out an edit of statements.
func (w *workspace) editStmt(s *step, n ast.Stmt) error {
	var rest *remains
	if s.run != nil {
		rest = w.remainsOf(s)
		w.keep(s)
	}
	var code []dst.Stmt
	if s.edit.Op != Delete {
		var err error
		if code, err = w.stmtCode(s); err != nil {
			return err
		}
	}
	list := w.listOf(n)
	switch {
	case list == nil && s.run != nil:
		return w.replaceLone(s, n, code, rest)
	case list == nil:
		return fmt.Errorf("there is no room for a statement beside this one")
	case s.run == nil:
		return w.insert(s, n, list, code)
	}
	return w.replaceRun(s, list, code, rest)
}

// keep remembers what s is about to replace and moves all the same.
func (w *workspace) keep(s *step) {
	for _, n := range s.intact {
		w.kept[n] = w.now(s, n)
	}
}

// insert puts code beside the statement n, with the blank lines as they were.
func (w *workspace) insert(s *step, n ast.Stmt, list *[]dst.Stmt, code []dst.Stmt) error {
	if len(code) == 0 {
		return nil
	}
	st := w.standing(n)
	if len(st.self) == 0 {
		return fmt.Errorf("the statement is gone")
	}
	first, last := code[0].Decorations(), code[len(code)-1].Decorations()
	if s.edit.Op == InsertBefore {
		old := st.self[0].Decorations()
		first.Before, last.After = old.Before, dst.NewLine
		old.Before = dst.NewLine
		if len(old.Start) > 0 && strings.HasSuffix(s.edit.Code, "Unlock()") {
			old.Before = dst.EmptyLine // the comment is not about the lock
		}
		*list = slices.Insert(*list, slices.Index(*list, st.self[0]), code...)
		st.before = append(st.before, code...)
		w.spread(*list, n)
		return nil
	}
	all := slices.Concat(st.self, st.after)
	end := all[len(all)-1]
	old := end.Decorations()
	first.Before, last.After = dst.NewLine, old.After
	old.After = dst.NewLine
	*list = slices.Insert(*list, slices.Index(*list, end)+1, code...)
	st.after = append(st.after, code...)
	w.spread(*list, n)
	return nil
}

// replaceRun puts code in the place of the statements of s.run.
func (w *workspace) replaceRun(s *step, list *[]dst.Stmt, code []dst.Stmt, rest *remains) error {
	from, to := -1, 0
	for _, n := range s.run {
		st := w.standing(n)
		for _, stmt := range st.self { // none where another edit deleted it
			to = slices.Index(*list, stmt) + 1
			if from < 0 {
				from = to - 1
			}
		}
		st.self = nil
	}
	if from < 0 || to <= from {
		return fmt.Errorf("the statements to replace are not where they were")
	}
	w.standing(s.run[0]).self = code
	if len(code) > 0 {
		code[0].Decorations().Before = rest.before
		code[len(code)-1].Decorations().After = rest.after
		w.settle(rest, code)
	}
	*list = slices.Replace(*list, from, to, code...)
	if len(code) == 0 {
		w.resettle(s, rest, *list, from)
		trim(*list, from)
	}
	if len(code) > 1 || len(code) == 1 && tall(code[0]) {
		w.spread(*list, s.at)
	}
	return nil
}

// replaceLone puts code where the grammar has room for one statement.
func (w *workspace) replaceLone(s *step, n ast.Stmt, code []dst.Stmt, rest *remains) error {
	st := w.standing(n)
	old := st.self[0]
	var stmt dst.Stmt
	_, isIf := firstOf(code).(*dst.IfStmt)
	if p, ok := w.parent[n].(*ast.IfStmt); ok && p.Else == n && !(isIf && len(code) == 1) {
		if len(code) == 0 {
			return fmt.Errorf("an else is left with nothing")
		}
		// else if ... becomes else { code }
		w.settle(rest, code)
		code[0].Decorations().Before = dst.NewLine
		code[len(code)-1].Decorations().After = dst.NewLine
		stmt = &dst.BlockStmt{List: code}
	} else {
		if len(code) != 1 {
			return fmt.Errorf("there is room for one statement only, the new code has %d", len(code))
		}
		w.settle(rest, code)
		stmt = code[0]
		stmt.Decorations().Before, stmt.Decorations().After = rest.before, rest.after
	}
	st.self = []dst.Stmt{stmt}
	return w.swap(n, old, stmt)
}

// firstOf returns the first statement of code, or nil.
func firstOf(code []dst.Stmt) dst.Stmt {
	if len(code) == 0 {
		return nil
	}
	return code[0]
}

// swap replaces old, which stands at n, in the field of n's parent.
func (w *workspace) swap(n ast.Node, old, new dst.Node) error {
	root := w.dec.Dst.Nodes[w.parent[n]]
	done, err := false, error(nil)
	dstutil.Apply(root, func(c *dstutil.Cursor) bool {
		if c.Node() == old && !done {
			done = true
			err = place(c, []dst.Node{new})
			return false
		}
		return c.Node() == root
	}, nil)
	if !done {
		return fmt.Errorf("the %T to replace is not where it was", n)
	}
	return err
}

// replaceExpr puts the edit's Code in the place of the expression n.
func (w *workspace) replaceExpr(s *step, n ast.Expr) error {
	if _, twice := w.exprs[n]; twice {
		return fmt.Errorf("two edits replace the same expression")
	}
	rest := w.remainsOf(s)
	w.keep(s)
	old := w.dec.Dst.Nodes[n].(dst.Expr)
	code, err := w.exprCode(s)
	if err != nil {
		return err
	}
	decs := code.Decorations()
	decs.Before, decs.After = rest.before, rest.after
	decs.Start.Prepend(rest.start...)
	decs.End.Append(rest.end...)
	rest.start, rest.end = nil, nil
	w.exprs[n] = code
	if err := w.swap(n, old, code); err != nil {
		return err
	}
	if len(rest.inner) == 0 {
		return nil
	}
	// A comment in the middle of an expression that goes: above its statement.
	for m := w.parent[n]; m != nil; m = w.parent[m] {
		if _, ok := m.(ast.Stmt); ok && w.listOf(m) != nil {
			w.settle(rest, w.standing(m).self)
			return nil
		}
	}
	return fmt.Errorf("the comment %q has no place in the new code", rest.inner[0].Text)
}

// tall reports whether a statement takes more than one line however it is written.
func tall(s dst.Stmt) bool {
	found := false
	dst.Inspect(s, func(n dst.Node) bool {
		if _, ok := n.(*dst.BlockStmt); ok {
			found = true
		}
		return !found
	})
	return found
}

// spread puts every statement of the list of n on lines of its own: { return x }
// has become longer. The comments at the end of a case bring their own line end.
func (w *workspace) spread(list []dst.Stmt, n ast.Node) {
	_, braces := w.parent[n].(*ast.BlockStmt)
	for i, s := range list {
		d := s.Decorations()
		d.Before = max(d.Before, dst.NewLine)
		if braces || i < len(list)-1 {
			d.After = max(d.After, dst.NewLine)
		}
	}
}

// trim removes the blank line that statements at the edge of a block leave
// when they go; at is where they stood.
func trim(list []dst.Stmt, at int) {
	if len(list) == 0 {
		return
	}
	if at == 0 {
		d := list[0].Decorations()
		d.Before = min(d.Before, dst.NewLine)
	}
	if at == len(list) {
		d := list[at-1].Decorations()
		d.After = min(d.After, dst.NewLine)
	}
}
