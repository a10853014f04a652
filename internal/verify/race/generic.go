package race

import (
	"fmt"
	"go/types"
	"slices"
	"strings"
)

// instantiate puts types in place of tgt's type parameters, of which one is
// as good as another. The error says where none of them fits.
func (tgt *target) instantiate(pkg *types.Package) error {
	var err error
	switch {
	case tgt.sig.RecvTypeParams().Len() > 0:
		err = tgt.instantiateReceiver(pkg)
	case tgt.sig.TypeParams().Len() > 0:
		var t types.Type
		if t, tgt.args, err = instance(tgt.sig, tgt.sig.TypeParams(), pkg); err == nil {
			tgt.sig = t.(*types.Signature)
		}
	}
	if err != nil {
		return fmt.Errorf("%s has type parameters, and %w", tgt.fn.PlainName(), err)
	}
	return nil
}

// instantiateReceiver has tgt be the method of an instance of its type.
func (tgt *target) instantiateReceiver(pkg *types.Package) error {
	named, ok := types.Unalias(deref(tgt.sig.Recv().Type())).(*types.Named)
	if !ok {
		return fmt.Errorf("its receiver is no type of the package")
	}
	t, _, err := instance(named.Origin(), named.Origin().TypeParams(), pkg)
	if err != nil {
		return err
	}
	obj, _, _ := types.LookupFieldOrMethod(t, true, pkg, tgt.fn.Obj.Name())
	method, ok := obj.(*types.Func)
	if !ok {
		return fmt.Errorf("%s does not have it", t)
	}
	tgt.sig = method.Signature()
	return nil
}

// instance returns generic with the first types that its constraints allow,
// each for its own: int, string, and what pkg declares.
func instance(generic types.Type, params *types.TypeParamList, pkg *types.Package) (types.Type, []types.Type, error) {
	candidates := []types.Type{types.Typ[types.Int], types.Typ[types.String]}
	for _, name := range pkg.Scope().Names() {
		tn, ok := pkg.Scope().Lookup(name).(*types.TypeName)
		if ok && !tn.IsAlias() && !isGeneric(tn.Type()) {
			candidates = append(candidates, tn.Type(), types.NewPointer(tn.Type()))
		}
	}
	var args []types.Type
	for param := range params.TypeParams() {
		i := slices.IndexFunc(candidates, func(t types.Type) bool { return types.Satisfies(t, param.Constraint().Underlying().(*types.Interface)) })
		if i < 0 {
			return nil, nil, fmt.Errorf("no type of the package is a %s", param.Constraint())
		}
		args = append(args, candidates[i])
	}
	t, err := types.Instantiate(nil, generic, args, true)
	return t, args, err
}

// generic returns what calls tgt, a function, by: its name, and its type
// arguments if it has any.
func (tgt *target) generic(m *maker) (string, error) {
	name := tgt.fn.PlainName()
	if len(tgt.args) == 0 {
		return name, nil
	}
	var args []string
	for _, t := range tgt.args {
		text, err := m.spell(t)
		if err != nil {
			return "", err
		}
		args = append(args, text)
	}
	return name + "[" + strings.Join(args, ", ") + "]", nil
}
