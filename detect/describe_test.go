package detect

import (
	"go/ast"
	"testing"
)

func TestSuppresses(t *testing.T) {
	tests := []struct {
		comment string
		want    bool
	}{
		{"//singletonfix:ignore", true},
		{"//singletonfix:ignore // one goroutine", true},
		{"//singletonfix:ignore nil-check", true},
		{"//singletonfix:ignore flag-guard,nil-check // one goroutine", true},
		{"//singletonfix:ignore flag-guard, nil-check", true},
		{"//singletonfix:ignore flag-guard", false},
		{"//singletonfix:ignored", false},
		{"// singletonfix:ignore", false},
		{"//nolint:singletonfix", true},
		{"//nolint:errcheck,singletonfix // one goroutine", true},
		{"//nolint:errcheck", false},
		{"//nolint", false},
		{"// about singletonfix", false},
	}
	for _, tt := range tests {
		if got := suppresses(&ast.Comment{Text: tt.comment}, "nil-check"); got != tt.want {
			t.Errorf("suppresses(%s, nil-check) = %v, want %v", tt.comment, got, tt.want)
		}
	}
}

func TestHarm(t *testing.T) {
	tests := []struct{ name, doc, want string }{
		{"first sentence", "a title\n\nTwo goroutines may both see nil\nand both fill it. And more.\n\nBefore:\n\n\tx := 1\n", "two goroutines may both see nil and both fill it"},
		{"only a title", "a title", "a title"},
		{"no reason", "a title\n\nBefore:\n\n\tx := 1", "a title"},
		{"abbreviation", "a title\n\nHTTP handlers run side by side.", "HTTP handlers run side by side"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := (&Pattern{Doc: tt.doc}).Harm(); got != tt.want {
				t.Errorf("Harm() = %q, want %q", got, tt.want)
			}
		})
	}
}
