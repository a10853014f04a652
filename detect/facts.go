package detect

import (
	"go/types"

	"golang.org/x/tools/go/ast/inspector"
)

// Facts are what the patterns ask about: the accesses, phases, locks and
// calls of one package.
type Facts struct {
	Pkg   *Package
	Insp  *inspector.Inspector
	Funcs []*Func     // in source order
	Vars  []*Variable // package variables, in source order

	byObj map[*types.Func]*Func
	byVar map[*types.Var]*Variable
}
