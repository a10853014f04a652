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
	dir     string
	path    string // import path
	mod     *module
	name    string     // of the package
	names   []string   // of all its files, once they are read
	imports []imported // every import path of its files, once each
	out     []leftFile // of an index's folders alone
	*parsing
}

// A parsing is what is forgotten of a folder once it is done with.
type parsing struct {
	fset  *token.FileSet
	files []*detect.File // nil once it is known that nothing can be found in them
	xtest []*detect.File // of package name_test
	left  []string       // Go files that build constraints leave out, and assembly
	size  int            // of the files that were parsed, in bytes
	errs  []Error

	// Where the package is looked at in brief first:
	later   *filter       // of the files
	tests   []string      // names of the test files that are still to be read
	dropped []droppedBody // of functions that are left out
}

// An imported says which files of a folder import a package.
type imported struct {
	path       string
	code, test bool
	dot        bool // one of them by a dot; known of an index's folders alone
}

// A leftFile is a file that the build leaves out, or one of which it is not
// sure what it imports.
type leftFile struct {
	name    string
	imports []string
	odd     bool // there may be more that it imports
}

// importers returns the names of those files, sorted, that may import a
// package, left out or not.
func (f *folder) importers(path string) []string {
	var names []string
	if f.importing(path) != nil {
		names = slices.Clone(f.names)
	}
	for _, left := range f.out {
		if left.odd || slices.Contains(left.imports, path) {
			names = append(names, left.name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// everything of a file is parsed, but for what go/types finds out by itself.
const everything = parser.ParseComments | parser.SkipObjectResolution

func newFolder(dir string, mod *module) *folder {
	return &folder{dir: dir, path: mod.importPath(dir), mod: mod, parsing: new(parsing)}
}

// readFolder reads and parses what the build takes from a directory.
// A file that does not parse is an error of the folder.
func (s *Set) readFolder(l *listing, mod *module) *folder {
	f := newFolder(l.dir, mod)
	s.addFiles(f, s.fileNames(l))
	f.settle()
	return f
}

// addFiles reads and parses files of f's directory.
func (s *Set) addFiles(f *folder, names []string) {
	if f.fset == nil {
		f.fset = token.NewFileSet()
	}
	for _, name := range names {
		if strings.HasSuffix(name, ".s") {
			f.left = append(f.left, name)
			continue
		}
		src, err := s.cfg.read(filepath.Join(f.dir, name))
		if err != nil {
			f.failRead(err)
			continue
		}
		if f.size += len(src); f.size > maxPackage {
			f.fail(token.Position{}, fmt.Sprintf("its Go files have %d MB, those after %s not counted, and singletonfix takes packages of up to %d MB apart", f.size>>20, name, maxPackage>>20))
			return
		}
		s.addFile(f, name, src)
	}
}

func (f *folder) failRead(err error) {
	f.fail(token.Position{}, fmt.Sprintf("read the package: %v", err))
}

// fileNames returns the names of l's Go and assembly files, the overlay's too, sorted.
func (s *Set) fileNames(l *listing) []string {
	names := slices.Clone(l.names)
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
func (s *Set) addFile(f *folder, name string, src []byte) {
	full := filepath.Join(f.dir, name)
	if !s.build.match(name, headOf(src)) {
		f.left = append(f.left, name)
		return
	}
	file, err := parser.ParseFile(f.fset, full, src, everything)
	if err != nil {
		f.failParse(full, err)
		return
	}
	test := isTest(name)
	imports := importPaths(file)
	if s.leavesOut(file.Name.Name, imports) {
		f.left = append(f.left, name)
		return
	}
	f.names = append(f.names, name)
	f.addImports(imports, test)
	df := &detect.File{Name: full, Syntax: file, Src: src, Test: test, Generated: ast.IsGenerated(file)}
	if test && strings.HasSuffix(file.Name.Name, "_test") {
		f.xtest = append(f.xtest, df)
	} else {
		f.files = append(f.files, df)
	}
}

func isTest(name string) bool { return strings.HasSuffix(name, "_test.go") }

func isCode(name string) bool { return !isTest(name) }

// leavesOut reports whether the go command takes no notice of a file for its
// package's name or what it imports.
func (s *Set) leavesOut(pkgName string, imports []string) bool {
	return pkgName == "documentation" || slices.Contains(imports, "C") && !s.build.ctx.CgoEnabled
}

// addImports notes what a file imports.
func (f *folder) addImports(paths []string, test bool) {
	for _, path := range paths {
		by := f.importing(path)
		if by == nil {
			f.imports = append(f.imports, imported{path: path})
			by = &f.imports[len(f.imports)-1]
		}
		by.code = by.code || !test
		by.test = by.test || test
	}
}

// importing says which files of f import the package at path; nil: none.
func (f *folder) importing(path string) *imported {
	for i := range f.imports {
		if f.imports[i].path == path {
			return &f.imports[i]
		}
	}
	return nil
}

// importsInCode reports whether files other than tests import the package at path.
func (f *folder) importsInCode(path string) bool {
	by := f.importing(path)
	return by != nil && by.code
}

// importPaths returns what f imports, sorted.
func (f *folder) importPaths() []string {
	var paths []string
	for _, by := range f.imports {
		paths = append(paths, by.path)
	}
	slices.Sort(paths)
	return paths
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

// clone returns a folder that can be changed without f.
func (f *folder) clone() *folder {
	c, p := *f, *f.parsing
	c.parsing = &p
	return &c
}

// drop forgets the syntax, of which nothing is needed any more.
func (f *folder) drop() { f.parsing = &parsing{left: f.left, errs: f.errs} }

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
