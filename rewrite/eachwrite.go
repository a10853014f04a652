package rewrite

import (
	"go/ast"
	"slices"
)

// eachWrite plans a block with several assignments of which no way through
// leads past two: a Store takes the place of each. nil if the block is not
// like that, or if the value is still worked on behind one of them.
func (b *building) eachWrite() *built {
	if !b.pointer || b.need || b.returns || len(b.reads) > 0 || len(b.writes) < 2 {
		return nil
	}
	for _, w := range b.writes {
		s := plainAssign(w)
		if s == nil || len(s.Lhs) > 1 || !b.standsLast(s) {
			return nil
		}
	}
	for _, w := range b.writes {
		b.replaceStmt(plainAssign(w), b.self()+".Store($value)", hole("value", w.Value))
	}
	b.stored = b.writes[0].Pos()
	return &built{}
}

// standsLast reports whether control, coming from s, neither meets another
// write in the block nor anything that changes the value.
func (b *building) standsLast(s *ast.AssignStmt) bool {
	m := b.makeupOf(s.Rhs[0], b.block)
	cur, ok := b.fx.Insp.Root().FindNode(s)
	if !ok {
		return false
	}
	for n := ast.Node(s); ; cur, n = cur.Parent(), cur.Parent().Node() {
		switch n.(type) {
		case *ast.ForStmt, *ast.RangeStmt, *ast.LabeledStmt, *ast.FuncLit, *ast.FuncDecl:
			return false // it may come by again, or at another time
		}
		stmt, ok := n.(ast.Stmt)
		if !ok {
			continue
		}
		list, last := stmtsOf(cur.Parent().Node()), slices.Contains(b.block, stmt)
		if last {
			list = b.block
		}
		if list == nil {
			continue
		}
		for _, later := range list[slices.Index(list, stmt)+1:] {
			if m.mayChange(later) || b.changesOthers(later) || len(b.in(later)) > 0 {
				return false
			}
			if terminates(later) {
				return true
			}
		}
		if last {
			return true
		}
	}
}
