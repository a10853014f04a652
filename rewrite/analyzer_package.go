package rewrite

import (
	"cmp"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"

	"github.com/singletonfix/singletonfix/detect"
)

// analyzed is the package of a pass.
type analyzed struct {
	pass *analysis.Pass
	pkg  *detect.Package
	// sources is set where the bytes of every file could be had: without
	// them nothing can be rewritten.
	sources bool
}

// newAnalyzed returns the package of a pass as detect looks at it. In a build
// that is the package with its in-package tests, or an external test package.
func newAnalyzed(pass *analysis.Pass) *analyzed {
	path, _, _ := strings.Cut(pass.Pkg.Path(), " ") // p [p.test]
	u := &analyzed{pass: pass, sources: true}
	u.pkg = &detect.Package{Path: path, Fset: pass.Fset, Types: pass.Pkg, Info: pass.TypesInfo, Imported: u.imported}
	for _, syntax := range pass.Files {
		tok := pass.Fset.File(syntax.FileStart)
		src, err := u.read(tok.Name())
		if err != nil || len(src) != tok.Size() {
			u.sources = false // made by the build and gone, or edited since
		}
		u.pkg.Files = append(u.pkg.Files, &detect.File{
			Name:      tok.Name(),
			Syntax:    syntax,
			Src:       src,
			Test:      strings.HasSuffix(tok.Name(), "_test.go"),
			Generated: ast.IsGenerated(syntax),
		})
	}
	slices.SortStableFunc(u.pkg.Files, func(a, b *detect.File) int { return cmp.Compare(a.Name, b.Name) })
	for _, name := range slices.Sorted(slices.Values(slices.Concat(pass.IgnoredFiles, pass.OtherFiles))) {
		u.addLeft(name)
	}
	return u
}

// read returns a file as the driver has it. nogo, for one, hands out none.
func (u *analyzed) read(name string) ([]byte, error) {
	if u.pass.ReadFile == nil {
		return nil, errors.New("the driver reads no files")
	}
	return u.pass.ReadFile(name)
}

// addLeft adds a file that this build does not compile as Go, where it may
// use the package's variables all the same.
func (u *analyzed) addLeft(name string) {
	isGo := strings.HasSuffix(name, ".go")
	if !isGo && !strings.HasSuffix(name, ".s") {
		return
	}
	src, err := u.read(name)
	if err != nil {
		u.sources = false // who knows what it uses
		return
	}
	file := &detect.File{Name: name, Src: src, Test: strings.HasSuffix(name, "_test.go")}
	if isGo {
		// Into a file set of its own: only its names are looked at.
		file.Syntax, _ = parser.ParseFile(token.NewFileSet(), name, src, parser.ParseComments|parser.SkipObjectResolution)
		if file.Syntax == nil || file.Syntax.Name == nil || file.Syntax.Name.Name != u.pass.Pkg.Name() {
			return // of another package, as a generator beside the code is
		}
		file.Generated = ast.IsGenerated(file.Syntax)
	}
	u.pkg.Left = append(u.pkg.Left, file)
}

// fixable reports whether files of the package may be changed: they are of
// the module that is worked on, and as they were when they were read.
func (u *analyzed) fixable() bool {
	m := u.pass.Module
	return u.sources && (m == nil || m.Version == "") && !strings.Contains(u.pkg.Path, "/vendor/")
}
