package detect

import (
	"cmp"
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"golang.org/x/tools/go/ast/edge"
	"golang.org/x/tools/go/ast/inspector"
)

// A givenIn is what a local variable is given directly in one block.
type givenIn struct {
	block ast.Node
	outer int          // the next block around it in which the variable is given something, or -1
	given []assignment // in source order
}

// reaching returns the assignment that gave v the value that it has at id:
// the last one before it whose block also holds id.
func (fx *Facts) reaching(v *types.Var, id *ast.Ident) (assignment, bool) {
	blocks, ok := fx.given[v]
	if !ok {
		blocks = givenByBlock(fx.locals[v])
		fx.given[v] = blocks
	}
	i := lastBefore(blocks, id.Pos()+1, func(b givenIn) token.Pos { return b.block.Pos() })
	for ; i >= 0; i = blocks[i].outer {
		b := blocks[i]
		if b.block.End() < id.Pos() {
			continue // on some other way
		}
		at := func(a assignment) token.Pos { return a.stmt.Pos() }
		if j := lastBefore(b.given, id.Pos(), at); j >= 0 {
			return b.given[j], true
		}
	}
	return assignment{}, false
}

// givenByBlock sorts assignments, which are in source order, by the blocks
// that they are in. There may be a hundred thousand of them.
func givenByBlock(as []assignment) []givenIn {
	var blocks []givenIn
	index := make(map[ast.Node]int)
	for _, a := range as {
		block := blockAround(a.cur)
		if block == nil {
			continue
		}
		i, ok := index[block]
		if !ok {
			i = len(blocks)
			index[block] = i
			blocks = append(blocks, givenIn{block: block})
		}
		blocks[i].given = append(blocks[i].given, a)
	}
	slices.SortFunc(blocks, func(a, b givenIn) int {
		return cmp.Or(cmp.Compare(a.block.Pos(), b.block.Pos()), cmp.Compare(b.block.End(), a.block.End()))
	})
	for i := range blocks {
		outer := i - 1
		for outer >= 0 && blocks[outer].block.End() < blocks[i].block.End() {
			outer = blocks[outer].outer
		}
		blocks[i].outer = outer
	}
	return blocks
}

// blockAround returns the statement with a scope of its own that cur is
// directly in, or nil.
func blockAround(cur inspector.Cursor) ast.Node {
	for cur.ParentEdgeKind() != edge.Invalid {
		cur = cur.Parent()
		if isBlock(cur.Node()) {
			break
		}
	}
	return cur.Node()
}

// lastBefore returns the index of the first of those elements of list that
// share the last position before pos, or -1. The list is in order of position.
func lastBefore[E any](list []E, pos token.Pos, at func(E) token.Pos) int {
	compare := func(e E, p token.Pos) int { return cmp.Compare(at(e), p) }
	end, _ := slices.BinarySearchFunc(list, pos, compare)
	if end == 0 {
		return -1
	}
	first, _ := slices.BinarySearchFunc(list[:end], at(list[end-1]), compare)
	return first
}

// isBlock reports whether n is a statement with a scope of its own.
func isBlock(n ast.Node) bool {
	switch n.(type) {
	case *ast.BlockStmt, *ast.CaseClause, *ast.CommClause, *ast.IfStmt, *ast.ForStmt, *ast.SwitchStmt, *ast.RangeStmt, *ast.FuncDecl, *ast.FuncLit, *ast.TypeSwitchStmt:
		return true
	}
	return false
}
