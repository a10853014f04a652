package detect

import (
	"go/token"
	"go/types"
)

// A Relock is a call that holds a mutex and leads to where it is locked once
// more: the program stands still there.
type Relock struct {
	Lock string // as it is written: "mu"
	In   string // the function that holds it
	Call string // what it calls; "" where it locks the mutex itself
	Pos  token.Pos
}

// Relocks returns what in the code of fx's package would wait for a lock that
// it holds, as far as static calls show, in source order.
func (fx *Facts) Relocks() []Relock {
	var found []Relock
	for _, f := range fx.Funcs {
		for _, c := range f.Calls {
			if c.Mode == Started || c.Mode == Deferred {
				continue // runs when the lock may be free
			}
			op, id := fx.lockCall(c.Expr)
			for _, l := range c.Held {
				if l.Mode != Locked || !l.Global() || isChannelVar(l.Root) {
					continue
				}
				held := lockID{l.Root, l.Path}
				switch {
				case op == opLock && id == held:
					found = append(found, Relock{l.Name(), f.Name(), "", c.Expr.Pos()})
				case c.Callee != nil && c.Callee.Decl != nil && fx.relocks(c.Callee, held, make(map[*Func]bool)):
					found = append(found, Relock{l.Name(), f.Name(), c.Callee.Name(), c.Expr.Pos()})
				}
			}
		}
	}
	return found
}

// isChannelVar reports whether obj is a channel, used as a lock.
func isChannelVar(obj types.Object) bool {
	_, ok := obj.Type().Underlying().(*types.Chan)
	return ok
}

// relocks reports whether f, called with the lock held, may lock it without
// having given it up before.
func (fx *Facts) relocks(f *Func, held lockID, seen map[*Func]bool) bool {
	if seen[f] {
		return false
	}
	seen[f] = true
	for _, c := range f.Calls {
		if c.Mode == Started || c.Mode == Deferred {
			continue
		}
		switch op, id := fx.lockCall(c.Expr); {
		case id != held:
		case op == opUnlock:
			return false // gives it up first
		case op == opLock || op == opRLock:
			return true
		}
		if c.Callee != nil && fx.relocks(c.Callee, held, seen) {
			return true
		}
	}
	return false
}
