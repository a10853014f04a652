package cli

import (
	"bytes"
	"cmp"
	"fmt"
	"go/format"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/singletonfix/singletonfix/internal/transaction"
)

// An ignoreComment is to say of a variable that it is left alone.
type ignoreComment struct {
	file    string // absolute
	line    int    // of the declaration
	name    string
	pattern string
	reason  string
}

// ignoring returns the files that get comments, by name.
func ignoring(comments []ignoreComment) (map[string]transaction.File, error) {
	comments = slices.Clone(comments)
	slices.SortFunc(comments, func(a, b ignoreComment) int { return cmp.Compare(b.line, a.line) }) // from below, so that lines stay
	files := map[string]transaction.File{}
	for _, c := range comments {
		f, ok := files[c.file]
		if !ok {
			content, err := os.ReadFile(c.file)
			if err != nil {
				return nil, err
			}
			f = transaction.File{Name: c.file, Before: content, After: content}
		}
		after, err := c.insert(f.After)
		if err != nil {
			return nil, err
		}
		f.After = after
		files[c.file] = f
	}
	return files, nil
}

// insert returns src with the comment above the line. A doc comment ends with
// an empty line of comment in front of it, as gofmt has it.
func (c ignoreComment) insert(src []byte) ([]byte, error) {
	lines := strings.SplitAfter(string(src), "\n")
	name, _, _ := strings.Cut(c.name, ".")
	if c.line > len(lines) || !strings.Contains(lines[c.line-1], name) {
		return nil, fmt.Errorf("%s has changed since it was read; run again", c.file)
	}
	at := lines[c.line-1]
	indent := at[:len(at)-len(strings.TrimLeft(at, " \t"))]
	end := "\n"
	if strings.HasSuffix(at, "\r\n") {
		end = "\r\n"
	}
	comment := indent + "//singletonfix:ignore " + c.pattern
	if c.reason != "" {
		comment += " // " + c.reason
	}
	plain := strings.Join(slices.Insert(slices.Clone(lines), c.line-1, comment+end), "")
	spaced := strings.Join(slices.Insert(slices.Clone(lines), c.line-1, indent+"//"+end, comment+end), "")
	if !formatted([]byte(plain)) && formatted([]byte(spaced)) {
		return []byte(spaced), nil
	}
	return []byte(plain), nil
}

// formatted reports whether src is as gofmt has it, but for its line ends.
func formatted(src []byte) bool {
	src = bytes.ReplaceAll(src, []byte("\r\n"), []byte("\n"))
	out, err := format.Source(src)
	return err == nil && bytes.Equal(out, src)
}

// within reports whether the file name lies below dir.
func within(dir, name string) bool {
	rel, err := filepath.Rel(dir, name)
	return err == nil && filepath.IsLocal(rel)
}
