package load

import (
	"go/ast"
	"go/types"
	"slices"

	"github.com/singletonfix/singletonfix/detect"
)

// check type-checks a unit alone, with the types of its imports as far as
// they can be had. Where some are faked, most of what go/types has to say is
// an echo of that, and only what is surely wrong with the unit's own code is
// returned.
func (s *Set) check(u *unit) (*detect.Package, []Error) {
	pkg, errs := s.checkRaw(u, s.givenTo(u))
	pkg.Left = u.folder.leftOut(s.cfg)
	if s.exports != nil && len(pkg.Assumed) == 0 && !usesC(pkg) {
		return pkg, allErrors(u, errs, pkg)
	}
	return pkg, ownErrors(u, errs, pkg)
}

// checkRaw type-checks a unit, and returns all that go/types found wrong.
// Packages of given are imported in place of what they would otherwise be.
func (s *Set) checkRaw(u *unit, given map[string]*types.Package) (*detect.Package, []types.Error) {
	pkg := &detect.Package{Path: u.path, Fset: u.folder.fset, Files: u.files}
	names := make(map[string]string) // what is learnt of the names of faked packages
	for range 4 {
		errs := s.checkOnce(pkg, u, given, names)
		if !learnNames(pkg, errs, names) {
			return pkg, errs
		}
	}
	return pkg, s.checkOnce(pkg, u, given, names)
}

func (s *Set) checkOnce(pkg *detect.Package, u *unit, given map[string]*types.Package, names map[string]string) []types.Error {
	imp := &unitImporter{set: s, mod: u.folder.mod, given: given, names: names}
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
	if len(errs) > 0 {
		resolveRest(pkg)
	}
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
