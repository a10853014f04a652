package load

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"path/filepath"
	"slices"

	"github.com/singletonfix/singletonfix/detect"
)

// A reading is the files of a folder, parsed as far as they are asked for:
// most mention nothing that anybody asks about.
type reading struct {
	fset  *token.FileSet
	full  []string
	srcs  [][]byte
	files []*ast.File // nil: not parsed yet
}

// readingOf reads a folder's files, as far as they can be read.
func (s *Set) readingOf(f *folder, fset *token.FileSet) *reading {
	r := &reading{fset: fset}
	for _, name := range f.names {
		full := filepath.Join(f.dir, name)
		src, err := s.cfg.read(full)
		if err != nil {
			continue // it was there a moment ago; verify will tell
		}
		r.full, r.srcs = append(r.full, full), append(r.srcs, src)
	}
	r.files = make([]*ast.File, len(r.srcs))
	return r
}

// mentioning returns the files in which one of words occurs, be it within
// another word, in their order.
func (r *reading) mentioning(words ...string) []*ast.File {
	var files []*ast.File
	for i, src := range r.srcs {
		if !containsAny(src, words) {
			continue
		}
		if r.files[i] == nil {
			r.files[i], _ = parser.ParseFile(r.fset, r.full[i], src, 0) // resolves local names: a variable may shadow the import
		}
		if r.files[i] != nil {
			files = append(files, r.files[i])
		}
	}
	return files
}

func containsAny(src []byte, words []string) bool {
	for _, word := range words {
		if bytes.Contains(src, []byte(word)) {
			return true
		}
	}
	return false
}

// concurrent returns the functions of the folder's package that run
// concurrently, as far as finders have found uses in them.
func (r *reading) concurrent(finders []*useFinder) map[string]bool {
	users := make(map[string]bool)
	for _, v := range finders {
		plain := *v
		plain.found = func(_ string, use detect.Use) { users[use.In] = true }
		ast.Inspect(v.file, plain.visit)
	}
	delete(users, "")
	names := make(map[string]bool)
	for _, file := range r.mentioning(slices.Collect(maps.Keys(users))...) {
		findConcurrent(file, names)
	}
	return names
}
