package rewrite

import (
	"go/ast"
	"go/types"
	"maps"

	"github.com/singletonfix/singletonfix/detect"
)

// keepTheOnce plans: the Once stays, and a mutex goes around its Do, what is
// read behind it, and every assignment of the Once and of what it fills. In
// whichever order the calls come, each finds what it would have found alone.
func (l *locking) keepTheOnce() *Refusal {
	if len(l.values()) == 0 {
		return refuse(NoForm, l.once.Obj.Pos(), "%s fills nothing that is seen", l.once.Name())
	}
	fills, r := l.onceFillsOf(l.once)
	if r != nil {
		return r
	}
	fill := &fills[0]
	if fill.lit.Lit == nil {
		if len(fill.lit.Callers) > 1 || fill.lit.Escapes() {
			return refuse(ControlFlow, fill.lit.Pos(), "%s is also called without the Once", fill.lit.Name())
		}
		l.inner[fill.lit] = true
	}
	run := &guard{Site: &detect.Site{Func: fill.in, Block: []ast.Stmt{fill.call}}}
	maps.Copy(l.inner, l.draft.inner([]*guard{run}))
	if fill.lit.Lit != nil {
		delete(l.inner, fill.lit) // what it does is what the call's own function does
	}
	_, isPointer := l.once.Obj.Type().Underlying().(*types.Pointer)
	for _, w := range l.writesOf(l.once) {
		if !isPointer && (w.In == fill.lit || l.inner[w.In]) {
			return refuse(ControlFlow, w.Pos(), "%s is assigned while its Do runs, and would be unlocked unlocked", l.once.Name())
		}
	}
	l.fill, l.kept = fill, true
	return nil
}
