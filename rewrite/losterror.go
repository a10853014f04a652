package rewrite

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"golang.org/x/tools/go/ast/edge"
	"golang.org/x/tools/go/ast/inspector"

	"github.com/singletonfix/singletonfix/detect"
)

// A lostError is a variable of the call's own in which what a Once runs leaves
// its error: of all calls, only the one that ran the Once sees it.
type lostError struct {
	*draft
	fill    onceFill
	after   ast.Stmt // behind it, whoever comes there has come past the Once
	obj     *types.Var
	kept    string       // the package variable that takes over
	gone    ast.Stmt     // declared it, and is no longer needed
	inside  []*ast.Ident // its uses by what the Once runs
	outside []*ast.Ident // its other uses, the declaration left out
	// assigned are those of outside that assign it.
	assigned []*ast.Ident
	several  bool // another one is lost too
	deferred bool // a deferred literal uses it as well
}

// keepErrors plans: the error moves to a package variable beside the value,
// where every call finds it.
func (d *draft) keepErrors(fill onceFill, lost []*lostError) *Refusal {
	if len(lost) == 0 {
		return nil
	}
	for _, l := range lost {
		l.several = len(lost) > 1
		if r := l.keep(); r != nil {
			return r
		}
		if !l.comesAlone() {
			d.Review = true
			d.note("where there is a value beside the error, later calls used to return the value alone")
		}
	}
	d.note("later calls now return the error of the first call; before, they returned none")
	if p := d.contextIn(fill); p != nil {
		d.Review = true
		d.note("where " + p.Name() + " ends during the first call, every later call returns the error of that")
	}
	d.proved("error-kept")
	return nil
}

// planKeptError plans a singleton whose Once loses its error and is otherwise
// as it should be.
func planKeptError(d *draft) *Refusal {
	fills, r := d.doCallsOf(d.once)
	if r != nil {
		return r
	}
	if r := d.onlyBehindOnce(); r != nil {
		return r
	}
	lost, r := d.lostErrors(fills[0], fills[0].call)
	if r == nil && len(lost) == 0 {
		r = refuse(NoForm, fills[0].call.Pos(), "it is unclear what becomes of the error of %s", d.once.Name())
	}
	if r != nil {
		return r
	}
	return d.keepErrors(fills[0], lost)
}

// onlyBehindOnce proves that what the Once fills is used by those who have
// come past it: the others would still race with it.
func (d *draft) onlyBehindOnce() *Refusal {
	for _, v := range d.values() {
		for _, a := range v.Accesses {
			if !early(a) && !d.ordered(a) {
				return refuse(NoForm, a.Pos(), "%s, which the Once fills, is used here without it", v.Name())
			}
		}
	}
	d.proved("readers-after-getter")
	return nil
}

// ordered reports whether a happens in the Once or behind it.
func (d *draft) ordered(a *detect.Access) bool {
	return slices.ContainsFunc(a.Held, func(l detect.Lock) bool {
		return l.Root == d.once.Obj && l.Path == d.once.Field && (l.Mode == detect.InOnce || l.Mode == detect.AfterOnce)
	})
}

// lostErrors returns the variables of fill.in that what the Once runs assigns
// and that the function tells its caller of, in source order.
func (d *draft) lostErrors(fill onceFill, after ast.Stmt) ([]*lostError, *Refusal) {
	if fill.lit.Lit == nil {
		return nil, nil // a declared function has no variables of the call's own
	}
	var lost []*lostError
	for _, obj := range d.assignedOutward(fill) {
		l := &lostError{draft: d, fill: fill, after: after, obj: obj}
		if r := l.findUses(); r != nil {
			return nil, r
		}
		switch {
		case l.isTold():
			lost = append(lost, l)
		case isError(obj.Type()) && len(l.outside) > 0:
			return nil, refuse(ControlFlow, l.outside[0].Pos(), "only the call that runs the Once finds the error here, and does not return it")
		}
	}
	return lost, nil
}

