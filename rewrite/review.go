package rewrite

import (
	"go/ast"
	"go/types"
	"slices"
	"strings"

	"github.com/singletonfix/singletonfix/detect"
)

// review marks the plan for a reviewer's eye where the lock is now held while
// code runs that may take long, or that the package does not know.
func (d *draft) review(guards ...*guard) {
	for _, g := range guards {
		if p := d.callback(g); p != nil {
			d.Review = true
			d.note("the lock is held while " + p.Name() + " runs, which a caller of " + g.Func.Name() + " chose: it must not come back to " + g.Func.Name())
		}
		if call := d.blocking(g); call != "" && d.mayFail(g) {
			d.Review = true
			d.note(call + " may block: callers whose attempts failed side by side now fail one after another")
		}
	}
}

// callback returns a parameter of g's function, itself a function, that the
// block calls; nil if there is none, or nobody outside the package can choose it.
func (d *draft) callback(g *guard) *types.Var {
	if !g.Func.Exported() {
		return nil
	}
	var found *types.Var
	for _, s := range g.Block {
		ast.Inspect(s, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			v, ok := calleeIn(d.pkg.Info, call).(*types.Var)
			if ok && !v.IsField() && contains(g.Func.Type().Params, identAt(v)) {
				found = v
			}
			return true
		})
	}
	return found
}

// mayFail reports whether the block may leave the variable empty because
// something failed: it returns before it is filled, or an error came with the value.
func (d *draft) mayFail(g *guard) bool {
	fl, end := d.fill(d.v, d.kind, g.Block)
	if d.kind != nilTest {
		end = filled // an empty string is an answer
	}
	for _, ret := range fl.returns() {
		end = join(end, fl.exits[ret])
	}
	return end == empty || end == maybe
}

// blocking returns a call by which the block, on its own goroutine, reaches
// the network, another process or a timer without a context to give up with,
// or "".
func (d *draft) blocking(g *guard) string {
	seen := make(map[*detect.Func]bool)
	var follow func(f *detect.Func, in []ast.Node) string
	follow = func(f *detect.Func, in []ast.Node) string {
		for _, n := range in {
			if call := d.firstBlocking(n); call != "" {
				return call
			}
		}
		for _, c := range f.Calls {
			here := slices.ContainsFunc(in, func(n ast.Node) bool { return contains(n, c.Expr) })
			if !here || c.Callee == nil || c.Callee.Body() == nil || seen[c.Callee] || c.Mode == detect.Started || c.Mode == detect.Passed {
				continue
			}
			seen[c.Callee] = true
			if call := follow(c.Callee, []ast.Node{c.Callee.Body()}); call != "" {
				return call
			}
		}
		return ""
	}
	return follow(g.Func, nodes(g.Block))
}

// firstBlocking returns the first blocking call in n itself, not in the
// function literals in it, or "".
func (d *draft) firstBlocking(n ast.Node) string {
	found := ""
	ast.Inspect(n, func(n ast.Node) bool {
		if _, ok := n.(*ast.FuncLit); ok {
			return false
		}
		call, ok := n.(*ast.CallExpr)
		if ok && found == "" {
			if obj := calleeIn(d.pkg.Info, call); obj != nil && obj.Pkg() != nil && blocks(obj) {
				found = d.source(call.Fun, nil)
			}
		}
		return found == ""
	})
	return found
}

// blocks reports whether obj is a function of the standard library that
// waits for something outside the program.
func blocks(obj types.Object) bool {
	name := obj.Name()
	if strings.HasSuffix(name, "Context") {
		return false
	}
	switch obj.Pkg().Path() {
	case "net":
		return strings.HasPrefix(name, "Dial") || strings.HasPrefix(name, "Lookup")
	case "net/http":
		return name == "Get" || name == "Post" || name == "PostForm" || name == "Head" || name == "Do" || name == "Write"
	case "database/sql":
		return name == "Ping" || name == "Query" || name == "QueryRow" || name == "Exec"
	case "os/exec":
		return name == "Run" || name == "Output" || name == "CombinedOutput" || name == "Wait"
	case "time":
		return name == "Sleep"
	}
	return false
}

// reviewAll is review for every site of the singleton that gains a lock.
func (d *draft) reviewAll() {
	if d.Singleton.Mutex != nil || d.Singleton.Pattern == "checked-once" {
		return // it was held before
	}
	for _, s := range d.Singleton.Sites {
		if g := newGuard(d.fx, s); g != nil && len(s.Block) > 0 {
			d.review(g)
			if d.contextOf(g) != nil && !slices.Contains(d.Notes, canLeave) {
				d.Review = true
				d.note(mustWait)
			}
		}
	}
}
