package load

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/scanner"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/singletonfix/singletonfix/detect"
)

// A folder is one directory as the build sees it: the files of its package,
// parsed, with the in-package tests among them, and those of the external
// test package.
type folder struct {
	dir   string
	path  string // import path
	mod   *module
	name  string // of the package
	fset  *token.FileSet
	files []*detect.File // nil once it is known that nothing can be found in them
	xtest []*detect.File // of package name_test
	names []string       // of all these files
	left  []string       // Go files that build constraints leave out, and assembly

	imports map[string]importers // every import path of its files, and who imports it
	errs    []Error
}

// importers says which files of a folder import something.
type importers struct{ code, test bool }

// How much of files is parsed: all of it, or enough to know who imports what.
const (
	everything  = parser.ParseComments | parser.SkipObjectResolution
	importsOnly = parser.ImportsOnly | parser.SkipObjectResolution
)

// readFolder reads and parses what the build takes from a directory.
// A file that does not parse is an error of the folder.
func (s *Set) readFolder(l *listing, mod *module, mode parser.Mode) *folder {
	f := &folder{
		dir:     l.dir,
		path:    mod.importPath(l.dir),
		mod:     mod,
		fset:    token.NewFileSet(),
		imports: make(map[string]importers),
	}
	for _, name := range s.fileNames(l) {
		if strings.HasSuffix(name, ".s") {
			f.left = append(f.left, name)
			continue
		}
		src, err := s.cfg.read(filepath.Join(l.dir, name))
		if err != nil {
			f.fail(token.Position{}, fmt.Sprintf("read the package: %v", err))
			continue
		}
		s.addFile(f, name, src, mode)
	}
	f.settle()
	return f
}

// fileNames returns the names of l's Go and assembly files, the overlay's too, sorted.
func (s *Set) fileNames(l *listing) []string {
	var names []string
	for _, e := range l.entries {
		if isSource(e.Name()) && !e.IsDir() && !isLinkedDir(l.dir, e) {
			names = append(names, e.Name())
		}
	}
	for name := range s.cfg.Overlay {
		if filepath.Dir(name) == l.dir && isSource(filepath.Base(name)) {
			names = append(names, filepath.Base(name))
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// isLinkedDir reports whether e, of dir, is a symbolic link to a directory.
func isLinkedDir(dir string, e fs.DirEntry) bool {
	if e.Type()&fs.ModeSymlink == 0 {
		return false
	}
	info, err := os.Stat(filepath.Join(dir, e.Name()))
	return err == nil && info.IsDir()
}

func isSource(name string) bool {
	return (strings.HasSuffix(name, ".go") || strings.HasSuffix(name, ".s")) && name[0] != '.' && name[0] != '_'
}

// addFile parses a file and puts it where it belongs.
func (s *Set) addFile(f *folder, name string, src []byte, mode parser.Mode) {
	full := filepath.Join(f.dir, name)
	if !s.build.match(f.dir, name, src) {
		f.left = append(f.left, name)
		return
	}
	file, err := parser.ParseFile(f.fset, full, src, mode)
	if err != nil {
		f.failParse(full, err)
		return
	}
	test := strings.HasSuffix(name, "_test.go")
	imports := importPaths(file)
	if file.Name.Name == "documentation" || slices.Contains(imports, "C") && !s.build.ctx.CgoEnabled {
		f.left = append(f.left, name) // as the go command does
		return
	}
	f.names = append(f.names, name)
	for _, path := range imports {
		by := f.imports[path]
		by.code = by.code || !test
		by.test = by.test || test
		f.imports[path] = by
	}
	df := &detect.File{Name: full, Syntax: file, Src: src, Test: test, Generated: ast.IsGenerated(file)}
	if test && strings.HasSuffix(file.Name.Name, "_test") {
		f.xtest = append(f.xtest, df)
	} else {
		f.files = append(f.files, df)
	}
}

func importPaths(file *ast.File) []string {
	var paths []string
	for _, spec := range file.Imports {
		if path, err := strconv.Unquote(spec.Path.Value); err == nil {
			paths = append(paths, path)
		}
	}
	return paths
}

// settle finds the package's name, and complains where there are two.
func (f *folder) settle() {
	for _, file := range f.files {
		if name := file.Syntax.Name.Name; f.name == "" {
			f.name = name
		} else if name != f.name {
			f.fail(f.fset.PositionFor(file.Syntax.Name.Pos(), false), fmt.Sprintf("package %s, but other files of the folder are of package %s", name, f.name))
		}
	}
	if f.name == "" && len(f.xtest) > 0 {
		f.name = strings.TrimSuffix(f.xtest[0].Syntax.Name.Name, "_test")
	}
	for _, file := range slices.Clone(f.xtest) {
		if file.Syntax.Name.Name == f.name { // a package that is itself called x_test
			f.xtest = slices.DeleteFunc(f.xtest, func(x *detect.File) bool { return x == file })
			f.files = append(f.files, file)
		}
	}
	slices.SortFunc(f.files, func(a, b *detect.File) int { return strings.Compare(a.Name, b.Name) })
}

func (f *folder) fail(pos token.Position, msg string) {
	f.errs = append(f.errs, Error{Package: f.path, Pos: pos, Msg: msg})
}

// failParse records the first syntax error of a file; what follows it is often its echo.
func (f *folder) failParse(name string, err error) {
	var list scanner.ErrorList
	if !errors.As(err, &list) || len(list) == 0 {
		f.fail(token.Position{Filename: name, Line: 1, Column: 1}, err.Error())
		return
	}
	f.fail(list[0].Pos, list[0].Msg)
}

// drop forgets the syntax, of which nothing is needed any more.
func (f *folder) drop() { f.files, f.xtest, f.fset = nil, nil, nil }

// leftOut returns the files that the build leaves out and another might not:
// Go files with what could be parsed of them, assembly without syntax. A file
// of another package, as a generator beside the code is, is none of them.
func (f *folder) leftOut(cfg *Config) []*detect.File {
	var files []*detect.File
	for _, name := range f.left {
		full := filepath.Join(f.dir, name)
		src, err := cfg.read(full)
		if err != nil {
			continue // gone, and so in no build
		}
		df := &detect.File{Name: full, Src: src, Test: strings.HasSuffix(name, "_test.go")}
		if strings.HasSuffix(name, ".go") {
			df.Syntax, _ = parser.ParseFile(f.fset, full, src, everything)
			if df.Syntax == nil || df.Syntax.Name == nil || df.Syntax.Name.Name != f.name {
				continue
			}
			df.Generated = ast.IsGenerated(df.Syntax)
		}
		files = append(files, df)
	}
	return files
}
