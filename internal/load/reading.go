package load

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strings"

	"github.com/singletonfix/singletonfix/detect"
)

// A reading is the files of a folder, parsed as far as they are asked for:
// most mention nothing that anybody asks about. Their content is not kept.
type reading struct {
	set    *Set
	folder *folder
	fset   *token.FileSet
	parsed map[string]*ast.File // by name in the folder; nil: there is no syntax to be had
}

func (s *Set) readingOf(f *folder, fset *token.FileSet) *reading {
	return &reading{set: s, folder: f, fset: fset, parsed: make(map[string]*ast.File)}
}

// files returns those of the folder's files that are wanted, by name and by
// content, in their order.
func (r *reading) files(named func(name string) bool, wanted func(name string, src []byte) bool) []*ast.File {
	v := surveyors.Get().(*surveyor)
	defer surveyors.Put(v)
	var files []*ast.File
	for _, name := range r.folder.names {
		if !named(name) {
			continue
		}
		full := filepath.Join(r.folder.dir, name)
		src, err := v.read(r.set.cfg, full)
		if err != nil || !wanted(name, src) {
			continue // if it is gone since a moment ago, verify will tell
		}
		if file := r.parse(full, src); file != nil {
			files = append(files, file)
		}
	}
	return files
}

// parse returns the syntax of a file, with local names resolved: a variable
// may shadow an import.
func (r *reading) parse(full string, src []byte) *ast.File {
	file, known := r.parsed[full]
	if !known {
		var err error
		if file, err = parser.ParseFile(r.fset, full, src, 0); err != nil {
			file, _ = parser.ParseFile(r.fset, full, src, parser.SkipObjectResolution) // its blocks may be nested too deep for that
		}
		r.parsed[full] = file
	}
	return file
}

// concurrent returns the functions of the folder's package that run
// concurrently, as far as finders have found uses in them.
func (r *reading) concurrent(finders []*useFinder) map[string]bool {
	users := make(map[string]bool)
	for _, v := range finders {
		plain := *v
		plain.found = func(_ string, use detect.Use) {
			if use.In != "" && !strings.Contains(use.In, ".") {
				users[use.In] = true // of methods nothing is known
			}
		}
		ast.Inspect(v.file, plain.visit)
	}
	names := make(map[string]bool)
	if len(users) == 0 {
		return names
	}
	starts := r.set.startsOf(r.folder)
	files := r.files(func(name string) bool { return starts[name].mayStart(users) }, func(_ string, src []byte) bool { return mentionsAny(src, users) })
	for _, file := range files {
		findConcurrent(file, names)
	}
	return names
}
