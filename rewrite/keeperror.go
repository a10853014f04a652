package rewrite

import (
	"go/ast"
	"go/token"
	"strings"
)

// keep plans the package variable and what now uses it.
func (l *lostError) keep() *Refusal {
	if recovers(l.fill.in) {
		return refuse(ControlFlow, l.fill.in.Pos(), "%s recovers, and may look at %s where the Once's function panicked", l.fill.in.Name(), l.obj.Name())
	}
	l.kept = l.errorName()
	if r := l.takeOver(); r != nil {
		return r
	}
	for _, id := range l.inside {
		l.replace(id, l.kept)
	}
	zero, typ := "nil", "error"
	if !isError(l.obj.Type()) {
		zero, typ = `""`, "string"
	}
	for _, w := range l.writesOf(l.once) {
		s := plainAssign(w)
		if s == nil || len(s.Lhs) > 1 {
			return refuse(ControlFlow, w.Pos(), "the Once is assigned together with something else")
		}
		l.edit(Edit{Op: InsertAfter, At: s, Code: l.kept + " = " + zero}) // a test begins anew
	}
	l.edit(Edit{Op: InsertAfter, At: l.v.Spec, Code: "var " + l.kept + " " + typ})
	return nil
}

// errorName returns a name for the package variable, after the value.
func (l *lostError) errorName() string {
	suffix := "Err"
	if !isError(l.obj.Type()) || l.several {
		suffix = upperFirst(l.obj.Name())
	}
	if !isLock(l.v.Obj.Type()) {
		return l.companion(suffix)
	}
	return l.name(strings.TrimSuffix(l.v.Obj.Name(), "Once") + suffix) // the Once fills nothing that is seen
}

// takeOver lets the package variable do all the work of the local one, where
// that has no other; else it gets the Once's error when the Once is done.
func (l *lostError) takeOver() *Refusal {
	decl, bare, ok := l.replaceable()
	if !ok {
		return l.copyBehind()
	}
	for _, id := range l.outside {
		l.replace(id, l.kept)
	}
	for _, ret := range bare {
		l.replaceStmt(ret, "return "+l.kept, nil)
	}
	l.gone = decl
	if decl != nil {
		l.edit(Edit{Op: Delete, At: decl})
	}
	return nil
}

// replaceable reports whether every use of the variable may become one of the
// package variable: only the Once's function assigns it, and it is read behind
// the Once. decl is what declares it, bare the returns that return it unnamed.
func (l *lostError) replaceable() (decl ast.Stmt, bare []*ast.ReturnStmt, ok bool) {
	if len(l.assigned) > 0 || l.deferred {
		return nil, nil, false
	}
	for _, id := range l.outside {
		if !l.behindOnce(id) {
			return nil, nil, false
		}
	}
	if !l.isResult() {
		decl = l.soleDecl()
		return decl, nil, decl != nil
	}
	for _, ret := range l.returns() {
		if len(ret.Results) > 0 {
			continue
		}
		if l.fill.in.Type().Results.NumFields() > 1 || !l.behindOnce(ret) {
			return nil, nil, false
		}
		bare = append(bare, ret)
	}
	return nil, bare, true
}

// soleDecl returns the statement: var err error, or nil.
func (l *lostError) soleDecl() ast.Stmt {
	for cur := range l.fill.in.Cur.Preorder((*ast.DeclStmt)(nil)) {
		s := cur.Node().(*ast.DeclStmt)
		gen := s.Decl.(*ast.GenDecl)
		if gen.Tok != token.VAR || len(gen.Specs) != 1 {
			continue
		}
		spec := gen.Specs[0].(*ast.ValueSpec)
		if len(spec.Names) == 1 && len(spec.Values) == 0 && l.pkg.Info.Defs[spec.Names[0]] == l.obj {
			return s
		}
	}
	return nil
}

// copyBehind emits, behind the call of Do: err = xErr. Until then err must be
// nil, as it is there for a call that finds the Once done.
func (l *lostError) copyBehind() *Refusal {
	if !l.isNilBefore() {
		return refuse(ControlFlow, l.fill.call.Pos(), "%s may have a value when the Once is asked, and keeps it where the Once is done", l.obj.Name())
	}
	l.edit(Edit{Op: InsertAfter, At: l.fill.call, Code: l.obj.Name() + " = " + l.kept})
	return nil
}
