package rewrite

import (
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
	"github.com/singletonfix/singletonfix/detect"
)

var updateApply = flag.Bool("update-apply", false, "write the results of TestApply to testdata/apply")

// applyCases are the edits made on the input of testdata/apply/NAME.txtar.
// Each inner slice is a plan.
var applyCases = map[string]func(q query) [][]Edit{
	"once":             onceEdits,
	"once_comments":    onceEdits,
	"once_crlf":        onceEdits,
	"once_bom":         onceEdits,
	"once_no_newline":  onceEdits,
	"once_not_gofmt":   onceEdits,
	"once_grouped":     onceEdits,
	"once_cgo":         onceEdits,
	"once_else":        onceEdits,
	"once_one_line":    onceEdits,
	"once_sync_taken":  onceEdits,
	"once_sync_alias":  onceEdits,
	"once_import_none": onceEdits,
	"once_third_party": onceEdits,
	"once_import_rows": onceEdits,
	"once_case_clause": onceEdits,
	"double_check": func(q query) [][]Edit {
		return [][]Edit{append(doubleCheck(q), Edit{Op: InsertAfter, At: q.decl("Get"), Code: resetCode})}
	},
	"slow_path": func(q query) [][]Edit {
		guard := q.stmt("if shared == nil")
		fn := q.decl("Get").(*ast.FuncDecl)
		return [][]Edit{{
			{Op: ReplaceStmts, At: guard, Code: "if v := shared.Load(); v != nil {\nreturn v, nil\n}\nreturn initShared($name)", Holes: q.holes("name", q.expr("name"))},
			{Op: InsertAfter, At: fn, Code: "// initShared builds the shared client.\nfunc initShared($params) ($res) {\n\t$body\n}",
				Holes: map[string][]ast.Node{"params": {fn.Type.Params}, "res": {fn.Type.Results}, "body": q.body("if shared == nil")}},
		}}
	},
	"call_and_move": func(q query) [][]Edit {
		assign := q.stmt("shared = ").(*ast.AssignStmt)
		return [][]Edit{{
			{Op: ReplaceStmts, At: assign, Code: "v := $value\nshared.Store(v)", Holes: q.holes("value", assign.Rhs[0])},
			{Op: ReplaceStmts, At: assign, Code: "v = getShared()"},
			{Op: InsertAfter, At: q.decl("Get"), Code: "func getShared() *T {\n\t$block\n\treturn v\n}", Holes: q.holes("block", assign)},
		}}
	},
	"move_away": func(q query) [][]Edit {
		guard := q.stmt("if shared == nil")
		return [][]Edit{{
			{Op: ReplaceStmts, At: guard, Code: "ensureShared()"},
			{Op: InsertBefore, At: q.decl("Get"), Code: "func ensureShared() {\n\tmu.Lock()\n\tdefer mu.Unlock()\n\t$guard\n}", Holes: q.holes("guard", guard)},
			{Op: ReplaceExpr, At: q.expr("shared == nil"), Code: "!ready"},
		}}
	},
	"specs": func(q query) [][]Edit {
		return [][]Edit{{
			{Op: Delete, At: q.spec("once"), CommentsTo: q.spec("instance")},
			{Op: Delete, At: q.spec("flag"), CommentsTo: q.stmt("return instance")},
			{Op: Delete, At: q.spec("instance")},
			{Op: InsertAfter, At: q.spec("instance"), Code: "var instance atomic.Pointer[T]", Imports: []string{"sync/atomic"}},
			{Op: Delete, At: q.spec("lone")},
			{Op: InsertAfter, At: q.spec("lone"), Code: "var lone atomic.Bool", Imports: []string{"sync/atomic"}},
			{Op: InsertAfter, At: q.spec("lone"), Code: "var loneMu sync.Mutex", Imports: []string{"sync"}},
			{Op: InsertBefore, At: q.spec("last"), Code: "// first is first.\nvar first int"},
		}}
	},
	"places": func(q query) [][]Edit {
		call := func(s string) Edit { return Edit{Op: ReplaceStmts, At: q.stmt(s), Code: "once.Do(f)"} }
		return [][]Edit{{call("if labelled"), call("if comm"), call("if inLit"), {Op: ReplaceStmts, At: q.stmt("i := 0"), Code: "i := 1"},
			{Op: InsertAfter, At: q.stmt("inCase()"), Code: "more()"}, {Op: Delete, At: q.stmt("inSelect()")},
			{Op: ReplaceExpr, At: q.expr("*p"), Code: "$x + 1", Holes: q.holes("x", q.expr("p"))},
			{Op: ReplaceExpr, At: q.expr("m[1]"), Code: "*m.Load()"}}}
	},
	"params": func(q query) [][]Edit {
		// A parameter hides the import: the new code of this function needs another name.
		return [][]Edit{onceEdits(q)[0], {{Op: InsertBefore, At: q.stmt("return sync"), Code: "var mu sync.Mutex\nmu.Lock()", Imports: []string{"sync"}}}}
	},
	"import_dot":      onceEdits,
	"import_comments": onceEdits,
	"import_atomic": func(q query) [][]Edit {
		return [][]Edit{{{Op: ReplaceExpr, At: q.spec("instance").Type, Code: "atomic.Pointer[T]", Imports: []string{"sync/atomic"}}}}
	},
	"two_plans": func(q query) [][]Edit {
		return [][]Edit{onceFor(q, "a"), onceFor(q, "b")}
	},
	"nested_plans": func(q query) [][]Edit {
		// The guard of b stands in the block of a's.
		return [][]Edit{onceFor(q, "a"), onceFor(q, "b")}
	},
	"names": func(q query) [][]Edit {
		spec := q.spec("a")
		return [][]Edit{{
			{Op: Delete, At: spec.Names[0]},
			{Op: InsertAfter, At: spec, Code: "var a atomic.Pointer[$T]", Holes: q.holes("T", spec.Type.(*ast.StarExpr).X), Imports: []string{"sync/atomic"}},
			{Op: Delete, At: q.spec("once").Names[0]},
			{Op: Delete, At: q.spec("lone").Names[0]},
		}}
	},
	"delete": func(q query) [][]Edit {
		return [][]Edit{{
			{Op: Delete, At: q.spec("once"), CommentsTo: q.spec("instance")},
			{Op: Delete, At: q.stmt("once = sync.Once{}")},
			{Op: Delete, At: q.stmt("last()")},
			{Op: Delete, At: q.stmt("first()")},
			{Op: Delete, At: q.stmt("only()")},
			{Op: Delete, At: q.decl("gone")},
			{Op: Delete, At: q.decl("described")},
		}}
	},
	"insert": func(q query) [][]Edit {
		return [][]Edit{{
			{Op: InsertBefore, At: q.stmt("x = nil"), Code: "mu.Lock()"},
			{Op: InsertAfter, At: q.stmt("x = nil"), Code: "mu.Unlock()"},
			{Op: InsertBefore, At: q.stmt("return x"), Code: "mu.Lock()\ndefer mu.Unlock()"},
			{Op: InsertBefore, At: q.decl("reset"), Code: "// before\nfunc before() {}"},
			{Op: InsertAfter, At: q.decl("get"), Code: "func after() {}"},
			{Op: InsertAfter, At: q.spec("x"), Code: "var mu sync.Mutex", Imports: []string{"sync"}},
		}}
	},
	"wrap": func(q query) [][]Edit {
		stmt := q.stmt("x.Close()")
		return [][]Edit{{
			{Op: ReplaceStmts, At: stmt, Code: "mu.Lock()\n$old\nmu.Unlock()", Holes: q.holes("old", stmt)},
			{Op: ReplaceExpr, At: q.expr("x"), Code: "x.Load()"},
			{Op: ReplaceStmts, At: q.stmt("if x == nil { // in else"), Code: "x = v"},
		}}
	},
}

