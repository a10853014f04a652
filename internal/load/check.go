package load

import (
	"go/ast"
	"go/types"
	"slices"

	"github.com/singletonfix/singletonfix/detect"
)

// check type-checks a unit alone. Its imports are faked, so most of what
// go/types has to say is an echo of that; only what is surely wrong with the
// unit's own code is returned.
func (s *Set) check(u *unit) (*detect.Package, []Error) {
	pkg := &detect.Package{Path: u.path, Fset: u.folder.fset, Files: u.files}
	names := make(map[string]string) // what is learnt of the names of faked packages
	for range 4 {
		errs := s.checkOnce(pkg, u, names)
		if !learnNames(pkg, errs, names) {
			return pkg, ownErrors(u, errs, pkg)
		}
	}
	return pkg, nil
}

// checkOnce fills in pkg's types, and returns all that go/types found wrong.
func (s *Set) checkOnce(pkg *detect.Package, u *unit, names map[string]string) []types.Error {
	imp := &fakeImporter{set: s, mod: u.folder.mod, names: names}
	var errs []types.Error
	conf := types.Config{
		Importer:    imp,
		FakeImportC: true,
		GoVersion:   u.folder.mod.version,
		Sizes:       types.SizesFor("gc", s.build.ctx.GOARCH),
		Error:       func(err error) { errs = append(errs, err.(types.Error)) },
	}
	pkg.Info = newInfo()
	files := make([]*ast.File, len(u.files))
	for i, f := range u.files {
		files[i] = f.Syntax
	}
	pkg.Types, _ = conf.Check(u.path, u.folder.fset, files, pkg.Info)
	pkg.Assumed = slices.Compact(slices.Sorted(slices.Values(imp.faked)))
	return errs
}

// newInfo returns an Info with all maps.
func newInfo() *types.Info {
	return &types.Info{
		Types:        make(map[ast.Expr]types.TypeAndValue),
		Instances:    make(map[*ast.Ident]types.Instance),
		Defs:         make(map[*ast.Ident]types.Object),
		Uses:         make(map[*ast.Ident]types.Object),
		Implicits:    make(map[ast.Node]types.Object),
		Selections:   make(map[*ast.SelectorExpr]*types.Selection),
		Scopes:       make(map[ast.Node]*types.Scope),
		FileVersions: make(map[*ast.File]string),
	}
}
