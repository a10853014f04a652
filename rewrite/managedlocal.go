package rewrite

import (
	"go/ast"
	"go/types"
	"slices"

	"golang.org/x/tools/go/ast/edge"

	"github.com/singletonfix/singletonfix/detect"
)

// dropLocalLocks plans that the mutexes go which are new at each call: they
// keep nobody out, and the managed value has a lock of its own.
func (d *draft) dropLocalLocks() *Refusal {
	l := newLifting(d)
	for _, s := range d.Singleton.Sites {
		lock, ok := l.localAt(s)
		if !ok || lock.Path != "" || s.Outer != nil || s.Inner != nil {
			return refuse(NoForm, s.Stmt.Pos(), "the lock around this is no plain mutex of %s", s.Func.Name())
		}
		if r := l.add(s.Func, lock.Root.(*types.Var)); r != nil {
			return r
		}
		if r := l.dropUses(s.Func, lock.Root.(*types.Var)); r != nil {
			return r
		}
	}
	for _, decl := range l.decls {
		d.edit(Edit{Op: Delete, At: decl})
	}
	d.note("the lock of each call goes: it kept nobody out")
	return nil
}

// dropUses deletes where f locks and unlocks its mutex, each in a statement
// of its own.
func (l *lifting) dropUses(f *detect.Func, lock *types.Var) *Refusal {
	for cur := range f.Cur.Preorder((*ast.Ident)(nil)) {
		id := cur.Node().(*ast.Ident)
		if l.pkg.Info.Uses[id] != types.Object(lock) {
			continue
		}
		call := cur.Parent().Parent() // see add
		switch call.ParentEdgeKind() {
		case edge.ExprStmt_X, edge.DeferStmt_Call:
		default:
			return refuse(ControlFlow, id.Pos(), "%s is asked for more here than to lock and to unlock", lock.Name())
		}
		s := call.Parent().Node().(ast.Stmt)
		if list := stmtsOf(call.Parent().Parent().Node()); !slices.Contains(list, s) {
			return refuse(ControlFlow, id.Pos(), "%s is locked in a place where a statement has to stand", lock.Name())
		}
		if !slices.ContainsFunc(l.Edits, func(e Edit) bool { return e.At == ast.Node(s) }) {
			l.edit(Edit{Op: Delete, At: s})
		}
	}
	return nil
}