const resetCode = `// reset empties instance.
func reset() {
	instanceMu.Lock()
	defer instanceMu.Unlock()
	instance.Store(nil)
}`

func onceEdits(q query) [][]Edit { return [][]Edit{onceFor(q, "instance")} }

// onceFor wraps the block of the guard if NAME == nil into a Once.
func onceFor(q query, name string) []Edit {
	guard := q.stmt("if " + name + " == nil")
	return []Edit{
		{Op: InsertAfter, At: q.spec(name), Code: "var " + name + "Once sync.Once", Imports: []string{"sync"}},
		{Op: ReplaceStmts, At: guard, Code: name + "Once.Do(func() {\n\t$body\n})", Holes: map[string][]ast.Node{"body": q.body("if " + name + " == nil")}},
	}
}

func doubleCheck(q query) []Edit {
	star := q.spec("instance").Type.(*ast.StarExpr)
	ret := q.stmt("return instance, nil").(*ast.ReturnStmt)
	return []Edit{
		{Op: ReplaceExpr, At: star, Code: "atomic.Pointer[$T]", Holes: q.holes("T", star.X), Imports: []string{"sync/atomic"}},
		{Op: InsertAfter, At: q.spec("instance"), Code: "var instanceMu sync.Mutex", Imports: []string{"sync"}},
		{Op: ReplaceStmts, At: q.stmt("if instance == nil"), Last: ret, Code: `if v := instance.Load(); v != nil {
	return v, nil
}
instanceMu.Lock()
defer instanceMu.Unlock()
if v := instance.Load(); v != nil {
	return v, nil
}
$build
$ret`, Holes: map[string][]ast.Node{"build": q.body("if instance == nil"), "ret": {ret}}},
		{Op: ReplaceStmts, At: q.stmt("instance = c"), Code: "instance.Store($c)", Holes: q.holes("c", q.stmt("instance = c").(*ast.AssignStmt).Rhs[0])},
		{Op: ReplaceExpr, At: ret.Results[0], Code: "c"},
	}
}

