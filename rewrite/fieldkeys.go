package rewrite

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/singletonfix/singletonfix/detect"
)

// isKeyed reports whether the field holds many values, each under a key of its own.
func (f *fieldDraft) isKeyed() bool { return isRegistry(f.Singleton) }

// notRecomputed is that of a draft, but for fields that hold values under
// keys: what a mutex must know of those is proved by [fieldLocking.keysStay].
func (f *fieldDraft) notRecomputed() *Refusal {
	if !f.isKeyed() {
		return f.draft.notRecomputed()
	}
	for _, s := range f.Singleton.Sites {
		if s.Key == nil || s.Recomputed {
			return refuse(NoForm, s.Test.Pos(), "%s is tested here as a whole, and elsewhere by its keys", f.v.Name())
		}
	}
	f.proved("not-recomputed")
	return nil
}

// keysStay proves of a map or an array with values under keys that nobody
// has it but through the field, and that what makes a value, under the lock
// from now on, does not come back for another.
func (l *fieldLocking) keysStay() *Refusal {
	if l.author != nil {
		return refuse(NoForm, l.v.Obj.Pos(), "%s holds many values, each under a key of its own, and a lock that is given up in between", l.v.Name())
	}
	for _, v := range l.Singleton.Vars {
		switch v.Obj.Type().Underlying().(type) {
		case *types.Map, *types.Array:
		default:
			return refuse(NoForm, v.Obj.Pos(), "%s holds many values, and is neither a map nor an array", v.Name())
		}
		for _, a := range v.Accesses {
			if a.Kind == detect.Write && (a.Value == nil || !l.isNewMap(v, a.Value)) {
				return refuse(Escapes, a.Pos(), "%s is assigned something here that others may hold", v.Name())
			}
			if a.Kind == detect.Read && !staysInside(l.pkg.Info, a) {
				return refuse(Escapes, a.Pos(), "%s, whose elements change, is handed out here", v.Name())
			}
		}
		if e := l.givenAtBirth(v); e != nil {
			return refuse(Escapes, e.Pos(), "%s begins as something here that others may hold", v.Name())
		}
	}
	g := &registry{locking: l.locking}
	for _, s := range l.Singleton.Sites {
		if n := g.callsBack(s.Func, s.Func.Body().List); n != nil {
			return refuse(Reentrant, n.Pos(), "%s calls a function here that is not known, which may come back to %s and wait for the lock", s.Func.Name(), l.v.Name())
		}
		if call := l.blocking(&guard{Site: s}); call != "" {
			l.Review = true
			l.note(call + " may block: callers for other keys now wait for it as well")
		}
	}
	l.proved("stays-inside")
	return nil
}

// givenAtBirth returns what a literal of the type puts into the field v, if
// others may have it too; else nil.
func (l *fieldLocking) givenAtBirth(v *detect.Variable) ast.Expr {
	for cur := range l.fx.Insp.Root().Preorder((*ast.KeyValueExpr)(nil)) {
		kv := cur.Node().(*ast.KeyValueExpr)
		if key, ok := kv.Key.(*ast.Ident); !ok || l.pkg.Info.Uses[key] != v.Obj {
			continue
		}
		if l.isNewMap(v, kv.Value) || l.isOwnLocal(cur.Node(), kv.Value) {
			continue
		}
		return kv.Value
	}
	return nil
}

// isOwnLocal reports whether e is a local variable that is defined by making
// a map and that nothing but n uses.
func (l *fieldLocking) isOwnLocal(n ast.Node, e ast.Expr) bool {
	id, ok := ast.Unparen(e).(*ast.Ident)
	if !ok {
		return false
	}
	obj, ok := l.pkg.Info.Uses[id].(*types.Var)
	if !ok || obj.Parent() == l.pkg.Types.Scope() {
		return false
	}
	made := false
	for cur := range l.fx.Insp.Root().Preorder((*ast.Ident)(nil)) {
		switch use := cur.Node().(*ast.Ident); {
		case l.pkg.Info.Defs[use] == obj:
			s, ok := cur.Parent().Node().(*ast.AssignStmt)
			made = ok && s.Tok == token.DEFINE && len(s.Lhs) == len(s.Rhs) && l.isNewMap(l.v, s.Rhs[slices.Index(s.Lhs, ast.Expr(use))])
		case l.pkg.Info.Uses[use] == obj && !contains(n, use):
			return false
		}
	}
	return made
}
