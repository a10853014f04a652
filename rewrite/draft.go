package rewrite

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"sort"
	"strings"
	"unicode"

	"github.com/singletonfix/singletonfix/detect"
)

// A draft is a plan in the making: a strategy proves its obligations on it
// and collects its edits.
type draft struct {
	*Plan
	fx   *detect.Facts
	pkg  *detect.Package
	v    *detect.Variable // the variable that is tested, and that the fix is about
	once *detect.Variable // the Once that fills v, or stands between its test and what fills it; nil if none
	// kind says how v's emptiness is tested, and empty which values are.
	kind testKind
	opts Options
	// author is the mutex of the author's that the plan goes on using; nil for a new one.
	author *types.Var
	// empty are the statements that empty what the plan makes safe, with the
	// lock that they take; nil where it cannot be emptied.
	empty []string
	// outside are the uses of exported variables in other packages, and atomic
	// what the plan makes of the variable; nil where it is no atomic.
	outside []*detect.OutsideUse
	atomic  *atomicVar
	// pending are the names that the plan declares at package level.
	pending map[string]bool
}

func newDraft(s *detect.Singleton, st *Strategy) *draft {
	d := &draft{
		Plan:    &Plan{Singleton: s, Strategy: st.Name},
		fx:      s.Facts,
		pkg:     s.Facts.Pkg,
		v:       s.Vars[0],
		pending: make(map[string]bool),
	}
	d.once = s.Once
	if len(s.Sites) > 0 {
		first := s.Sites[max(0, slices.IndexFunc(s.Sites, isPart(s.Vars[0])))]
		d.v = first.Var
		d.kind = kindOf(d.pkg.Info, first.Test)
		if d.once == nil {
			d.once = d.onceBehind(s.Sites[0])
		}
	}
	return d
}

// isPart returns a function that reports whether a site tests a field of the
// struct variable v, which others test as a whole: for that there is a lock only.
func isPart(v *detect.Variable) func(*detect.Site) bool {
	return func(s *detect.Site) bool { return s.Var.Obj == v.Obj && s.Var.Field != "" && v.Field == "" }
}

// onceBehind returns the package's Once whose Do is all that s leads to, or nil.
func (d *draft) onceBehind(s *detect.Site) *detect.Variable {
	if len(s.Block) != 1 {
		return nil
	}
	stmt, ok := s.Block[0].(*ast.ExprStmt)
	if !ok {
		return nil
	}
	call, ok := stmt.X.(*ast.CallExpr)
	if !ok || !d.fx.IsOnceDo(call) {
		return nil
	}
	for _, v := range d.fx.Vars {
		if isLock(v.Obj.Type()) && len(within(v.Accesses, call.Fun)) > 0 {
			return v
		}
	}
	return nil
}

// finish returns the plan with its edits in source order.
func (d *draft) finish() *Plan {
	d.settle()
	slices.SortStableFunc(d.Edits, func(a, b Edit) int { return int(a.At.Pos()) - int(b.At.Pos()) })
	return d.Plan
}

func (d *draft) edit(e Edit) { d.Edits = append(d.Edits, e) }

// replace puts code in the place of the expression e.
func (d *draft) replace(e ast.Expr, code string) {
	d.edit(Edit{Op: ReplaceExpr, At: e, Code: code})
}

// replaceStmt puts code in the place of the statement s.
func (d *draft) replaceStmt(s ast.Stmt, code string, holes map[string][]ast.Node) {
	d.edit(Edit{Op: ReplaceStmts, At: s, Code: code, Holes: holes})
}

// proved notes that an obligation holds.
func (d *draft) proved(name string) {
	if !slices.Contains(d.Obligations, name) {
		d.Obligations = append(d.Obligations, name)
	}
}

// note adds a remark for a reviewer, once.
func (d *draft) note(text string) {
	if !slices.Contains(d.Notes, text) {
		d.Notes = append(d.Notes, text)
	}
}

// name returns a package-level name for something that belongs to v, such
// as "Once" or "Mu", that is free wherever it will stand.
func (d *draft) name(want string) string {
	name := freeName(d.pkg, want)
	for d.pending[name] {
		name += "_"
	}
	d.pending[name] = true
	return name
}