func TestApply(t *testing.T) {
	for name, edits := range applyCases {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join("testdata", "apply", name+".txtar")
			ar, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			in := disguise(name, section(ar, "in.go"))
			pkg := checkSource(t, in)
			changes, err := Apply(pkg, plansOf(edits(query{t, pkg})))
			if err != nil {
				t.Fatal(err)
			}
			if len(changes) != 1 {
				t.Fatalf("Apply changed %d files, want 1", len(changes))
			}
			if _, err := parser.ParseFile(token.NewFileSet(), "out.go", changes[0].After, 0); err != nil {
				t.Errorf("Apply wrote what does not parse: %v", err)
			}
			got := undisguise(t, name, changes[0].After)
			if *updateApply {
				ar.Files = append(ar.Files[:1], txtar.File{Name: "out.go", Data: []byte(got)})
				if err := os.WriteFile(file, txtar.Format(ar), 0o666); err != nil {
					t.Fatal(err)
				}
			}
			if diff := cmp.Diff(string(section(ar, "out.go")), got); diff != "" && !*updateApply {
				t.Errorf("Apply (-want +got):\n%s", diff)
			}
		})
	}
}

// Apply refuses what it cannot carry out whole.
func TestApplyErrors(t *testing.T) {
	const src = `package p

var a, b = f()

func g(x int) {
	if x := 1; x > 0 {
		h(x)
	} else if x < 0 {
		h(1 /* one */)
	}
	return
}
`
	tests := []struct {
		name, want string
		edits      func(q query) []Edit
	}{
		{"no such hole", "nothing fills the hole $y", func(q query) []Edit {
			return []Edit{{At: q.stmt("return"), Code: "$y"}}
		}},
		{"a hole that is not there", "has no hole $y", func(q query) []Edit {
			return []Edit{{At: q.stmt("return"), Code: "x()", Holes: q.holes("y", q.stmt("h(x)"))}}
		}},
		{"no Go", "new code \"x(\"", func(q query) []Edit { return []Edit{{At: q.stmt("return"), Code: "x("}} }},
		{"an edit thrown away", "is lost in the edit", func(q query) []Edit {
			return []Edit{{At: q.stmt("if x"), Code: "x()"}, {At: q.stmt("h(x)"), Code: "y()"}}
		}},
		{"no room for two", "room for one statement only", func(q query) []Edit {
			return []Edit{{At: q.stmt("x := 1"), Code: "y()\nz()"}}
		}},
		{"no room beside", "no room for a statement", func(q query) []Edit {
			return []Edit{{Op: InsertBefore, At: q.stmt("x := 1"), Code: "y()"}}
		}},
		{"two blocks", "not of one block", func(q query) []Edit {
			return []Edit{{At: q.stmt("if x"), Last: q.stmt("h(x)"), Code: "y()"}}
		}},
		{"a value of a call", "one of several of a call", func(q query) []Edit {
			return []Edit{{Op: Delete, At: q.spec("a").Names[0]}}
		}},
		{"a statement for an expression", "is no expression", func(q query) []Edit {
			return []Edit{{Op: ReplaceExpr, At: q.expr("x > 0"), Code: "1\nvar z int"}}
		}},
		{"a node of nowhere", "in no file", func(q query) []Edit { return []Edit{{At: new(ast.ReturnStmt), Code: "x()"}} }},
		{"a node of another tree", "not of the file's syntax", func(q query) []Edit {
			return []Edit{{At: &ast.ReturnStmt{Return: q.stmt("return").Pos()}, Code: "x()"}}
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			q := query{t, checkSource(t, []byte(src))}
			_, err := Apply(q.pkg, plansOf([][]Edit{test.edits(q)}))
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("Apply = %v, want an error with %q", err, test.want)
			}
		})
	}
	q := query{t, checkSource(t, []byte("package p\n\n//line x.go:1\nfunc f() { return }\n"))}
	if _, err := Apply(q.pkg, plansOf([][]Edit{{{At: q.stmt("return"), Code: "x()"}}})); err == nil || !strings.Contains(err.Error(), "line directive") {
		t.Errorf("Apply = %v, want an error about the line directive", err)
	}
}

