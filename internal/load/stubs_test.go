package load

import (
	"bytes"
	"flag"
	"fmt"
	"go/format"
	"go/importer"
	"go/token"
	"go/types"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the stubs anew from the standard library")

// stubbed are the packages that have a stub.
var stubbed = strings.Fields(`
	bufio bytes cmp container/list context crypto crypto/tls database/sql database/sql/driver
	encoding encoding/json errors flag fmt hash html/template io io/fs iter
	log log/slog maps math math/rand mime/multipart net net/http net/textproto net/url
	os os/exec os/signal os/user path path/filepath reflect regexp runtime
	slices sort strconv strings sync sync/atomic
	testing text/template time unicode unicode/utf8
`)

// TestStubs compares each stub with the package that it stands for, both ways.
func TestStubs(t *testing.T) {
	if testing.Short() || raceEnabled {
		t.Skip("reads the standard library")
	}
	real := importer.ForCompiler(token.NewFileSet(), "source", nil)
	for _, path := range stubbed {
		pkg, err := real.Import(path)
		if err != nil {
			t.Fatal(err)
		}
		if *update {
			if err := os.WriteFile(filepath.Join("stubs", stubName(path)), writeStub(t, pkg), 0o666); err != nil {
				t.Fatal(err)
			}
			continue // the embedded files are still the old ones
		}
		got, want := api(stub(path)), api(pkg)
		for line := range want {
			if !got[line] {
				t.Errorf("stub of %s lacks: %s", path, line)
			}
		}
		for line := range got {
			if !want[line] {
				t.Errorf("stub of %s has, and the package has not: %s", path, line)
			}
		}
	}
	files, err := filepath.Glob("stubs/*.stub")
	if err != nil || len(files) != len(stubbed) {
		t.Errorf("there are %d stubs, want %d", len(files), len(stubbed))
	}
}

func qualify(p *types.Package) string { return p.Name() }

// api returns the exported names of pkg with their types, methods and fields,
// as lines. What involves a package without a stub is left out.
func api(pkg *types.Package) map[string]bool {
	lines := make(map[string]bool)
	add := func(s string) {
		if !strings.Contains(s, "invalid type") && !mentionsUnknown(s) {
			lines[s] = true
		}
	}
	for _, name := range pkg.Scope().Names() {
		obj := pkg.Scope().Lookup(name)
		if !obj.Exported() {
			continue
		}
		tn, ok := obj.(*types.TypeName)
		if !ok {
			add(types.ObjectString(obj, types.RelativeTo(pkg)))
			continue
		}
		if tn.IsAlias() {
			add("alias " + name)
			continue
		}
		add(fmt.Sprintf("type %s comparable=%v", types.TypeString(obj.Type(), qualify), types.Comparable(obj.Type())))
		for _, m := range exportedMethods(obj.Type().(*types.Named)) {
			add(fmt.Sprintf("%s.%s %s", name, m.Name(), types.TypeString(m.Type(), qualify)))
		}
		if st, ok := obj.Type().Underlying().(*types.Struct); ok {
			for f := range st.Fields() {
				if f.Exported() {
					add(fmt.Sprintf("%s.%s %s embedded=%v", name, f.Name(), types.TypeString(f.Type(), qualify), f.Embedded()))
				}
			}
		}
	}
	return lines
}

func mentionsUnknown(s string) bool {
	return slices.ContainsFunc([]string{"syscall.", "x509.", "abi.", "parse.", "httptrace.", "ecdh.", "netip.", "internal."}, func(p string) bool {
		return strings.Contains(s, p)
	})
}

// exportedMethods returns the exported methods of a pointer to named, promoted ones too.
func exportedMethods(named *types.Named) []*types.Func {
	var typ types.Type = types.NewPointer(named)
	if types.IsInterface(named) {
		typ = named
	}
	var methods []*types.Func
	set := types.NewMethodSet(typ)
	for i := range set.Len() {
		if f := set.At(i).Obj().(*types.Func); f.Exported() {
			methods = append(methods, f)
		}
	}
	return methods
}

// writeStub returns pkg's exported API as Go.
func writeStub(t *testing.T, pkg *types.Package) []byte {
	w := &stubWriter{pkg: pkg, imports: make(map[string]string)}
	for _, name := range pkg.Scope().Names() {
		if obj := pkg.Scope().Lookup(name); obj.Exported() {
			w.object(obj)
		}
	}
	for i := 0; i < len(w.hidden); i++ { // grows while it is written
		w.object(w.hidden[i])
	}
	var head bytes.Buffer
	fmt.Fprintf(&head, "package %s\n\n", pkg.Name())
	for _, path := range slices.Sorted(keys(w.imports)) {
		fmt.Fprintf(&head, "import %q\n", path)
	}
	src, err := format.Source(append(head.Bytes(), w.buf.Bytes()...))
	if err != nil {
		t.Fatalf("stub of %s: %v\n%s", pkg.Path(), err, w.buf.Bytes())
	}
	return src
}

func keys(m map[string]string) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

type stubWriter struct {
	pkg     *types.Package
	buf     bytes.Buffer
	imports map[string]string
	hidden  []types.Object // unexported types that exported ones mention
}

func (w *stubWriter) qualify(p *types.Package) string {
	if p == w.pkg {
		return ""
	}
	w.imports[p.Path()] = p.Name()
	return p.Name()
}

func (w *stubWriter) typ(t types.Type) string {
	w.note(t)
	return types.TypeString(t, w.qualify)
}

// note remembers the unexported types of the package that t mentions by name.
func (w *stubWriter) note(t types.Type) {
	switch t := t.(type) {
	case *types.Named:
		obj := t.Obj()
		if obj.Pkg() == w.pkg && !obj.Exported() && !slices.Contains(w.hidden, types.Object(obj)) {
			w.hidden = append(w.hidden, obj)
		}
	case *types.Pointer:
		w.note(t.Elem())
	case *types.Slice:
		w.note(t.Elem())
	case *types.Array:
		w.note(t.Elem())
	case *types.Chan:
		w.note(t.Elem())
	case *types.Map:
		w.note(t.Key())
		w.note(t.Elem())
	case *types.Signature:
		for v := range t.Params().Variables() {
			w.note(v.Type())
		}
		for v := range t.Results().Variables() {
			w.note(v.Type())
		}
	case *types.Interface:
		for m := range t.ExplicitMethods() {
			w.note(m.Type())
		}
		for e := range t.EmbeddedTypes() {
			w.note(e)
		}
	case *types.Union:
		for term := range t.Terms() {
			w.note(term.Type())
		}
	}
}

func (w *stubWriter) object(obj types.Object) {
	switch obj := obj.(type) {
	case *types.Const:
		typ := ""
		if b, ok := obj.Type().(*types.Basic); !ok || b.Info()&types.IsUntyped == 0 {
			typ = w.typ(obj.Type())
		}
		val := constant(obj)
		fmt.Fprintf(&w.buf, "const %s %s = %s\n", obj.Name(), typ, val)
	case *types.Var:
		fmt.Fprintf(&w.buf, "var %s %s\n", obj.Name(), w.typ(obj.Type()))
	case *types.Func:
		fmt.Fprintf(&w.buf, "func %s%s\n", obj.Name(), strings.TrimPrefix(w.typ(obj.Type()), "func"))
	case *types.TypeName:
		w.typeName(obj)
	}
}

// constant returns c's value so that it has c's kind where it has no type.
func constant(c *types.Const) string {
	val := c.Val().ExactString()
	switch c.Type() {
	case types.Typ[types.UntypedRune]:
		return "'\\x00' + " + val
	case types.Typ[types.UntypedFloat]:
		return "0.0 + " + val
	}
	return val
}

func (w *stubWriter) typeName(obj *types.TypeName) {
	if obj.IsAlias() {
		fmt.Fprintf(&w.buf, "type %s = %s\n", obj.Name(), w.typ(types.Unalias(obj.Type())))
		return
	}
	named := obj.Type().(*types.Named)
	fmt.Fprintf(&w.buf, "type %s%s ", obj.Name(), w.typeParams(named))
	if st, ok := named.Underlying().(*types.Struct); ok {
		w.structType(st)
	} else {
		fmt.Fprintf(&w.buf, "%s\n", w.typ(named.Underlying()))
	}
	if types.IsInterface(named) {
		return
	}
	for m := range named.Methods() {
		if m.Exported() {
			w.method(m)
		}
	}
}

func (w *stubWriter) typeParams(named *types.Named) string {
	var list []string
	for p := range named.TypeParams().TypeParams() {
		list = append(list, p.Obj().Name()+" "+w.typ(p.Constraint()))
	}
	if list == nil {
		return ""
	}
	return "[" + strings.Join(list, ", ") + "]"
}

// structType writes a struct: unexported fields only as far as they decide
// whether it is comparable, and what they promote.
func (w *stubWriter) structType(st *types.Struct) {
	fmt.Fprintf(&w.buf, "struct {\n")
	hidden, incomparable := false, false
	for f := range st.Fields() {
		switch {
		case f.Exported() && f.Embedded():
			fmt.Fprintf(&w.buf, "%s\n", w.typ(f.Type()))
		case f.Exported():
			fmt.Fprintf(&w.buf, "%s %s\n", f.Name(), w.typ(f.Type()))
		case f.Embedded() && len(exportedMethodsOf(f.Type())) > 0:
			fmt.Fprintf(&w.buf, "%s\n", w.typ(f.Type()))
		default:
			hidden = true
			incomparable = incomparable || !types.Comparable(f.Type())
		}
	}
	if incomparable {
		fmt.Fprintf(&w.buf, "_ []int\n")
	} else if hidden {
		fmt.Fprintf(&w.buf, "_ int\n")
	}
	fmt.Fprintf(&w.buf, "}\n")
}

func exportedMethodsOf(t types.Type) []*types.Func {
	if p, ok := t.(*types.Pointer); ok {
		t = p.Elem()
	}
	if named, ok := types.Unalias(t).(*types.Named); ok {
		return exportedMethods(named)
	}
	return nil
}

func (w *stubWriter) method(m *types.Func) {
	sig := m.Signature()
	fmt.Fprintf(&w.buf, "func (%s) %s%s\n", w.typ(sig.Recv().Type()), m.Name(), strings.TrimPrefix(w.typ(sig), "func"))
}
