package load

import (
	"go/parser"
	"go/token"
	"testing"

	"github.com/singletonfix/singletonfix/detect"
)

// TestMayHaveEffects tells functions that may leave a lock locked, or
// unlocked, from those that leave it as it was.
func TestMayHaveEffects(t *testing.T) {
	for _, test := range []struct {
		name, body string
		want       bool
	}{
		{"locks", "mu.Lock()", true},
		{"unlocks", "x++; mu.Unlock()", true},
		{"tries", "if mu.TryLock() { defer mu.Unlock() }", true},
		{"locks through a pointer", "p := &mu; p.Lock()", true},
		{"beside a part of another's", "t.m[0] = q.X; t.Lock(); x++", false},
		{"locks another package's", "q.Mu.Lock()", true},
		{"sends", "ch <- 1", true},
		{"receives", "<-ch", true},
		{"sends to another's", "q.Ch <- 1", false},
		{"sends without room", "done <- 1", false},
		{"calls what locks", "t.g()", true},
		{"by defer", "mu.Lock(); defer mu.Unlock(); x++", false},
		{"for reading", "mu.RLock(); defer mu.RUnlock()", false},
		{"further down", "mu.Lock(); if x > 0 { mu.Unlock(); return }; x++; mu.Unlock()", false},
		{"twice", "mu.Lock(); mu.Unlock(); mu.Lock(); defer mu.Unlock()", false},
		{"only once unlocked", "mu.Lock(); mu.Unlock(); mu.Lock()", true},
		{"on one way", "mu.Lock(); if x > 0 { mu.Unlock() }", true},
		{"never reached", "mu.Lock(); for { if x > 0 { return } }; mu.Unlock()", true},
		{"behind a panic", "mu.Lock(); panic(x); mu.Unlock()", true},
		{"in a literal", "mu.Lock(); defer g(func() { mu.Unlock() })", true},
		{"in a deferred literal", "mu.Lock(); defer func() { mu.Unlock() }()", false},
		{"one of its own", "mu := new(sync.Mutex); mu.Lock(); mu.Unlock()", true}, // the types tell
		{"its receiver's", "t.Mu.Lock()", false},
		{"its parameter's", "a.Mu.Unlock()", false},
		{"none", "x++", false},
	} {
		fset := token.NewFileSet()
		src := "package p\nvar mu, x = 1, 3\nvar ch = make(chan int, 1)\nvar done = make(chan int)\nfunc (t *T) g() { mu.Lock() }\nfunc (t *T) F(a *T) {" + test.body + "}\n"
		file, err := parser.ParseFile(fset, "p.go", src, everything)
		if err != nil {
			t.Fatalf("%s: %v", test.name, err)
		}
		if got := len(mayHaveEffects([]*detect.File{{Syntax: file}})) > 0; got != test.want {
			t.Errorf("%s: mayHaveEffects = %v, want %v", test.name, got, test.want)
		}
	}
}
