package rewrite

import (
	"bytes"
	"go/format"
)

// likeBefore returns after as gofmt writes it if before was so: comments
// behind lines that have grown move.
func likeBefore(before, after []byte) []byte {
	if clean, err := format.Source(before); err != nil || !bytes.Equal(clean, before) {
		return after
	}
	clean, err := format.Source(after)
	if err != nil {
		return after // verify says what is wrong with it
	}
	return clean
}
