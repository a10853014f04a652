package race

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"github.com/singletonfix/singletonfix/detect"
)

// A declared variable is one of a package, with what it is declared with.
type declared struct {
	obj   *types.Var
	value ast.Expr // nil: the zero value
	odd   bool     // var a, b = f()
}

// emptying returns the statements that bring s back to the state that it
// starts in: before the fix and after it the variables differ. The error says
// why there are none.
func (job *Job) emptying(s *detect.Singleton, after bool, im *imports) ([]string, error) {
	vars := append(job.namesOf(s, after), onces(s)...)
	slices.Sort(vars)
	if after {
		return statements(job.After, slices.Compact(vars), im)
	}
	return statements(job.Before, slices.Compact(vars), im)
}

// namesOf returns the names of the variables that hold s, before the fix or
// after it, when some of them may be gone; of a field "Type.field".
func (job *Job) namesOf(s *detect.Singleton, after bool) []string {
	var names []string
	for _, v := range s.Vars {
		if v.Owner != nil {
			names = append(names, v.Name())
			continue
		}
		names = append(names, v.Obj.Name())
	}
	if after {
		names = append(names, addedVars(job, s)...)
	}
	return names
}

// names is namesOf for all singletons of the job.
func (job *Job) names(after bool) []string {
	var names []string
	for _, s := range job.Singletons {
		names = append(names, job.namesOf(s, after)...)
	}
	return names
}

// onces returns the names of the sync.Once variables that are used where s is.
func onces(s *detect.Singleton) []string {
	users := make(map[*detect.Func]bool)
	for _, v := range s.Vars {
		for _, a := range v.Accesses {
			if a.In != nil {
				users[a.In.Outermost()] = true
			}
		}
	}
	var names []string
	for _, v := range s.Facts.Vars {
		if !strings.HasPrefix(strings.TrimPrefix(v.Obj.Type().String(), "*"), "sync.Once") {
			continue
		}
		if slices.ContainsFunc(v.Accesses, func(a *detect.Access) bool { return a.In != nil && users[a.In.Outermost()] }) {
			names = append(names, v.Obj.Name())
		}
	}
	if s.Once != nil {
		names = append(names, s.Once.Obj.Name()) // a function that sync.OnceFunc returned, too
	}
	return names
}

// statements returns what empties the variables of pkg that have these names.
func statements(pkg *detect.Package, names []string, im *imports) ([]string, error) {
	vars := declaredVars(pkg)
	var list []string
	for _, name := range names {
		d, ok := vars[name]
		if !ok {
			continue // the fix has taken it away
		}
		stmt, err := d.empty(pkg, im)
		if err != nil {
			return nil, fmt.Errorf("%s cannot be brought back to its initial state: %w", name, err)
		}
		if stmt != "" {
			list = append(list, stmt)
		}
	}
	return list, nil
}

// declaredVars returns the package variables of pkg by name.
func declaredVars(pkg *detect.Package) map[string]declared {
	vars := make(map[string]declared)
	for _, f := range pkg.Files {
		for _, decl := range f.Syntax.Decls {
			gen, ok := decl.(*ast.GenDecl)
			if !ok || gen.Tok != token.VAR {
				continue
			}
			for _, spec := range gen.Specs {
				spec := spec.(*ast.ValueSpec)
				for i, name := range spec.Names {
					obj, ok := pkg.Info.Defs[name].(*types.Var)
					if !ok {
						continue // the blank identifier
					}
					d := declared{obj: obj, odd: len(spec.Values) > 0 && len(spec.Values) != len(spec.Names)}
					if i < len(spec.Values) {
						d.value = spec.Values[i]
					}
					vars[name.Name] = d
				}
			}
		}
	}
	return vars
}

// empty returns the statement that gives d its declared value again; "" where
// it always has it between two rounds, as a mutex does.
func (d declared) empty(pkg *detect.Package, im *imports) (string, error) {
	name := d.obj.Name()
	if d.odd {
		return "", fmt.Errorf("it is declared together with others")
	}
	if d.value != nil && !isNil(d.value) {
		text, err := again(pkg, d.value, im)
		return name + " = " + text, err
	}
	switch typeName(d.obj.Type()) {
	case "sync.Mutex", "sync.RWMutex":
		return "", nil
	case "sync/atomic.Pointer":
		return name + ".Store(nil)", nil
	case "sync/atomic.Bool":
		return name + ".Store(false)", nil
	case "sync/atomic.Int32", "sync/atomic.Int64", "sync/atomic.Uint32", "sync/atomic.Uint64", "sync/atomic.Uintptr":
		return name + ".Store(0)", nil
	}
	m := newMaker(pkg, im, 1)
	zero, err := m.zero(d.obj.Type())
	return name + " = " + zero, err
}

// zero returns the zero value of t.
func (m *maker) zero(t types.Type) (string, error) {
	switch u := t.Underlying().(type) {
	case *types.Basic:
		switch info := u.Info(); {
		case info&types.IsString != 0:
			return `""`, nil
		case info&types.IsBoolean != 0:
			return "false", nil
		case info&types.IsNumeric != 0:
			return "0", nil
		}
	case *types.Struct, *types.Array:
		text, err := m.spell(t)
		return text + "{}", err
	}
	if !nilable(t) {
		return "", fmt.Errorf("its type %s is not known", m.plain(t))
	}
	return "nil", nil
}

// typeName returns the name of a named type without its arguments, with the
// path of its package: "sync/atomic.Pointer".
func typeName(t types.Type) string {
	named, ok := types.Unalias(t).(*types.Named)
	if !ok || named.Obj().Pkg() == nil {
		return ""
	}
	return named.Obj().Pkg().Path() + "." + named.Obj().Name()
}

func isNil(e ast.Expr) bool {
	id, ok := e.(*ast.Ident)
	return ok && id.Name == "nil"
}
