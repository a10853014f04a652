package detect

import (
	"go/ast"
	"go/types"
	"slices"
	"strings"
)

// findPhases finds out when every function runs. The start is optimistic:
// what is only called is taken to run in the phase of its callers, until a
// caller says otherwise.
func (fx *Facts) findPhases() {
	order := fx.Funcs
	for _, f := range order {
		f.Phase = fx.ownPhase(f)
	}
	for changed := true; changed; {
		changed = false
		for _, f := range order {
			if p := fx.callersPhase(f); p < f.Phase {
				f.Phase, changed = p, true
			}
		}
	}
	for _, a := range fx.accesses {
		a.Phase = fx.phaseAt(a.In, a.File)
		if a.Base.Root != nil && fx.isFresh(a.Base.Root) {
			a.Phase = Initial // nobody else has the value yet
		}
	}
}

// phaseAt returns the phase of code directly in f, or at package level of file.
func (fx *Facts) phaseAt(f *Func, file *File) Phase {
	switch {
	case file != nil && file.Test:
		return Testing
	case f == nil:
		return Initial
	}
	return f.Phase
}

// ownPhase returns the latest-sharing phase that f by itself allows: the
// result of callersPhase can only lower it.
func (fx *Facts) ownPhase(f *Func) Phase {
	if f.File.Test {
		return Testing
	}
	if f.Lit != nil {
		return Testing // until callersPhase has looked
	}
	name := f.Decl.Name.Name
	switch {
	case f.Decl.Recv == nil && name == "init":
		return Initial
	case f.Decl.Recv == nil && name == "main" && fx.Pkg.Types.Name() == "main":
		return Startup
	}
	return Testing
}

// callersPhase returns the earliest phase in which something calls f.
func (fx *Facts) callersPhase(f *Func) Phase {
	if f.File.Test {
		return Testing
	}
	if f.Decl != nil && f.Decl.Recv == nil && (f.Decl.Name.Name == "init" || f.Phase == Startup && f.Decl.Name.Name == "main") {
		return f.Phase
	}
	if fx.runsCommand(f) {
		return Startup // the command's function runs once, on main's goroutine
	}
	if f.Exported() && fx.Pkg.Types.Name() != "main" {
		return fx.exportedPhase(f)
	}
	if fx.valueOutsideTests(f) {
		return Shared
	}
	p := fx.calledPhase(f)
	if p == Testing && !fx.dead(f) {
		return Shared // called through an interface, or from outside
	}
	return p
}

// dead reports whether nothing but tests can call f, which nothing calls but tests.
func (fx *Facts) dead(f *Func) bool {
	return f.Decl != nil && f.Decl.Recv == nil && !f.Decl.Name.IsExported() && f.Decl.Name.Name != "_" && !fx.hasDirective(f)
}

// hasDirective reports whether a //go: or //export comment lets somebody else call f.
func (fx *Facts) hasDirective(f *Func) bool {
	if f.Decl.Doc == nil {
		return false
	}
	for _, c := range f.Decl.Doc.List {
		if strings.HasPrefix(c.Text, "//go:linkname") || strings.HasPrefix(c.Text, "//export ") {
			return true
		}
	}
	return false
}

// calledPhase returns the earliest phase of the static calls of f.
func (fx *Facts) calledPhase(f *Func) Phase {
	p := Testing
	for _, c := range f.Callers {
		p = min(p, fx.callPhase(c))
	}
	return p
}

func (fx *Facts) callPhase(c *Call) Phase {
	file := fx.Pkg.File(c.Expr.Pos())
	p := fx.phaseAt(c.Caller, file)
	if p == Testing {
		return Testing
	}
	switch c.Mode {
	case Started:
		return Shared
	case Passed:
		if c.Callee.Lit != nil && c.Obj != nil && (synchronous(c.Obj) || c.Caller == nil || fx.callsParam(c)) {
			return p
		}
		return Shared
	}
	if p == Startup && fx.inLoop(c) {
		return Shared // runs again, when goroutines may run
	}
	return p
}

// inLoop reports whether c stands in a loop of its function.
func (fx *Facts) inLoop(c *Call) bool {
	cur, ok := c.Caller.Cur.FindNode(c.Expr)
	if !ok {
		return false
	}
	for l := range cur.Enclosing((*ast.ForStmt)(nil), (*ast.RangeStmt)(nil), (*ast.FuncLit)(nil), (*ast.FuncDecl)(nil)) {
		switch l.Node().(type) {
		case *ast.ForStmt, *ast.RangeStmt:
			return true
		}
		return false
	}
	return false
}

// exportedPhase returns when an exported function of a library runs: by its
// uses in the module where these are all known to be early, else Shared.
func (fx *Facts) exportedPhase(f *Func) Phase {
	if fx.Pkg.World == nil || fx.valueOutsideTests(f) || f.Obj == nil || f.Decl.Recv != nil {
		return Shared // a method may be called through an interface
	}
	uses := fx.Pkg.World.Uses[worldName(f)]
	p := fx.calledPhase(f)
	if len(uses) == 0 && isInternal(fx.Pkg.Path) && p == Initial {
		return p // its own init is all that calls it
	}
	if len(uses) == 0 {
		return Shared
	}
	early := false
	for _, u := range uses {
		if u.Via && u.Kind != UsedPlain && returnsValue(fx, f) {
			return Shared // a getter: that only the start leads to it today is no promise
		}
		switch u.Kind {
		case UsedInit:
			p, early = min(p, Initial), true
		case UsedMain:
			p, early = min(p, Startup), true
		case UsedTesting:
		default:
			return Shared
		}
	}
	if !early {
		return Shared // the module only tests it: it is there for others
	}
	return p
}

