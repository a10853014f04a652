package driver

import (
	"bytes"
	"path/filepath"
)

// lines returns what finds a line of a file, each file being read once. The
// files are still as they were found: a run writes nothing.
func (r *run) lines(read func(name string) ([]byte, error)) func(file string, n int) string {
	files := map[string][][]byte{}
	return func(file string, n int) string {
		lines, ok := files[file]
		if !ok && file != "" {
			name := filepath.FromSlash(file)
			if !filepath.IsAbs(name) {
				name = filepath.Join(r.opts.Dir, name)
			}
			if src, err := read(name); err == nil { // a report needs no columns
				lines = bytes.Split(src, []byte("\n"))
			}
			files[file] = lines
		}
		if n < 1 || n > len(lines) {
			return ""
		}
		return string(lines[n-1])
	}
}
