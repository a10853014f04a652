package rewrite

import (
	"bytes"
	"cmp"
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"go/version"
	"path"
	"strings"

	"github.com/singletonfix/singletonfix/detect"
)

// common proves what every strategy needs.
func (d *draft) common() *Refusal {
	for _, check := range []func() *Refusal{d.notExported, d.onlyGo, d.plainFiles, d.noAddress, d.zeroDeclared, d.notRecomputed, d.notSession, d.readsInOne} {
		if r := check(); r != nil {
			return r
		}
	}
	if len(d.pkg.Assumed) > 0 {
		d.note("the types of some imports are not known yet: -d and -w ask the go command for them")
	}
	return nil
}

// onlyGo proves that no linker directive gives the variable a second name.
func (d *draft) onlyGo() *Refusal {
	for _, f := range d.pkg.Files {
		for _, group := range f.Syntax.Comments {
			for _, c := range group.List {
				fields := strings.Fields(c.Text)
				if len(fields) < 2 || fields[0] != "//go:linkname" {
					continue
				}
				if v := d.variableWhere(func(name string) bool { return name == fields[1] }); v != nil {
					return refuse(UnknownAccess, c.Pos(), "a go:linkname directive gives %s another name", v.Name())
				}
			}
		}
	}
	return nil
}

// variableWhere returns the first of the singleton's variables, a flag, an
// error or a Once among them, whose name is wanted; or nil.
func (d *draft) variableWhere(wanted func(name string) bool) *detect.Variable {
	for _, v := range d.Singleton.Vars {
		if wanted(v.Obj.Name()) {
			return v
		}
	}
	return nil
}

// plainFiles proves that every file that uses the variable can be edited,
// and that none that is not built here uses it.
func (d *draft) plainFiles() *Refusal {
	for _, f := range d.pkg.Left {
		if d.opts.OtherBuilds && f.Syntax != nil {
			continue
		}
		if v := d.variableWhere(func(name string) bool { return d.usesName(f, name) }); v != nil {
			return refuse(BuildVariant, v.Obj.Pos(), "%s, which build constraints leave out, uses %s", fileName(f), v.Name())
		}
	}
	for _, v := range d.values() {
		if r := d.plainFile(v.File, v.Obj.Pos()); r != nil {
			return r
		}
		for _, a := range v.Accesses {
			if r := d.plainFile(a.File, a.Pos()); r != nil {
				return r
			}
		}
	}
	return nil
}

func (d *draft) plainFile(f *detect.File, pos token.Pos) *Refusal {
	name := fileName(f)
	switch {
	case f.Generated:
		return refuse(Generated, pos, "%s is generated, and %s is used in it", name, d.v.Name())
	case importsC(f.Syntax):
		return refuse(Cgo, pos, "%s uses cgo, and %s is used in it", name, d.v.Name())
	}
	for _, group := range f.Syntax.Comments {
		for _, c := range group.List {
			if strings.HasPrefix(c.Text, "//line ") || strings.HasPrefix(c.Text, "/*line ") {
				return refuse(LineDirective, c.Pos(), "%s has line directives: it is made from another file", name)
			}
		}
	}
	return nil
}

