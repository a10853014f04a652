package rewrite

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"github.com/singletonfix/singletonfix/detect"
)

// findContext lets a getter that can be cancelled wait for the lock no longer
// than its context lasts: a channel with room for one is the lock then. Where
// someone takes it before the channel is made, it stays a mutex.
func (x *atomicVar) findContext(guards []*guard) {
	if x.flag || x.managed || x.holder == "" || len(guards) != 1 || len(guards[0].Calls) > 0 {
		return
	}
	g := guards[0]
	ctx := x.contextOf(g)
	if _, flat := x.flatTail(g); ctx == nil || !flat || x.lockedEarly(g) {
		return
	}
	ret, ok := x.cancelled(g, ctx.Name())
	if !ok {
		return
	}
	x.ctx, x.cancel = ctx.Name(), ret
	x.mu = x.companion("Lock")
	x.holder = x.mu
	x.note(canLeave)
}

// What is said of callers who are given a context and come to wait for the lock.
const (
	canLeave = "whoever waits for another goroutine's attempt leaves with the error of the context when that ends"
	mustWait = "whoever waits for another goroutine's attempt does so to its end, also when the own context ends before"
)

// contextOf returns the context that g's block uses and that g's function was
// given or has made of one before, nil if there is none.
func (d *draft) contextOf(g *guard) *types.Var {
	var found *types.Var
	for _, s := range g.Block {
		ast.Inspect(s, func(n ast.Node) bool {
			id, ok := n.(*ast.Ident)
			if !ok || found != nil {
				return found == nil
			}
			v, ok := d.pkg.Info.Uses[id].(*types.Var)
			if ok && !v.IsField() && isContext(v.Type()) && d.givenBefore(g, v) && !assignedIn(d.pkg.Info, v, g.Block, 0) {
				found = v
			}
			return found == nil
		})
	}
	return found
}

// givenBefore reports whether v is a parameter of g's function, or defined in
// it by ctx, cancel := f() in front of g.
func (d *draft) givenBefore(g *guard, v *types.Var) bool {
	if contains(g.Func.Type().Params, identAt(v)) {
		return true
	}
	defined := false
	for _, s := range g.Func.Body().List {
		a, ok := s.(*ast.AssignStmt)
		if s.Pos() >= g.stmt.Pos() {
			break
		}
		defined = defined || ok && a.Tok == token.DEFINE && contains(a, identAt(v))
	}
	return defined
}

// lockedEarly reports whether the getter, or something else that assigns the
// variable and so takes the lock, may run before the channel is made.
func (x *atomicVar) lockedEarly(g *guard) bool {
	return startsEarly(g.Func) || slices.ContainsFunc(x.v.Accesses, func(a *detect.Access) bool {
		return a.Kind != detect.Read && !early(a) && !inStmts(g.Block, a.Expr) && (a.In == nil || startsEarly(a.In.Outermost()))
	})
}

// startsEarly reports whether f may run before the package's variables are
// initialised: it is called by an initialiser, or handed out as a value there.
func startsEarly(f *detect.Func) bool {
	if len(f.Values) > 0 {
		return true
	}
	return slices.ContainsFunc(f.Callers, func(c *detect.Call) bool {
		return c.Caller == nil || c.Caller.Phase == detect.Initial
	})
}

// cancelled returns what g's function returns where the context ends before
// the lock is had; ok is false where its results are not known well enough.
func (x *atomicVar) cancelled(g *guard, ctx string) (ret string, ok bool) {
	results := g.Func.Type().Results
	if results == nil {
		return "", false
	}
	var values []string
	for _, field := range results.List {
		for range max(1, len(field.Names)) {
			values = append(values, zeroOf(x.pkg.Info.TypeOf(field.Type)))
		}
	}
	last := results.List[len(results.List)-1]
	if !isError(x.pkg.Info.TypeOf(last.Type)) {
		return "", false
	}
	values[len(values)-1] = ctx + ".Err()"
	return "return " + strings.Join(values, ", "), !slices.Contains(values, "")
}

// lockOps returns the statements that take the lock, give it up, and give it
// up when the function returns.
func (x *atomicVar) lockOps() (take, giveUp, atEnd string) {
	if x.ctx == "" {
		return x.mu + ".Lock()", x.mu + ".Unlock()", "defer " + x.mu + ".Unlock()"
	}
	return x.mu + " <- struct{}{}", "<-" + x.mu, "defer func() { <-" + x.mu + " }()"
}

// lockLines returns the getter's lock, given up when the function returns.
// Without waiting first: a select would leave at random where the lock is free
// and the context has ended.
func (x *atomicVar) lockLines() []string {
	lock, _, atEnd := x.lockOps()
	if x.ctx == "" {
		return []string{lock, atEnd}
	}
	take := "case " + x.mu + " <- struct{}{}:\n"
	return []string{
		"select {\n" + take + "default:\nselect {\n" + take + "case <-" + x.ctx + ".Done():\n" + x.cancel + "\n}\n}",
		atEnd,
	}
}