// companion returns the name of a variable that stands beside v: instanceMu.
func (d *draft) companion(suffix string) string {
	base := strings.ReplaceAll(d.v.Name(), ".", "_")
	if d.v.Field != "" {
		parts := strings.Split(d.v.Name(), ".")
		base = parts[0]
		for _, p := range parts[1:] {
			base += upperFirst(p)
		}
	}
	if suffix == "Once" {
		base = d.guardedBy(base)
	}
	return d.name(lowerName(base) + suffix)
}

// guardedBy returns what a flag of that name says is done: table for
// tableReady; the name itself where it is no flag's, or says no more.
func (d *draft) guardedBy(name string) string {
	if b, ok := d.typeOf().Underlying().(*types.Basic); !ok || b.Kind() != types.Bool {
		return name
	}
	for _, state := range []string{"Done", "Ready", "Loaded", "Built", "Inited", "Initialized", "Initialised"} {
		if what, ok := strings.CutSuffix(name, state); ok && what != "" {
			return what
		}
	}
	return name
}

// in returns v's accesses that stand within one of the nodes.
func (d *draft) in(nodes ...ast.Node) []*detect.Access {
	return within(d.v.Accesses, nodes...)
}

// within returns the accesses that stand within one of the nodes.
func within(all []*detect.Access, nodes ...ast.Node) []*detect.Access {
	// Both may be a hundred thousand, in a function that a program has written.
	nodes = slices.SortedFunc(slices.Values(nodes), func(a, b ast.Node) int { return int(a.Pos() - b.Pos()) })
	ends := make([]token.Pos, len(nodes)) // the last end of a node and those before it
	for i, n := range nodes {
		ends[i] = n.End()
		if i > 0 {
			ends[i] = max(ends[i], ends[i-1])
		}
	}
	var found []*detect.Access
	for _, a := range all {
		begun := sort.Search(len(nodes), func(i int) bool { return nodes[i].Pos() > a.Expr.Pos() })
		if begun > 0 && a.Expr.End() <= ends[begun-1] {
			found = append(found, a)
		}
	}
	return found
}

// contains reports whether inner stands within outer.
func contains(outer, inner ast.Node) bool {
	return outer.Pos() <= inner.Pos() && inner.End() <= outer.End()
}

// source returns the text of n as it stands in its file, with the given
// expressions replaced.
func (d *draft) source(n ast.Node, with map[ast.Expr]string) string {
	file := d.pkg.File(n.Pos())
	offset := d.pkg.Fset.File(n.Pos()).Offset
	var exprs []ast.Expr
	for e := range with {
		if contains(n, e) {
			exprs = append(exprs, e)
		}
	}
	slices.SortFunc(exprs, func(a, b ast.Expr) int { return int(a.Pos()) - int(b.Pos()) })
	var b strings.Builder
	at := offset(n.Pos())
	for _, e := range exprs {
		b.Write(file.Src[at:offset(e.Pos())])
		b.WriteString(with[e])
		at = offset(e.End())
	}
	b.Write(file.Src[at:offset(n.End())])
	return strings.ReplaceAll(b.String(), "\r\n", "\n")
}

// typeOf returns the type of v as it is declared.
func (d *draft) typeOf() types.Type { return d.v.Obj.Type() }

// nodes returns statements as nodes, for a hole.
func nodes(stmts []ast.Stmt) []ast.Node {
	list := make([]ast.Node, len(stmts))
	for i, s := range stmts {
		list[i] = s
	}
	return list
}

// upperFirst returns name as it stands behind another word: Config for
// config, and DBPath for dbPath.
func upperFirst(name string) string {
	if name == "" {
		return name
	}
	first := name
	if i := strings.IndexFunc(name, func(r rune) bool { return !unicode.IsLower(r) }); i > 0 {
		first = name[:i]
	}
	if initialisms[first] {
		return strings.ToUpper(first) + name[len(first):]
	}
	return strings.ToUpper(name[:1]) + name[1:]
}

// initialisms are the words that Go names write in capitals throughout.
var initialisms = map[string]bool{
	"acl": true, "api": true, "cpu": true, "db": true, "dns": true, "html": true, "http": true, "https": true,
	"id": true, "ip": true, "json": true, "ram": true, "rpc": true, "smtp": true, "sql": true, "ssh": true,
	"tcp": true, "tls": true, "ttl": true, "udp": true, "ui": true, "uid": true, "uri": true, "url": true,
	"uuid": true, "vm": true, "xml": true,
}
