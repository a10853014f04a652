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
	parsed map[string]*ast.File // by name; a nil map: files are parsed anew each time
}

// each calls do with those of the folder's files that are wanted, by name and
// by content, in their order.
func (r *reading) each(named func(name string) bool, wanted func(name string, src []byte) bool, do func(*ast.File)) {
	v := surveyors.Get().(*surveyor)
	defer surveyors.Put(v)
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
			do(file)
		}
	}
}

// parse returns the syntax of a file, with local names resolved: a variable
// may shadow an import.
func (r *reading) parse(full string, src []byte) *ast.File {
	if file, known := r.parsed[full]; known {
		return file
	}
	file, err := parser.ParseFile(r.fset, full, src, 0)
	if err != nil {
		file, _ = parser.ParseFile(r.fset, full, src, parser.SkipObjectResolution) // its blocks may be nested too deep for that
	}
	if r.parsed != nil {
		r.parsed[full] = file
	}
	return file
}

// settle turns those uses that stand in functions of the folder's package
// which run concurrently into what they are.
func (r *reading) settle(uses []foundUse) {
	users := make(map[string]bool)
	for _, use := range uses {
		if use.open && !strings.Contains(use.In, ".") {
			users[use.In] = true // of methods nothing is known
		}
	}
	concurrent := r.concurrent(users)
	for i := range uses {
		if uses[i].open && concurrent[uses[i].In] {
			uses[i].Kind, uses[i].Via = detect.UsedGo, false
		}
	}
}

// concurrent returns functions that run concurrently: those of users, and others.
func (r *reading) concurrent(users map[string]bool) map[string]bool {
	names := make(map[string]bool)
	if len(users) == 0 {
		return names
	}
	starts := r.set.startsOf(r.folder)
	r.each(func(name string) bool { return starts[name].mayStart(users) },
		func(_ string, src []byte) bool { return mentionsAny(src, users) },
		func(file *ast.File) { findConcurrent(file, names) })
	return names
}