// In a file with both kinds of line ends, what is not changed keeps its own.
func TestApplyMixedLineEnds(t *testing.T) {
	src := "package p\r\n\r\nvar instance *T\n\nfunc Get() *T {\r\n\tif instance == nil {\n\t\tinstance = new(T)\r\n\t}\n\treturn instance\r\n}\r\n"
	want := "package p\r\n\r\nimport \"sync\"\r\n\r\nvar instance *T\r\nvar instanceOnce sync.Once\n\nfunc Get() *T {\r\n\tinstanceOnce.Do(func() {\r\n\t\tinstance = new(T)\r\n\t})\r\n\treturn instance\r\n}\r\n"
	q := query{t, checkSource(t, []byte(src))}
	changes, err := Apply(q.pkg, plansOf(onceEdits(q)))
	if err != nil {
		t.Fatal(err)
	}
	if got := string(changes[0].After); got != want {
		t.Errorf("Apply = %q\nwant %q", got, want)
	}
}

func section(ar *txtar.Archive, name string) []byte {
	for _, f := range ar.Files {
		if f.Name == name {
			return f.Data
		}
	}
	return nil
}

// disguise gives an input what an archive cannot hold.
func disguise(name string, src []byte) []byte {
	s := string(src)
	switch name {
	case "once_crlf":
		s = strings.ReplaceAll(s, "\n", "\r\n")
	case "once_bom":
		s = string(bom) + s
	case "once_no_newline":
		s = strings.TrimSuffix(s, "\n")
	}
	return []byte(s)
}

// undisguise takes it away again, and fails where the result has not kept it.
func undisguise(t *testing.T, name string, src []byte) string {
	t.Helper()
	s := string(src)
	plain := s
	switch name {
	case "once_crlf":
		plain = strings.ReplaceAll(s, "\r\n", "\n")
	case "once_bom":
		plain = strings.TrimPrefix(s, string(bom))
	case "once_no_newline":
		plain = s + "\n"
	}
	if got := string(disguise(name, []byte(plain))); got != s {
		t.Errorf("the result is %q, want %q", s, got)
	}
	return plain
}

