package rewrite

import (
	"go/ast"
	"go/types"
	"strings"

	"github.com/singletonfix/singletonfix/detect"
)

// fieldsStay proves of a variable that is a field behind a pointer that nobody
// else has that pointer: a lock around the package variable's uses would not
// be around theirs.
func (l *locking) fieldsStay() *Refusal {
	for _, v := range l.values() {
		if v.Field == "" || !behindPointer(v) {
			continue
		}
		if e := v.Declared(); e != nil && !l.isFresh(e) {
			return refuse(Escapes, e.Pos(), "others may have what %s points to, and use its fields without the lock", v.Obj.Name())
		}
		for _, a := range v.Accesses {
			if a.Path == v.Field || strings.HasPrefix(a.Path, v.Field+".") {
				continue // the field itself
			}
			if a.Kind == detect.Write && a.Value != nil && l.isFresh(a.Value) {
				continue
			}
			if a.Kind == detect.Read && isNilTest(l.pkg.Info, a) {
				continue
			}
			return refuse(Escapes, a.Pos(), "%s is handed on here, and its fields may be used without the lock", v.Obj.Name())
		}
	}
	return nil
}

// behindPointer reports whether the field v is reached through a pointer.
func behindPointer(v *detect.Variable) bool {
	t := v.Obj.Type()
	for name := range strings.SplitSeq(v.Field, ".") {
		st, ok := t.Underlying().(*types.Struct)
		if !ok {
			return true // a pointer, or a type that is not known
		}
		t = types.Typ[types.Invalid]
		for f := range st.Fields() {
			if f.Name() == name {
				t = f.Type()
			}
		}
	}
	return false
}

// isFresh reports whether e is nil or makes a new value, which nobody has yet.
func (l *locking) isFresh(e ast.Expr) bool {
	switch e := ast.Unparen(e).(type) {
	case *ast.UnaryExpr:
		_, isLit := ast.Unparen(e.X).(*ast.CompositeLit)
		return isLit
	case *ast.CompositeLit:
		return true
	case *ast.CallExpr:
		b, ok := calleeIn(l.pkg.Info, e).(*types.Builtin)
		return ok && b.Name() == "new"
	}
	return isZero(l.pkg.Info, e)
}

// isNilTest reports whether the read a is compared with nil.
func isNilTest(info *types.Info, a *detect.Access) bool {
	cur := a.Cur
	for cur.Node() != ast.Node(a.Expr) {
		cur = cur.Parent()
	}
	b, ok := cur.Parent().Node().(*ast.BinaryExpr)
	return ok && (info.Types[b.X].IsNil() || info.Types[b.Y].IsNil())
}