func fileName(f *detect.File) string { return path.Base(strings.ReplaceAll(f.Name, `\`, "/")) }

// usesName reports whether the file, which is not built here, means the
// package's name: one that it does not declare in a scope of its own.
func (d *draft) usesName(f *detect.File, name string) bool {
	if f.Syntax == nil {
		return bytes.Contains(f.Src, []byte("·"+name)) // assembly
	}
	if f.Syntax.Name.Name != d.pkg.Types.Name() {
		return false // another package, such as that of a generator
	}
	info := &types.Info{Uses: map[*ast.Ident]types.Object{}, Defs: map[*ast.Ident]types.Object{}}
	conf := types.Config{Importer: noImports{}, Error: func(error) {}, FakeImportC: true}
	conf.Check(d.pkg.Path, d.pkg.Fset, []*ast.File{f.Syntax}, info) // errors are expected: the rest of the package is missing
	other := map[*ast.Ident]bool{f.Syntax.Name: true}               // names that are not looked up in the package
	found := false
	ast.Inspect(f.Syntax, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.SelectorExpr:
			other[n.Sel] = true
		case *ast.LabeledStmt:
			other[n.Label] = true
		case *ast.BranchStmt:
			other[n.Label] = true
		case *ast.CompositeLit:
			d.fieldKeys(info, n, other)
		case *ast.Ident:
			if n.Name != name || other[n] {
				break
			}
			obj := cmp.Or(info.Uses[n], info.Defs[n])
			found = found || obj == nil || obj.Pkg() != nil && obj.Parent() == obj.Pkg().Scope()
		}
		return !found
	})
	return found
}

// fieldKeys adds the keys of lit that name fields, where another file of the
// package declares its struct: the checker knows the types of this file alone.
func (d *draft) fieldKeys(info *types.Info, lit *ast.CompositeLit, keys map[*ast.Ident]bool) {
	id, ok := lit.Type.(*ast.Ident)
	if !ok || info.Uses[id] != nil {
		return
	}
	t := d.pkg.Types.Scope().Lookup(id.Name)
	if t == nil {
		return
	}
	if _, isStruct := t.Type().Underlying().(*types.Struct); !isStruct {
		return
	}
	for _, elt := range lit.Elts {
		if kv, ok := elt.(*ast.KeyValueExpr); ok {
			if key, ok := kv.Key.(*ast.Ident); ok {
				keys[key] = true
			}
		}
	}
}

// noImports is an importer that has nothing.
type noImports struct{}

func (noImports) Import(path string) (*types.Package, error) {
	return nil, fmt.Errorf("%s is not wanted", path)
}

func importsC(f *ast.File) bool {
	for _, imp := range f.Imports {
		if imp.Path.Value == `"C"` {
			return true
		}
	}
	return false
}

// noAddress proves that nobody holds a pointer to the variables. A decoder
// that is handed the address fills the variable and forgets the pointer: that
// is a write, which the strategies judge.
func (d *draft) noAddress() *Refusal {
	for _, v := range d.values() {
		for _, a := range v.Accesses {
			if a.Kind == detect.Address && !d.decodes(a) {
				return refuse(AddressTaken, a.Pos(), "the address of %s is taken here", v.Name())
			}
		}
	}
	d.proved("address-not-taken")
	return nil
}

// zeroDeclared proves that the variables start empty, so that nothing has to
// be moved into init. A mutex leaves the declarations as they are.
func (d *draft) zeroDeclared() *Refusal {
	for _, v := range d.values() {
		value := v.Declared()
		if value == nil || d.empties(v, value) {
			continue
		}
		if d.Strategy == mutex.Name {
			return nil
		}
		return refuse(InitOrder, value.Pos(), "%s is declared with a value, which other initialisers may rely on", v.Name())
	}
	d.proved("zero-declared")
	return nil
}

// notRecomputed proves that every site fills only what is empty. Under a
// mutex, a value may also take the place of another one.
func (d *draft) notRecomputed() *Refusal {
	again := false
	for _, s := range d.Singleton.Sites {
		again = again || s.Recomputed
		if s.Key != nil {
			return refuse(NoForm, s.Test.Pos(), "%s holds many values, each under a key of its own", d.v.Name())
		}
		if s.Recomputed && d.Strategy != mutex.Name {
			if s.Inner != nil && !s.Inner.Recomputed {
				return refuse(ControlFlow, s.Test.Pos(), "the test of %s here is about something else, too", d.v.Name())
			}
			return refuse(Recomputed, s.Test.Pos(), "%s is filled again while it still holds a value", d.v.Name())
		}
	}
	if !again {
		d.proved("not-recomputed")
	}
	return nil
}

// goAtLeast proves that the files to be changed are written in a Go version
// that has form. What declares no version has the newest one.
func (d *draft) goAtLeast(v, form string) *Refusal {
	have := d.pkg.Info.FileVersions[d.v.File.Syntax]
	if have == "" {
		have = d.pkg.Types.GoVersion()
	}
	if have != "" && version.Compare(have, v) < 0 {
		return refuse(GoVersion, d.v.Obj.Pos(), "%s needs %s in go.mod, which says %s", form, v, have)
	}
	d.proved("go-version")
	return nil
}

// isZero reports whether e is plainly the zero value of a type that is no
// struct: nil, 0, "", false.
func isZero(info *types.Info, e ast.Expr) bool {
	tv := info.Types[e]
	if tv.IsNil() {
		return true
	}
	if tv.Value != nil {
		switch tv.Value.String() {
		case "0", `""`, "false":
			return true
		}
		return false
	}
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		return e.Name == "nil" && info.Uses[e] == types.Universe.Lookup("nil")
	case *ast.CallExpr: // (*T)(nil), a conversion
		return len(e.Args) == 1 && info.Types[e.Fun].IsType() && isZero(info, e.Args[0])
	}
	return false
}

// isZeroStruct reports whether e is T{} of a struct type T.
func isZeroStruct(info *types.Info, e ast.Expr) bool {
	lit, ok := ast.Unparen(e).(*ast.CompositeLit)
	if !ok || len(lit.Elts) > 0 || info.TypeOf(lit) == nil {
		return false
	}
	_, isStruct := info.TypeOf(lit).Underlying().(*types.Struct)
	return isStruct
}

// empties reports whether e is the zero value of v's type. In an interface,
// nothing but nil is: T{} and (*T)(nil) are values there.
func (d *draft) empties(v *detect.Variable, e ast.Expr) bool {
	if types.IsInterface(v.Obj.Type()) {
		id, ok := ast.Unparen(e).(*ast.Ident)
		return ok && d.pkg.Info.Uses[id] == types.Universe.Lookup("nil")
	}
	_, isStruct := v.Obj.Type().Underlying().(*types.Struct)
	return isZero(d.pkg.Info, e) || isStruct && isZeroStruct(d.pkg.Info, e)
}
