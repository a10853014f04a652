package race

import (
	"fmt"
	"go/types"
	"strings"

	"github.com/singletonfix/singletonfix/detect"
)

// A maker makes values for parameters, as Go expressions.
type maker struct {
	pkg     *types.Package
	imports *imports
	nth     int  // 1, 2: arguments that differ from each other where that is possible
	test    bool // one of the values is the test's own t

	shared, owner string // a variable, and the type whose methods are called on it; "" if each call has a value of its own
}

func newMaker(pkg *detect.Package, im *imports, nth int) *maker {
	return &maker{pkg: pkg.Types, imports: im, nth: nth}
}

// made are expressions for types whose zero value is of no use; the name of
// the package stands before the first dot.
var made = map[string]string{
	"context.Context":                 "context.Background()",
	"io.Reader":                       `strings.NewReader("")`,
	"io.Writer":                       "io.Discard",
	"net/http.ResponseWriter":         "httptest.NewRecorder()",
	"*net/http.Request":               `httptest.NewRequest("GET", "/", nil)`,
	"*log/slog.Logger":                "slog.Default()",
	"*log.Logger":                     "log.Default()",
	"time.Duration":                   "time.Second",
	"testing.TB":                      "t",
	"*testing.T":                      "t",
	"*testing.B":                      "",
	"*testing.M":                      "",
	"*testing.F":                      "",
	"*github.com/spf13/cobra.Command": "",
}

// packageOf are the packages of the names in made.
var packageOf = map[string]string{
	"context": "context", "strings": "strings", "io": "io", "httptest": "net/http/httptest",
	"slog": "log/slog", "log": "log", "time": "time",
}

// value returns an expression of type t. The error says what cannot be made.
func (m *maker) value(t types.Type) (string, error) {
	if text, ok := made[types.TypeString(t, nil)]; ok {
		return m.known(t, text)
	}
	if b, ok := t.Underlying().(*types.Basic); ok {
		return m.basic(b)
	}
	switch u := t.Underlying().(type) {
	case *types.Slice:
		return m.slice(t, u)
	case *types.Interface:
		return m.implementer(t, u)
	case *types.Signature:
		return m.function(u)
	}
	return m.empty(t)
}

// known returns text, an entry of made, with its package imported.
func (m *maker) known(t types.Type, text string) (string, error) {
	if text == "" {
		return "", fmt.Errorf("a %s cannot be made", m.plain(t))
	}
	name, rest, ok := strings.Cut(text, ".")
	if !ok {
		m.test = true
		return text, nil
	}
	return m.imports.use(packageOf[name], name) + "." + rest, nil
}

// basic returns a literal.
func (m *maker) basic(b *types.Basic) (string, error) {
	switch info := b.Info(); {
	case info&types.IsString != 0:
		return fmt.Sprintf("%q", []string{"a", "b"}[m.nth-1]), nil
	case info&types.IsBoolean != 0:
		return "true", nil // the other one asks for something else, as a rule
	case info&types.IsNumeric != 0:
		return fmt.Sprint(m.nth), nil
	}
	return "nil", nil // unsafe.Pointer
}

// slice returns a slice with one element, if that is a simple one.
func (m *maker) slice(t types.Type, u *types.Slice) (string, error) {
	b, ok := u.Elem().Underlying().(*types.Basic)
	if !ok {
		return "nil", nil
	}
	text, err := m.spell(t)
	if err != nil {
		return "nil", nil
	}
	elem, err := m.basic(b)
	return text + "{" + elem + "}", err
}

// implementer returns a value for an interface: of a type of the package that
// implements it, or else one that has its methods and none to run.
func (m *maker) implementer(t types.Type, iface *types.Interface) (string, error) {
	if iface.Empty() {
		return m.basic(types.Typ[types.String])
	}
	if types.Identical(t, types.Universe.Lookup("error").Type()) {
		return "nil", nil
	}
	for _, name := range m.pkg.Scope().Names() {
		tn, ok := m.pkg.Scope().Lookup(name).(*types.TypeName)
		if !ok || tn.IsAlias() || types.IsInterface(tn.Type()) || isGeneric(tn.Type()) {
			continue
		}
		if types.Implements(types.NewPointer(tn.Type()), iface) {
			return "new(" + name + ")", nil
		}
	}
	if _, named := types.Unalias(t).(*types.Named); !named {
		return "", fmt.Errorf("a %s cannot be made", m.plain(t))
	}
	text, err := m.spell(t)
	return "struct{ " + text + " }{}", err
}

// function returns a literal that does nothing.
func (m *maker) function(sig *types.Signature) (string, error) {
	var results []*types.Var
	for v := range sig.Results().Variables() {
		results = append(results, types.NewVar(0, nil, "_", v.Type()))
	}
	quiet := types.NewSignatureType(nil, nil, nil, unnamed(sig.Params()), types.NewTuple(results...), sig.Variadic())
	text, err := m.spell(quiet)
	if len(results) == 0 {
		return text + " {}", err
	}
	return text + " { return }", err
}

// unnamed returns params without their names.
func unnamed(params *types.Tuple) *types.Tuple {
	var vars []*types.Var
	for v := range params.Variables() {
		vars = append(vars, types.NewVar(0, nil, "", v.Type()))
	}
	return types.NewTuple(vars...)
}

// empty returns a value that holds nothing: new(T), T{}, make(chan T, 1).
func (m *maker) empty(t types.Type) (string, error) {
	if p, ok := t.Underlying().(*types.Pointer); ok {
		text, err := m.spell(p.Elem())
		return "new(" + text + ")", err
	}
	text, err := m.spell(t)
	switch t.Underlying().(type) {
	case *types.Chan:
		return "make(" + text + ", 1)", err
	case *types.Map, *types.Struct, *types.Array:
		return text + "{}", err
	}
	return "", fmt.Errorf("a %s cannot be made", m.plain(t))
}
