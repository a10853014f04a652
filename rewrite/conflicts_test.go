package rewrite

import (
	"go/ast"
	"slices"
	"testing"
)

func TestConflicts(t *testing.T) {
	const src = `package p

var a, b int

func f() int {
	if a == 0 {
		b = 1
		a = 2
	}
	g(a)
	return a + b
}
`
	q := query{t, checkSource(t, []byte(src))}
	guard, assign, call, ret := q.stmt("if a == 0"), q.stmt("b = 1"), q.stmt("g(a)"), q.stmt("return")
	replace := func(at ast.Node, holes ...ast.Node) Edit {
		e := Edit{Op: ReplaceStmts, At: at, Code: "x()"}
		if len(holes) > 0 {
			e.Code, e.Holes = "x()\n$h", q.holes("h", holes...)
		}
		return e
	}
	run := func(first, last ast.Node) Edit { return Edit{Op: ReplaceStmts, At: first, Last: last, Code: "x()"} }
	name := func(code string) Edit { return Edit{Op: InsertAfter, At: q.decl("f"), Code: code} }
	tests := []struct {
		name     string
		a, b     Edit
		conflict bool
	}{
		{"apart", replace(guard), replace(ret), false},
		{"the same statement", replace(guard), replace(guard), true},
		{"the same statement, which moves", replace(guard, guard), replace(guard), true},
		{"runs that overlap", run(guard, call), run(call, ret), true},
		{"inside, thrown away", replace(guard), replace(assign), true},
		{"inside, moved", replace(guard, assign), replace(assign), false},
		{"inside, another one moved", replace(guard, q.stmt("a = 2")), replace(assign), true},
		{"inside, the outer one last", replace(assign), replace(guard, assign), false},
		{"expression in what moves", run(guard, ret), Edit{Op: ReplaceExpr, At: q.expr("a + b"), Code: "c"}, true},
		{"insertions at one place", Edit{Op: InsertBefore, At: call, Code: "x()"}, Edit{Op: InsertBefore, At: call, Code: "y()"}, false},
		{"insertion in front", replace(call), Edit{Op: InsertBefore, At: call, Code: "y()"}, false},
		{"insertion behind", replace(call), Edit{Op: InsertAfter, At: call, Code: "y()"}, false},
		{"insertion behind a run's first", run(call, ret), Edit{Op: InsertAfter, At: call, Code: "y()"}, true},
		{"insertion inside", replace(guard), Edit{Op: InsertAfter, At: assign, Code: "y()"}, true},
		{"insertion beside the function", replace(guard), Edit{Op: InsertAfter, At: q.decl("f"), Code: "func h() {}"}, false},
		{"two names of a spec", Edit{Op: Delete, At: q.spec("a").Names[0]}, Edit{Op: Delete, At: q.spec("a").Names[1]}, false},
		{"one name twice", Edit{Op: Delete, At: q.spec("a").Names[0]}, Edit{Op: Delete, At: q.spec("a").Names[0]}, true},
		{"a new name twice", name("// doc\nfunc h() {}"), Edit{Op: InsertAfter, At: q.spec("a"), Code: "var h int"}, true},
		{"two new names", name("func h() {}"), name("func i() {}"), false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			a, b := &Plan{Edits: []Edit{test.a}}, &Plan{Edits: []Edit{test.b}}
			var want []*Plan
			if test.conflict {
				want = []*Plan{b}
			}
			got := Conflicts([]*Plan{a, b})
			if !slices.Equal(got, want) {
				t.Fatalf("Conflicts dropped %d plans, want %d", len(got), len(want))
			}
			if test.conflict {
				return
			}
			// What does not conflict can be carried out.
			if _, err := Apply(q.pkg, []*Plan{a, b}); err != nil {
				t.Errorf("Apply: %v", err)
			}
		})
	}
}
