package rewrite

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/singletonfix/singletonfix/detect"
)

// unpack plans x, err = f().
func (b *building) unpack(w *detect.Access, s *ast.AssignStmt) (*built, *Refusal) {
	b.local = b.pick(b.fn)
	fresh, drop := b.canDefine(w.Expr, s)
	if !fresh || !b.sameResult(w.Expr, s) {
		b.replace(w.Expr, b.local)
		out := b.storeLast()
		if slices.Index(b.block, ast.Stmt(s)) == 0 {
			out.before = "var " + b.local + " " + b.typ
		} else {
			b.edit(Edit{Op: InsertBefore, At: s, Code: "var " + b.local + " " + b.typ})
		}
		return out, nil
	}
	for _, decl := range drop {
		b.edit(Edit{Op: Delete, At: decl})
	}
	lhs := b.source(&span{s.Lhs[0].Pos(), s.Lhs[len(s.Lhs)-1].End()}, map[ast.Expr]string{w.Expr: b.local})
	b.replaceStmt(s, lhs+" := $value", hole("value", s.Rhs[0]))
	return b.storeLast(), nil
}

// sameResult reports whether a definition gives lhs, one of those of s, the variable's type.
func (b *building) sameResult(lhs ast.Expr, s *ast.AssignStmt) bool {
	if b.pointer {
		return true
	}
	tuple, ok := b.pkg.Info.TypeOf(s.Rhs[0]).(*types.Tuple)
	i := slices.IndexFunc(s.Lhs, func(e ast.Expr) bool { return ast.Unparen(e) == lhs })
	return ok && i >= 0 && i < tuple.Len() && types.Identical(tuple.At(i).Type(), b.typeOf())
}

// A span is a stretch of source text.
type span struct{ pos, end token.Pos }

func (s *span) Pos() token.Pos { return s.pos }

func (s *span) End() token.Pos { return s.end }

// canDefine reports whether s may become a definition, because everything
// else that it assigns belongs to the scope where it will stand, or is
// declared just for it; these declarations are then to go.
func (b *building) canDefine(value ast.Expr, s *ast.AssignStmt) (ok bool, drop []ast.Stmt) {
	for _, lhs := range s.Lhs {
		if ast.Unparen(lhs) == value {
			continue
		}
		id, isName := lhs.(*ast.Ident)
		if !isName {
			return false, nil
		}
		if id.Name == "_" {
			continue
		}
		obj := b.pkg.Info.Uses[id]
		if obj == nil {
			return false, nil
		}
		if decl := b.soleDecl(obj, s); decl != nil {
			drop = append(drop, decl)
			continue
		}
		if obj.Parent() != b.scope && obj != b.newErr {
			return false, nil // := would declare another one
		}
	}
	return true, drop
}

// soleDecl returns the statement of the block that declares obj and nothing
// else, without a value, if obj is not used between it and s.
func (b *building) soleDecl(obj types.Object, s ast.Stmt) ast.Stmt {
	for _, stmt := range b.block {
		if stmt == s {
			return nil
		}
		ds, ok := stmt.(*ast.DeclStmt)
		if !ok {
			continue
		}
		decl := ds.Decl.(*ast.GenDecl)
		if decl.Tok != token.VAR || len(decl.Specs) != 1 || decl.Doc != nil {
			continue
		}
		spec := decl.Specs[0].(*ast.ValueSpec)
		if len(spec.Names) != 1 || len(spec.Values) > 0 || b.pkg.Info.Defs[spec.Names[0]] != obj {
			continue
		}
		if usesBetween(b.pkg.Info, b.block, obj, ds.End(), s.Pos()) {
			return nil
		}
		return stmt
	}
	return nil
}