// returnsValue reports whether f returns anything but an error.
func returnsValue(fx *Facts, f *Func) bool {
	results := f.Type().Results
	return results.NumFields() > 1 || results.NumFields() == 1 && !returnsError(fx, f)
}

// worldName returns the key of f in World.Uses: "Get", "Store.Get".
func worldName(f *Func) string {
	if f.Obj == nil {
		return f.Decl.Name.Name
	}
	return objectName(f.Obj)
}

func objectName(f *types.Func) string {
	recv := f.Signature().Recv()
	if recv == nil {
		return f.Name()
	}
	t := recv.Type()
	if p, ok := types.Unalias(t).(*types.Pointer); ok {
		t = p.Elem()
	}
	if named, ok := types.Unalias(t).(*types.Named); ok {
		return named.Obj().Name() + "." + f.Name()
	}
	return f.Name()
}

// valueOutsideTests reports whether code outside tests stores f, passes it on or returns it.
func (fx *Facts) valueOutsideTests(f *Func) bool {
	for _, id := range f.Values {
		if file := fx.Pkg.File(id.Pos()); file == nil || !file.Test {
			return true
		}
	}
	return false
}

// commandTypes are what a function is handed when a command-line framework
// calls it to set up or run a command: once, on main's goroutine.
var commandTypes = map[string]bool{
	"github.com/spf13/cobra.Command":              true,
	"github.com/spf13/pflag.FlagSet":              true,
	"github.com/urfave/cli.Context":               true,
	"github.com/urfave/cli/v2.Context":            true,
	"github.com/urfave/cli/v3.Command":            true,
	"flag.FlagSet":                                true,
	"github.com/alecthomas/kong.Context":          true,
	"github.com/desertbit/grumble.Context":        true,
	"github.com/abiosoft/ishell.Context":          true,
	"gopkg.in/alecthomas/kingpin.v2.ParseContext": true,
}

// runsCommand reports whether f takes a command or its flags as a parameter.
func (fx *Facts) runsCommand(f *Func) bool {
	return slices.ContainsFunc(f.Type().Params.List, func(field *ast.Field) bool { return RunsCommand(fx.writtenType(field.Type)) })
}

// RunsCommand reports whether a function with a parameter of the type typ,
// "import/path.Name" or a pointer to it, is one that a command-line framework calls.
func RunsCommand(typ string) bool {
	return commandTypes[typ] || strings.HasSuffix(typ, "/cli.Context") || strings.HasSuffix(typ, "/flag.FlagSet")
}

// eventTypes are what a function is handed when a terminal or window toolkit
// tells it of an event: on the one goroutine of its event loop.
var eventTypes = map[string]bool{
	"fyne.io/fyne/v2.KeyEvent":               true,
	"fyne.io/fyne/v2.PointEvent":             true,
	"gioui.org/layout.Context":               true,
	"github.com/awesome-gocui/gocui.Gui":     true,
	"github.com/charmbracelet/bubbletea.Msg": true,
	"github.com/gdamore/tcell.EventKey":      true,
	"github.com/gdamore/tcell.EventMouse":    true,
	"github.com/gdamore/tcell/v2.EventKey":   true,
	"github.com/gdamore/tcell/v2.EventMouse": true,
	"github.com/gizak/termui/v3.Event":       true,
	"github.com/gotk3/gotk3/gdk.Event":       true,
	"github.com/jesseduffield/gocui.Gui":     true,
	"github.com/jroimartin/gocui.Gui":        true,
}

// HandlesEvents reports whether a function with a parameter of the type typ,
// "import/path.Name" or a pointer to it, is one that an event loop calls, all
// such functions on one goroutine.
func HandlesEvents(typ string) bool { return eventTypes[typ] }

// handlesEvents reports whether f takes an event of an event loop.
func (fx *Facts) handlesEvents(f *Func) bool {
	return slices.ContainsFunc(f.Type().Params.List, func(field *ast.Field) bool { return HandlesEvents(fx.writtenType(field.Type)) })
}

// writtenType returns the type *pkg.Name or pkg.Name that e denotes as
// "import/path.Name", also where the package could not be loaded.
func (fx *Facts) writtenType(e ast.Expr) string {
	if star, ok := e.(*ast.StarExpr); ok {
		e = star.X
	}
	sel, ok := e.(*ast.SelectorExpr)
	if !ok {
		return ""
	}
	path := fx.importPath(sel.X)
	if path == "" {
		return ""
	}
	return path + "." + sel.Sel.Name
}

// importPath returns the path of the import that the identifier e names, or "".
func (fx *Facts) importPath(e ast.Expr) string {
	id, ok := e.(*ast.Ident)
	if !ok {
		return ""
	}
	name, ok := fx.Pkg.Info.Uses[id].(*types.PkgName)
	if !ok {
		return ""
	}
	return strings.TrimPrefix(name.Imported().Path(), "vendor/")
}
