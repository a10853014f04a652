package rewrite

import (
	"go/ast"
	"go/types"

	"github.com/singletonfix/singletonfix/detect"
)

// A mention is all the code of the package that some nodes refer to, whether
// they run it or not, and what that refers to: what must be initialised before
// a variable whose initialiser the nodes are.
type mention struct {
	fx    *detect.Facts
	seen  map[types.Object]bool
	nodes []ast.Node
}

func (d *draft) mentioned(nodes ...ast.Node) *mention {
	m := &mention{fx: d.fx, seen: make(map[types.Object]bool)}
	for _, n := range nodes {
		m.follow(n)
	}
	return m
}

func (m *mention) follow(n ast.Node) {
	m.nodes = append(m.nodes, n)
	ast.Inspect(n, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok {
			m.add(m.fx.Pkg.Info.Uses[id])
		}
		return true
	})
}

// add follows the body of a function or method, and the initialiser of a
// package variable. An interface's method has neither.
func (m *mention) add(obj types.Object) {
	if obj == nil || m.seen[obj] {
		return
	}
	m.seen[obj] = true
	switch obj := obj.(type) {
	case *types.Func:
		if f := m.fx.Declared(obj); f != nil && f.Body() != nil {
			m.follow(f.Body())
		}
	case *types.Var:
		if v := m.fx.Variable(obj); v != nil && v.Spec != nil {
			for _, value := range v.Spec.Values {
				m.follow(value)
			}
		}
	}
}

// holds reports whether n is part of what is mentioned.
func (m *mention) holds(n ast.Node) bool {
	for _, outer := range m.nodes {
		if contains(outer, n) {
			return true
		}
	}
	return false
}