// assignedOutward returns the variables of fill.in that the Once's function
// assigns, in the order of their declaration.
func (d *draft) assignedOutward(fill onceFill) []*types.Var {
	var all []*types.Var
	ast.Inspect(fill.lit.Body(), func(n ast.Node) bool {
		s, ok := n.(*ast.AssignStmt)
		if !ok {
			return true
		}
		for _, lhs := range s.Lhs {
			id, ok := ast.Unparen(lhs).(*ast.Ident)
			if !ok {
				continue
			}
			obj, ok := d.pkg.Info.Uses[id].(*types.Var)
			if ok && !slices.Contains(all, obj) && contains(fill.in.Cur.Node(), identAt(obj)) && !contains(fill.lit.Lit, identAt(obj)) {
				all = append(all, obj)
			}
		}
		return true
	})
	slices.SortFunc(all, func(a, b *types.Var) int { return int(a.Pos() - b.Pos()) })
	return all
}

// findUses collects the uses of the variable. They must be the function's own
// and those of what the Once runs: another literal may run whenever it likes.
func (l *lostError) findUses() *Refusal {
	for cur := range l.fill.in.Cur.Preorder((*ast.Ident)(nil)) {
		id := cur.Node().(*ast.Ident)
		if l.pkg.Info.Uses[id] != l.obj {
			continue
		}
		switch f := l.fx.Enclosing(cur); {
		case f == l.fill.lit:
			l.inside = append(l.inside, id)
		case f == l.fill.in:
			l.outside = append(l.outside, id)
			if isAssigned(cur) {
				l.assigned = append(l.assigned, id)
			}
		case f.Parent == l.fill.in && isDeferred(f) && l.mayPanic(l.fill.lit, l.fill.lit.Body().List) == nil:
			l.deferred = true
		default:
			return refuse(ControlFlow, id.Pos(), "%s is used in a function literal, which may run at another time", l.obj.Name())
		}
		if u, ok := cur.Parent().Node().(*ast.UnaryExpr); ok && u.Op == token.AND {
			return refuse(AddressTaken, id.Pos(), "the address of %s is taken here", l.obj.Name())
		}
	}
	return nil
}

// isDeferred reports whether the literal f runs only when its function ends.
func isDeferred(f *detect.Func) bool {
	return len(f.Values) == 0 && len(f.Callers) == 1 && f.Callers[0].Mode == detect.Deferred
}

// isTold reports whether the function returns the variable, or an error that
// it makes of what the variable says.
func (l *lostError) isTold() bool {
	if isError(l.obj.Type()) && l.isResult() {
		return true
	}
	results := l.fill.in.Type().Results
	if results == nil || !isError(l.pkg.Info.TypeOf(results.List[len(results.List)-1].Type)) {
		return false
	}
	if b, ok := l.obj.Type().(*types.Basic); !isError(l.obj.Type()) && (!ok || b.Info()&types.IsString == 0) {
		return false // such as a bool that says whether it was this call
	}
	return slices.ContainsFunc(l.returns(), func(ret *ast.ReturnStmt) bool { return uses(l.pkg.Info, ret, l.obj) })
}

// isResult reports whether the variable is a named result.
func (l *lostError) isResult() bool {
	results := l.fill.in.Type().Results
	return results != nil && contains(results, identAt(l.obj))
}

// returns are the return statements of the function itself.
func (l *lostError) returns() []*ast.ReturnStmt {
	var all []*ast.ReturnStmt
	for cur := range l.fill.in.Cur.Preorder((*ast.ReturnStmt)(nil)) {
		if l.fx.Enclosing(cur) == l.fill.in {
			all = append(all, cur.Node().(*ast.ReturnStmt))
		}
	}
	return all
}

