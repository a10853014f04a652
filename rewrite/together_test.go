package rewrite

import "testing"

func TestTogether(t *testing.T) {
	const before = "package p\n\nvar a = 1 // one\nvar b = f(x.A, x.B)\n"
	tests := []struct {
		name, one, other, want string
		conflict               bool
	}{
		{name: "two lines", one: "package p\n\nvar a = 2 // one\nvar b = f(x.A, x.B)\n", other: "package p\n\nvar a = 1 // one\nvar b = f(x.A, x.C)\n",
			want: "package p\n\nvar a = 2 // one\nvar b = f(x.A, x.C)\n"},
		{name: "one line", one: "package p\n\nvar a = 1 // one\nvar b = f(x.A.Load(), x.B)\n", other: "package p\n\nvar a = 1 // one\nvar b = f(x.A, x.B.Load())\n",
			want: "package p\n\nvar a = 1 // one\nvar b = f(x.A.Load(), x.B.Load())\n"},
		{name: "lines broken", one: "package p\n\nvar (\n\ta = 1 // one\n\n\tb = f(x.A, x.B)\n)\n", other: "package p\n\nvar a = 1 // one\nvar b = f(x.A.Load(), x.B)\n",
			want: "package p\n\nvar (\n\ta = 1 // one\n\n\tb = f(x.A.Load(), x.B)\n)\n"},
		{name: "one word", one: "package p\n\nvar a = 2 // one\nvar b = f(x.A, x.B)\n", other: "package p\n\nvar a = 3 // one\nvar b = f(x.A, x.B)\n", conflict: true},
		{name: "a line more", one: "package p\n\nvar a = 1 // one\nvar b = f(x.A, x.B)\nvar c int\n", other: "package p\n\nvar a = 1 // one\nvar b = f(x.A.Load(), x.B)\n",
			want: "package p\n\nvar a = 1 // one\nvar b = f(x.A.Load(), x.B)\nvar c int\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, ok := Together([]byte(before), []byte(tt.one), []byte(tt.other))
			if ok == tt.conflict || ok && string(got) != tt.want {
				t.Errorf("Together(%q, %q) = %q, %v; want %q, %v", tt.one, tt.other, got, ok, tt.want, !tt.conflict)
			}
		})
	}
}

func TestTogetherLinesInFront(t *testing.T) {
	// The first word of what changes keeps its place, and lines go in front of it.
	before := []byte("package p\n\nfunc F() func() {\n  return func() { a = 0 }\n}\n\nfunc G() {\n  b = 0\n}\n")
	one := []byte("package p\n\nfunc F() func() {\n  mu.Unlock()\n  return func() {\n    mu.Lock()\n    a = 0\n  }\n}\n\nfunc G() {\n  b = 0\n}\n")
	other := []byte("package p\n\nfunc F() func() {\n  return func() { a = 0 }\n}\n\nfunc G() {\n  bMu.Lock()\n  b = 0\n}\n")
	want := "package p\n\nfunc F() func() {\n  mu.Unlock()\n  return func() {\n    mu.Lock()\n    a = 0\n  }\n}\n\nfunc G() {\n  bMu.Lock()\n  b = 0\n}\n"
	if got, ok := Together(before, one, other); !ok || string(got) != want {
		t.Errorf("Together = %q, %v; want %q, true", got, ok, want)
	}
}