func plansOf(edits [][]Edit) []*Plan {
	var out []*Plan
	for i, e := range edits {
		out = append(out, &Plan{Strategy: fmt.Sprint("plan ", i), Edits: e})
	}
	return out
}

// fakeImporter imports every path as an empty package.
type fakeImporter struct{}

func (fakeImporter) Import(p string) (*types.Package, error) {
	if p == "C" {
		return types.NewPackage("C", "_C"), nil
	}
	pkg := types.NewPackage(p, path.Base(p))
	pkg.MarkComplete()
	return pkg, nil
}

// checkSource returns a package of one file with as much type information as
// can be had without its imports.
func checkSource(t *testing.T, src []byte) *detect.Package {
	t.Helper()
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, "in.go", src, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	info := &types.Info{Scopes: make(map[ast.Node]*types.Scope), Implicits: make(map[ast.Node]types.Object)}
	conf := types.Config{Importer: fakeImporter{}, FakeImportC: true, Error: func(error) {}}
	tpkg, _ := conf.Check("example.com/p", fset, []*ast.File{f}, info)
	return &detect.Package{Path: "example.com/p", Fset: fset, Types: tpkg, Info: info,
		Files: []*detect.File{{Name: "in.go", Syntax: f, Src: src}}}
}

// A query finds nodes of a package's only file by their text.
type query struct {
	t   *testing.T
	pkg *detect.Package
}

func (q query) text(n ast.Node) string {
	at := func(p token.Pos) int { return q.pkg.Fset.PositionFor(p, false).Offset }
	return string(q.pkg.Files[0].Src[at(n.Pos()):at(n.End())])
}

// find returns the first node, parents first, for which ok holds.
func (q query) find(what string, ok func(ast.Node) bool) ast.Node {
	q.t.Helper()
	var found ast.Node
	ast.Inspect(q.pkg.Files[0].Syntax, func(n ast.Node) bool {
		if found == nil && n != nil && ok(n) {
			found = n
		}
		return found == nil
	})
	if found == nil {
		q.t.Fatalf("the input has no %s", what)
	}
	return found
}

func (q query) stmt(prefix string) ast.Stmt {
	q.t.Helper()
	return q.find(prefix, func(n ast.Node) bool {
		s, ok := n.(ast.Stmt)
		return ok && strings.HasPrefix(q.text(s), prefix)
	}).(ast.Stmt)
}

// expr returns the first expression in a function that reads so.
func (q query) expr(text string) ast.Expr {
	q.t.Helper()
	return q.find(text, func(n ast.Node) bool {
		e, ok := n.(ast.Expr)
		return ok && q.text(e) == text && q.inFunc(e)
	}).(ast.Expr)
}

func (q query) inFunc(e ast.Expr) bool {
	for _, d := range q.pkg.Files[0].Syntax.Decls {
		if fn, ok := d.(*ast.FuncDecl); ok && fn.Body != nil && fn.Body.Pos() < e.Pos() && e.End() < fn.Body.End() {
			return true
		}
	}
	return false
}

func (q query) spec(name string) *ast.ValueSpec {
	q.t.Helper()
	return q.find(name, func(n ast.Node) bool {
		s, ok := n.(*ast.ValueSpec)
		return ok && s.Names[0].Name == name
	}).(*ast.ValueSpec)
}

// decl returns the function or the unparenthesised variable of a name.
func (q query) decl(name string) ast.Decl {
	q.t.Helper()
	return q.find(name, func(n ast.Node) bool {
		switch d := n.(type) {
		case *ast.FuncDecl:
			return d.Name.Name == name
		case *ast.GenDecl:
			s, ok := d.Specs[0].(*ast.ValueSpec)
			return ok && s.Names[0].Name == name
		}
		return false
	}).(ast.Decl)
}

// body returns the statements of the block of an if.
func (q query) body(prefix string) []ast.Node {
	q.t.Helper()
	var out []ast.Node
	for _, s := range q.stmt(prefix).(*ast.IfStmt).Body.List {
		out = append(out, s)
	}
	return out
}

func (q query) holes(name string, nodes ...ast.Node) map[string][]ast.Node {
	return map[string][]ast.Node{name: nodes}
}
