package driver

import (
	"go/ast"
	"go/types"
	"slices"

	"github.com/singletonfix/singletonfix/detect"
	"github.com/singletonfix/singletonfix/internal/report"
	"github.com/singletonfix/singletonfix/rewrite"
)

// before returns what callers can rely on in the code as it is.
func before(s *detect.Singleton) *report.Guarantee {
	g := &report.Guarantee{
		ExactlyOnce: s.Safe || s.Once != nil && s.Pattern != "once-reset",
		Published:   s.Safe,
		Errors:      "none",
		ResetSafe:   s.Safe,
		AfterPanic:  "retried",
		FastPath:    "plain",
	}
	if fails(s) {
		g.Errors = "retried"
	}
	if s.Once != nil {
		g.AfterPanic, g.FastPath = "nil", "once"
		if g.Errors == "retried" {
			g.Errors = "sticky"
		}
	} else if slices.ContainsFunc(s.Sites, func(site *detect.Site) bool { return len(site.Read.Held) > 0 }) {
		g.FastPath = "mutex"
	}
	return g
}

// after returns what callers can rely on once p is carried out; nil where
// nothing changes.
func after(s *detect.Singleton, p *rewrite.Plan) *report.Guarantee {
	if p == nil {
		return nil
	}
	g := before(s)
	g.ExactlyOnce, g.Published, g.ResetSafe = true, true, true
	switch p.Strategy {
	case "once":
		g.AfterPanic, g.FastPath = "nil", "once"
	case "oncevalue":
		g.AfterPanic, g.FastPath = "panics-again", "once"
	case "doublecheck":
		g.AfterPanic, g.FastPath = "retried", "atomic"
	case "mutex", "manager":
		g.AfterPanic, g.FastPath = "retried", "mutex"
	}
	if g.Errors == "sticky" && g.AfterPanic == "retried" {
		g.Errors = "retried"
	}
	return g
}

// fails reports whether filling s can end with an error: a statement that
// runs only where s is empty mentions a value of type error.
func fails(s *detect.Singleton) bool {
	info := s.Facts.Pkg.Info
	failing := func(n ast.Node) bool {
		id, ok := n.(*ast.Ident)
		if !ok {
			return false
		}
		v, ok := info.ObjectOf(id).(*types.Var)
		return ok && types.Identical(v.Type(), types.Universe.Lookup("error").Type())
	}
	found := false
	for _, site := range s.Sites {
		for _, stmt := range site.Block {
			ast.Inspect(stmt, func(n ast.Node) bool {
				found = found || failing(n)
				return !found
			})
		}
	}
	return found
}
