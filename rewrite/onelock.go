package rewrite

import (
	"go/ast"
	"go/token"
	"regexp"
	"slices"
)

// A taking is where the edits of a plan let a function take a lock, and for
// how long.
type taking struct {
	lock     string // as it is written: "mu"
	from, to token.Pos
	block    ast.Node // where it is held to the end of the function; else nil
}

var (
	takesLock = regexp.MustCompile(`(?m)^(\S+)\.Lock\(\)$`)
	toTheEnd  = regexp.MustCompile(`^(\S+)\.Lock\(\)\ndefer (\S+)\.Unlock\(\)$`)
)

// takings returns where p's edits let functions take locks.
func (p *Plan) takings() []taking {
	var all []taking
	for i, e := range p.Edits {
		stmt, ok := e.At.(ast.Stmt)
		m := takesLock.FindStringSubmatch(e.Code)
		if !ok || m == nil {
			continue
		}
		t := taking{lock: m[1], from: e.pos(), to: e.end()}
		switch {
		case e.Op != InsertBefore:
		case toTheEnd.MatchString(e.Code):
			t.block, t.to = p.blockAround(stmt)
		case e.Code == m[0]:
			if last := slices.IndexFunc(p.Edits[i:], func(u Edit) bool { return u.Op == InsertAfter && u.Code == m[1]+".Unlock()" }); last >= 0 {
				t.to = p.Edits[i+last].end()
			}
		default:
			t.to = t.from // given up before the statement
		}
		all = append(all, t)
	}
	return all
}

// blockAround returns the block that holds stmt, and the end of the function.
func (p *Plan) blockAround(stmt ast.Stmt) (block ast.Node, end token.Pos) {
	cur, ok := p.Singleton.Facts.Insp.Root().FindNode(stmt)
	if !ok {
		return nil, stmt.End()
	}
	for f := range cur.Enclosing((*ast.FuncDecl)(nil), (*ast.FuncLit)(nil)) {
		return cur.Parent().Node(), f.Node().End()
	}
	return nil, stmt.End()
}

// within reports whether one of t and u would be taken while the other is
// held. Taken twice to the end of a function it is once: see shareLocks.
func (t taking) within(u taking) bool {
	switch {
	case t.lock != u.lock || t.to < u.from || u.to < t.from:
		return false
	case t.block != nil && t.block == u.block:
		return false
	}
	return t.from != t.to || u.from != u.to
}

// nested reports whether two plans would have a function take a lock that
// the other plan lets it hold.
func nested(p, q []taking) bool {
	return slices.ContainsFunc(p, func(t taking) bool { return slices.ContainsFunc(q, t.within) })
}

// meets reports whether two plans would have a function take one lock, each by
// itself: what Apply turns into one, who merges their edits takes twice.
func (p *Plan) meets(q *Plan) bool {
	return slices.ContainsFunc(p.takings(), func(t taking) bool {
		return slices.ContainsFunc(q.takings(), func(u taking) bool { return t.lock == u.lock && t.from <= u.to && u.from <= t.to })
	})
}

// shareLocks lets a function take a lock once where several plans, of what one
// mutex of the author's guards, would each let it: the first place is early
// enough for all, and each plan has proved that nothing behind its own place
// is in the way.
func (w *workspace) shareLocks() {
	first := make(map[ast.Node]map[string]*step) // block -> code
	for _, s := range w.steps {
		block := w.lockedBlock(s)
		if block == nil {
			continue
		}
		if first[block] == nil {
			first[block] = make(map[string]*step)
		}
		if f := first[block][s.edit.Code]; f == nil || s.at.Pos() < f.at.Pos() {
			first[block][s.edit.Code] = s
		}
	}
	w.steps = slices.DeleteFunc(w.steps, func(s *step) bool {
		block := w.lockedBlock(s)
		return block != nil && first[block][s.edit.Code].plan != s.plan
	})
}

// lockedBlock returns the block from a statement of which on s lets a function
// hold a lock to its end, or nil.
func (w *workspace) lockedBlock(s *step) ast.Node {
	if s.edit.Op != InsertBefore || !toTheEnd.MatchString(s.edit.Code) {
		return nil
	}
	block, ok := w.parent[s.at].(*ast.BlockStmt)
	if !ok {
		return nil
	}
	return block
}
