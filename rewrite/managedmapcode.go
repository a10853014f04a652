package rewrite

import (
	"go/ast"
	"go/types"
	"slices"

	"github.com/singletonfix/singletonfix/detect"
)

// getter emits: return m.Get(k, func() V { BLOCK }).
func (l *lookUpSite) getter(ret *ast.ReturnStmt) *Refusal {
	method, results, success := "Get", l.elem, ""
	if len(ret.Results) == 2 {
		method, results, success = "GetErr", "("+l.elem+", error)", ", nil"
	}
	last := ast.Stmt(ret)
	if l.Form == detect.GuardEarly {
		last = lastStmt(l.list)
	}
	for _, a := range l.in(&span{l.first.Pos(), last.End()}) {
		l.done[a] = true
	}
	code, holes, r := l.builder(success)
	if r != nil {
		return r
	}
	l.edit(Edit{Op: ReplaceStmts, At: l.first, Last: last, Holes: holes,
		Code: "return " + l.v.Obj.Name() + "." + method + "(" + l.source(l.Key, nil) + ", func() " + results + " {\n" + code + "\n})"})
	return nil
}

// inline emits: v := m.Get(k, func() V { BLOCK }), or the call alone.
func (l *lookUpSite) inline() *Refusal {
	if l.Form != detect.GuardThen || leavesAny(l.Block) {
		return refuse(ControlFlow, l.stmt.Pos(), "%s goes on after its look-up in %s in more than one way", l.Func.Name(), l.v.Name())
	}
	if f := l.stmt.(*ast.IfStmt); f.Init != nil && l.value != nil {
		for _, s := range l.rest {
			if uses(l.pkg.Info, s, l.pkg.Info.Defs[l.value]) {
				return l.unclear(s)
			}
		}
		l.value = nil // not known behind the if
	}
	code, holes, r := l.builder("")
	if r != nil {
		return r
	}
	call := l.v.Obj.Name() + ".Get(" + l.source(l.Key, nil) + ", func() " + l.elem + " {\n" + code + "\n})"
	reads, r := l.readsBehind()
	if r != nil {
		return r
	}
	local := ""
	switch {
	case l.value != nil && l.first != l.stmt:
		local = l.value.Name
	case len(reads) > 0:
		local = l.localFor(l.Func)
	}
	for _, x := range reads {
		l.replace(x, local)
	}
	if local != "" {
		call = local + " := " + call
	}
	l.edit(Edit{Op: ReplaceStmts, At: l.first, Last: l.stmt, Code: call, Holes: holes})
	return nil
}

// readsBehind returns the look-ups of the key behind the site, which the value
// that Get returned serves: of two, the second may find that it was deleted.
func (l *lookUpSite) readsBehind() ([]ast.Expr, *Refusal) {
	var found []ast.Expr
	changed := false
	for _, a := range l.in(nodes(l.rest)...) {
		x, _ := a.Cur.Parent().Node().(*ast.IndexExpr)
		s, isAssign := a.Stmt.(*ast.AssignStmt)
		switch {
		case l.done[a]:
		case a.Kind != detect.Read:
			changed = true
		case x == nil || l.source(x, nil) != l.source(l.store.Lhs[0], nil) || isAssign && len(s.Lhs) == 2 && len(s.Rhs) == 1:
		case changed || a.In != l.Func || l.assigned(l.rest) != nil || l.changedBetween(l.Func, l.stmt.End(), a.Pos()) || l.inChangingLoop(l.Func, []*detect.Access{a, l.Read}):
			return nil, refuse(ControlFlow, a.Pos(), "%s may be changed between its look-up and this", l.v.Name())
		default:
			l.done[a] = true
			found = append(found, x)
		}
	}
	return found, nil
}