// isAbout reports whether s is only about the errors: it declares one that
// is kept elsewhere, or looks at one and leaves the function where it is there.
func isAbout(s ast.Stmt, lost []*lostError) bool {
	if slices.ContainsFunc(lost, func(l *lostError) bool { return l.gone == s }) {
		return true
	}
	f, ok := s.(*ast.IfStmt)
	if !ok || f.Init != nil || f.Else != nil || len(f.Body.List) == 0 || !isReturn(lastStmt(f.Body.List)) {
		return false
	}
	cond, ok := f.Cond.(*ast.BinaryExpr)
	return ok && cond.Op == token.NEQ && slices.ContainsFunc(lost, func(l *lostError) bool {
		id, isName := cond.X.(*ast.Ident)
		return isName && isError(l.obj.Type()) && l.pkg.Info.Uses[id] == l.obj && isZero(l.pkg.Info, cond.Y)
	})
}

// isNilBefore reports whether the variable is surely nil where Do is called.
func (l *lostError) isNilBefore() bool {
	cur, ok := l.fill.in.Cur.FindNode(l.fill.call)
	if !ok || !isError(l.obj.Type()) || contains(l.fill.in.Type().Params, identAt(l.obj)) {
		return false
	}
	for range cur.Enclosing((*ast.ForStmt)(nil), (*ast.RangeStmt)(nil), (*ast.LabeledStmt)(nil)) {
		return false // it may come back with another value
	}
	list := stmtsOf(cur.Parent().Node())
	before := list[:slices.Index(list, ast.Stmt(l.fill.call))]
	for _, id := range l.assigned {
		if id.Pos() < l.fill.call.Pos() && !inStmts(before, id) {
			return false // somewhere around the list
		}
	}
	if !inStmts(list, identAt(l.obj)) && !l.isResult() && l.soleDecl() == nil {
		return false // declared with a value
	}
	fl := l.newFilling(l.obj, nilTest, 0)
	return fl.list(before) == empty && !fl.unsure
}

// behindOnce reports whether n only happens when the Once is done.
func (l *lostError) behindOnce(n ast.Node) bool {
	return l.behind(l.fill.call, n) || l.behind(l.after, n)
}

// behind reports whether n only happens after control came past s.
func (d *draft) behind(s ast.Stmt, n ast.Node) bool {
	cur, ok := d.fx.Insp.Root().FindNode(s)
	return ok && follows(cur.Parent().Node(), s, n)
}

// isAssigned reports whether the identifier at cur is assigned by its statement.
func isAssigned(cur inspector.Cursor) bool {
	for cur.ParentEdgeKind() == edge.ParenExpr_X {
		cur = cur.Parent()
	}
	switch cur.ParentEdgeKind() {
	case edge.AssignStmt_Lhs, edge.IncDecStmt_X, edge.RangeStmt_Key, edge.RangeStmt_Value:
		return true
	}
	return false
}

// recovers reports whether a function literal of f calls recover.
func recovers(f *detect.Func) bool {
	found := false
	ast.Inspect(f.Body(), func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if ok {
			id, isName := call.Fun.(*ast.Ident)
			found = found || isName && id.Name == "recover"
		}
		return !found
	})
	return found
}

// contextIn returns a context that the caller gave and the Once's function uses, or nil.
func (d *draft) contextIn(fill onceFill) *types.Var {
	for _, field := range fill.in.Type().Params.List {
		for _, name := range field.Names {
			obj, ok := d.pkg.Info.Defs[name].(*types.Var)
			if ok && isContext(obj.Type()) && uses(d.pkg.Info, fill.lit.Body(), obj) {
				return obj
			}
		}
	}
	return nil
}

// isContext reports whether t is context.Context.
func isContext(t types.Type) bool {
	named, ok := types.Unalias(t).(*types.Named)
	return ok && named.Obj().Pkg() != nil && named.Obj().Pkg().Path() == "context" && named.Obj().Name() == "Context"
}
