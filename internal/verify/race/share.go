package race

import (
	"fmt"
	"go/ast"
	"go/types"
	"slices"

	"github.com/singletonfix/singletonfix/detect"
)

// Goroutines race for the field of a value only if they share that value: a
// round makes one, and all methods of its type are called on it.

// owner returns the type whose field is sub's singleton; nil for a package variable.
func (sub *subject) owner() *types.TypeName { return sub.singleton.Vars[0].Owner }

// maker returns a maker for the calls of sub.
func (job *Job) maker(sub *subject, after bool, im *imports, nth int) *maker {
	m := newMaker(job.version(after), im, nth)
	if owner := sub.owner(); owner != nil {
		m.owner, m.shared = owner.Name(), free("shared", job.Before, job.After)
	}
	return m
}

// share returns the statement that makes the value that goroutines share; ""
// for a package variable.
func (job *Job) share(sub *subject, m *maker) (string, error) {
	if m.shared == "" {
		return "", nil
	}
	text, err := job.constructor(sub, m)
	if text == "" {
		text, err = m.empty(types.NewPointer(sub.receiver()))
	}
	if err != nil {
		return "", fmt.Errorf("%s cannot be called: %w", sub.getter.fn.PlainName(), err)
	}
	return m.shared + " := " + text, nil
}

// receiver returns the type of the shared value.
func (sub *subject) receiver() types.Type {
	if recv := sub.getter.sig.Recv(); recv != nil {
		return deref(recv.Type())
	}
	return sub.owner().Type()
}

// constructor returns a call that makes a value of the type that sub's field
// is in, as the package makes it; "" if it has no function for that, or one that
// fills the field.
func (job *Job) constructor(sub *subject, m *maker) (string, error) {
	name := sub.owner().Name()
	for _, f := range sub.singleton.Facts.Funcs {
		if f.Obj == nil || f.File.Test || f.Obj.Signature().Recv() != nil || f.Obj.Signature().TypeParams().Len() > 0 {
			continue
		}
		if n := f.Obj.Name(); n != "New"+name && n != "new"+name && n != "New" && n != "new" {
			continue
		}
		results := f.Obj.Signature().Results()
		if results.Len() != 1 || !types.Identical(deref(results.At(0).Type()), sub.owner().Type()) || touches(sub.singleton.Facts, f) != nil || sub.isNamedIn(f) {
			continue
		}
		if text, err := (&target{fn: f, sig: f.Obj.Signature()}).text(m); err == nil {
			return text, nil
		}
	}
	return "", nil
}

// isNamedIn reports whether f names a variable of the singleton: in a literal
// of its type, if not in an access.
func (sub *subject) isNamedIn(f *detect.Func) bool {
	info, named := sub.singleton.Facts.Pkg.Info, false
	ast.Inspect(f.Cur.Node(), func(n ast.Node) bool {
		id, ok := n.(*ast.Ident)
		named = named || ok && slices.ContainsFunc(sub.singleton.Vars, func(v *detect.Variable) bool { return info.Uses[id] == v.Obj })
		return !named
	})
	return named
}

func deref(t types.Type) types.Type {
	if p, ok := types.Unalias(t).(*types.Pointer); ok {
		return p.Elem()
	}
	return t
}

// isShared reports whether m calls the methods of t on the shared value.
func (m *maker) isShared(t types.Type) bool {
	named, ok := types.Unalias(deref(t)).(*types.Named)
	return ok && m.shared != "" && named.Obj().Name() == m.owner && named.Obj().Pkg().Path() == m.pkg.Path()
}

// ownerField returns the field called name of the type of pkg called owner,
// with its accesses; nil where there is none.
func ownerField(pkg *detect.Package, owner, name string) *detect.Variable {
	tn, ok := pkg.Types.Scope().Lookup(owner).(*types.TypeName)
	if !ok {
		return nil
	}
	st, ok := tn.Type().Underlying().(*types.Struct)
	if !ok {
		return nil
	}
	for f := range st.Fields() {
		if f.Name() == name {
			return detect.BuildFieldFacts(pkg).Variable(f)
		}
	}
	return nil
}