// builder returns the body of the function that makes the value: the block,
// with a return of what it stored in the place of the store.
func (l *lookUpSite) builder(success string) (string, map[string][]ast.Node, *Refusal) {
	if r := l.returnsRight(success); r != nil {
		return "", nil, r
	}
	holes := map[string][]ast.Node{"block": nodes(l.Block)}
	stored := l.store.Rhs[0]
	id, isName := ast.Unparen(stored).(*ast.Ident)
	rest := l.Block[l.at+1:]
	before := ""
	if isName && l.value != nil && l.pkg.Info.Uses[id] == l.pkg.Info.Defs[l.value] {
		// What the look-up defined is assigned; the new function has its own.
		if s := l.assignedJustBefore(id); s != nil && len(rest) == 0 {
			l.edit(Edit{Op: Delete, At: l.store})
			l.replaceStmt(s, "return $value"+success, hole("value", s.Rhs[0]))
			return "$block", holes, nil
		}
		before = l.declared(id)
	}
	switch {
	case len(rest) == 0 || len(rest) == 1 && isReturn(rest[0]):
		code := "return $value" + success
		if len(rest) == 1 && isName {
			l.edit(Edit{Op: Delete, At: rest[0]})
		} else if len(rest) == 1 && !l.returnsStored(rest[0].(*ast.ReturnStmt)) {
			return "", nil, l.unclear(rest[0])
		} else if len(rest) == 1 {
			l.edit(Edit{Op: Delete, At: rest[0]})
		}
		l.replaceStmt(l.store, code, hole("value", stored))
	case isName:
		l.edit(Edit{Op: Delete, At: l.store})
		for _, s := range rest {
			if ret, ok := s.(*ast.ReturnStmt); ok && l.returnsStored(ret) {
				l.replace(ret.Results[0], id.Name)
			}
		}
		if l.Form == detect.GuardThen {
			return before + "$block\nreturn " + id.Name + success, holes, nil
		}
	default:
		return "", nil, l.unclear(l.store)
	}
	return before + "$block", holes, nil
}

// declared returns the declaration of what the look-up defined, as the new
// function needs it; "" where the first assignment becomes one.
func (l *lookUpSite) declared(v *ast.Ident) string {
	obj := l.pkg.Info.Uses[v]
	for _, stmt := range l.Block {
		if !uses(l.pkg.Info, stmt, obj) {
			continue
		}
		s, ok := stmt.(*ast.AssignStmt)
		if ok && len(s.Lhs) == 1 && s.Tok.String() == "=" && isNamed(s.Lhs[0], v.Name) && !uses(l.pkg.Info, s.Rhs[0], obj) && types.Identical(l.pkg.Info.TypeOf(s.Rhs[0]), obj.Type()) {
			l.replaceStmt(s, v.Name+" := $value", hole("value", s.Rhs[0]))
			return ""
		}
		break
	}
	return "var " + v.Name + " " + l.elem + "\n"
}

// assignedJustBefore returns v = f(), right in front of the store of v, or nil.
func (l *lookUpSite) assignedJustBefore(v *ast.Ident) *ast.AssignStmt {
	if l.at == 0 {
		return nil
	}
	s, ok := l.Block[l.at-1].(*ast.AssignStmt)
	if !ok || len(s.Lhs) != 1 || s.Tok.String() != "=" || !isNamed(s.Lhs[0], v.Name) || l.at > 1 && slices.ContainsFunc(l.Block[:l.at-1], func(x ast.Stmt) bool { return uses(l.pkg.Info, x, l.pkg.Info.Uses[v]) }) {
		return nil
	}
	return s
}

// returnsStored reports whether ret returns m[k].
func (l *lookUpSite) returnsStored(ret *ast.ReturnStmt) bool {
	return len(ret.Results) > 0 && l.source(ret.Results[0], nil) == l.source(l.store.Lhs[0], nil)
}

// returnsRight proves that the block returns nothing in front of the store but
// failures, and behind it nothing but what was stored.
func (l *lookUpSite) returnsRight(success string) *Refusal {
	var refusal *Refusal
	for _, s := range l.Block {
		ast.Inspect(s, func(n ast.Node) bool {
			if _, ok := n.(*ast.FuncLit); ok || refusal != nil {
				return false
			}
			if ret, ok := n.(*ast.ReturnStmt); ok && !l.rightReturn(ret, success) {
				refusal = refuse(ControlFlow, ret.Pos(), "what is returned here is not what %s is filled with", l.v.Name())
			}
			return true
		})
		if n := leaves(s); n != nil && refusal == nil && !isReturnNode(n) {
			refusal = refuse(ControlFlow, n.Pos(), "the making of the value cannot be moved because of this statement")
		}
	}
	return refusal
}

func isReturnNode(n ast.Node) bool {
	_, ok := n.(*ast.ReturnStmt)
	return ok
}

func (l *lookUpSite) rightReturn(ret *ast.ReturnStmt, success string) bool {
	wanted := 1
	if success != "" {
		wanted = 2
	}
	if len(ret.Results) != wanted {
		return false
	}
	if ret.Pos() < l.store.Pos() {
		return isZero(l.pkg.Info, ret.Results[0])
	}
	id, isName := ast.Unparen(l.store.Rhs[0]).(*ast.Ident)
	same := l.returnsStored(ret) || isName && isNamed(ret.Results[0], id.Name) || l.isValue(ret.Results[0])
	return same && (wanted == 1 || isZero(l.pkg.Info, ret.Results[1]))
}
