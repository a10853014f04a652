package rewrite

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"strconv"

	"github.com/singletonfix/singletonfix/detect"
)

// prove type-checks the package with f in memory and looks at it again: the
// variables of plans must not be found unsafe any more.
func (u *analyzed) prove(f fix, plans []*Plan) error {
	after, err := u.recheck(f)
	if err != nil {
		return err
	}
	fixed := make(map[string]bool)
	for _, p := range plans {
		fixed[p.name()] = true
	}
	for _, s := range detect.Find(after) {
		if !s.Safe && fixed[s.Vars[0].Name()] {
			return fmt.Errorf("%s is still found unsafe (%s)", s.Vars[0].Name(), s.Pattern)
		}
	}
	return nil
}

// recheck returns the package as f makes it, in a file set of its own: that
// of the pass is the driver's.
func (u *analyzed) recheck(f fix) (*detect.Package, error) {
	after := *u.pkg
	after.Fset, after.Files, after.Info = token.NewFileSet(), nil, newInfo()
	var syntax []*ast.File
	for _, old := range u.pkg.Files {
		file := *old
		file.Src = splicedBytes(old.Src, f[old.Name])
		var err error
		file.Syntax, err = parser.ParseFile(after.Fset, file.Name, file.Src, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		after.Files = append(after.Files, &file)
		syntax = append(syntax, file.Syntax)
	}
	conf := types.Config{Importer: u.importer(), GoVersion: u.pass.Pkg.GoVersion(), Sizes: u.pass.TypesSizes}
	var err error
	after.Types, err = conf.Check(u.pass.Pkg.Path(), after.Fset, syntax, after.Info)
	return &after, err
}

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

// An importMap has the packages that a package may import, by the path in
// its source: with vendoring, that is not theirs.
type importMap map[string]*types.Package

// importer returns what the package imports, and what fixes add to that. The
// driver has no types to give of a package that nothing here imports.
func (u *analyzed) importer() importMap {
	m := importMap{"unsafe": types.Unsafe}
	for path, src := range standIns {
		m[path] = standIn(path, src)
	}
	for _, file := range u.pass.Files {
		for _, spec := range file.Imports {
			path, err := strconv.Unquote(spec.Path.Value)
			if name := u.pass.TypesInfo.PkgNameOf(spec); err == nil && name != nil {
				m[path] = name.Imported()
			}
		}
	}
	return m
}

// Import makes m a types.Importer.
func (m importMap) Import(path string) (*types.Package, error) {
	if pkg := m[path]; pkg != nil {
		return pkg, nil
	}
	return nil, fmt.Errorf("no types of %s", path)
}

// standIns declare, of the packages that fixes import, what fixes use. They
// serve where the package did not import the real one before: what is not
// declared here makes a fix fail its proof, never pass it.
var standIns = map[string]string{
	"sync": `package sync

type Mutex struct{ _ int }

func (*Mutex) Lock()
func (*Mutex) Unlock()
func (*Mutex) TryLock() bool

type RWMutex struct{ _ int }

func (*RWMutex) Lock()
func (*RWMutex) Unlock()
func (*RWMutex) RLock()
func (*RWMutex) RUnlock()

type Once struct{ _ int }

func (*Once) Do(func())

func OnceFunc(func()) func()
func OnceValue[T any](func() T) func() T
func OnceValues[T1, T2 any](func() (T1, T2)) func() (T1, T2)
`,
	"sync/atomic": `package atomic

type Pointer[T any] struct{ _ *T }

func (*Pointer[T]) Load() *T
func (*Pointer[T]) Store(*T)
func (*Pointer[T]) Swap(*T) *T
func (*Pointer[T]) CompareAndSwap(old, new *T) bool

type Bool struct{ _ int }

func (*Bool) Load() bool
func (*Bool) Store(bool)
func (*Bool) Swap(bool) bool
func (*Bool) CompareAndSwap(old, new bool) bool

type Int32 struct{ _ int }

func (*Int32) Load() int32
func (*Int32) Store(int32)
func (*Int32) Add(int32) int32
func (*Int32) CompareAndSwap(old, new int32) bool

type Int64 struct{ _ int }

func (*Int64) Load() int64
func (*Int64) Store(int64)
func (*Int64) Add(int64) int64
func (*Int64) CompareAndSwap(old, new int64) bool
`,
}

// standIn type-checks one of standIns.
func standIn(path, src string) *types.Package {
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, path, src, parser.SkipObjectResolution)
	if err != nil {
		panic("rewrite: stand-in for " + path + " does not parse: " + err.Error())
	}
	conf := types.Config{IgnoreFuncBodies: true, Error: func(error) {}} // functions have no bodies
	pkg, _ := conf.Check(path, fset, []*ast.File{file}, nil)
	pkg.MarkComplete()
	return pkg
}
