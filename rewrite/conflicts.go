package rewrite

import (
	"go/ast"
	"go/token"
	"regexp"
)

// Conflicts returns the plans that cannot be carried out together with those
// in front of them: they change the same code, declare the same name, or would
// take a lock that the others hold there. Apply takes the rest.
func Conflicts(plans []*Plan) []*Plan {
	var taken, dropped []*Plan
	locks := make(map[*Plan][]taking)
next:
	for _, p := range plans {
		locks[p] = p.takings()
		for _, q := range taken {
			if nested(locks[q], locks[p]) || conflict(q, p) {
				dropped = append(dropped, p)
				continue next
			}
		}
		taken = append(taken, p)
	}
	return dropped
}

func conflict(p, q *Plan) bool {
	for i := range p.Edits {
		for j := range q.Edits {
			if clash(p, &p.Edits[i], q, &q.Edits[j]) {
				return true
			}
		}
	}
	names := make(map[string]bool)
	for _, e := range p.Edits {
		for _, name := range declares(e) {
			names[name] = true
		}
	}
	for _, e := range q.Edits {
		for _, name := range declares(e) {
			if names[name] {
				return true
			}
		}
	}
	return false
}

// clash reports whether edits a of p and b of q change the same code.
func clash(p *Plan, a *Edit, q *Plan, b *Edit) bool {
	if a.inserts() && b.inserts() || a.apart(b) {
		return false
	}
	return !a.carries(p, b) && !b.carries(q, a)
}

func (e *Edit) inserts() bool {
	return e.Op == InsertBefore || e.Op == InsertAfter || e.Op == Document
}

func (e *Edit) pos() token.Pos { return e.At.Pos() }

func (e *Edit) end() token.Pos {
	if e.Last != nil {
		return e.Last.End()
	}
	return e.At.End()
}

// apart reports whether a and b have no code in common. An insertion at the
// edge of what the other edit replaces is outside of it.
func (a *Edit) apart(b *Edit) bool {
	if a.end() <= b.pos() || b.end() <= a.pos() {
		return true
	}
	if a.inserts() {
		a, b = b, a
	}
	switch b.Op {
	case InsertBefore:
		return b.At == a.At
	case InsertAfter:
		return b.At == a.At && a.Last == nil || b.At == a.Last
	}
	return false
}

// carries reports whether e, an edit of p, leaves room for what b changes: b
// is in code that moves into a hole of p, or e is an insertion around b.
func (e *Edit) carries(p *Plan, b *Edit) bool {
	if e.inserts() {
		return e.pos() <= b.pos() && b.end() <= e.end() && e.At != b.At && e.At != b.Last
	}
	if b.pos() < e.pos() || e.end() < b.end() {
		return false
	}
	for _, f := range p.Edits {
		for _, nodes := range f.Holes {
			for _, n := range nodes {
				if n.Pos() <= b.pos() && b.end() <= n.End() && e.pos() <= n.Pos() && n.End() <= e.end() && !e.replacesSame(b) {
					return true
				}
			}
		}
	}
	return false
}

// replacesSame reports whether e and b replace the very same node.
func (e *Edit) replacesSame(b *Edit) bool {
	return !b.inserts() && e.At == b.At && e.end() == b.end()
}

var declared = regexp.MustCompile(`(?m)^(?:var|func|type|const)\s+([\pL_][\pL\pN_]*)`)

// declares returns the names that an edit adds to the package.
func declares(e Edit) []string {
	switch e.At.(type) {
	case ast.Decl, ast.Spec:
	default:
		return nil
	}
	var out []string
	for _, m := range declared.FindAllStringSubmatch(e.Code, -1) {
		out = append(out, m[1])
	}
	return out
}
