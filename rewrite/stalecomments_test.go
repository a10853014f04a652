package rewrite

import (
	"go/ast"
	"testing"
)

func TestIsStale(t *testing.T) {
	for _, test := range []struct {
		comment string
		want    bool
	}{
		{"// Note that mode is not concurrent safe.", true},
		{"// It is not safe for use by several goroutines.", true},
		{"// Get isn't thread-safe.", true},
		{"// Init must be called once.", true},
		{"// It should only be called from a single goroutine.", true},
		{"// Load must not be called concurrently.", true},
		{"// Get is safe for concurrent use.", false},
		{"// Get returns nil if the file is not there; callers may call it often.", false},
		{"// The value is built once.", false},
	} {
		doc := &ast.CommentGroup{List: []*ast.Comment{{Text: test.comment}}}
		if got := isStale(doc); got != test.want {
			t.Errorf("isStale(%q) = %v, want %v", test.comment, got, test.want)
		}
	}
}
