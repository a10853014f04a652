package rewrite

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/singletonfix/singletonfix/detect"
)

// declareLock emits code, the declaration of a lock of vars: behind the spec
// beside, or above the variables where the package writes its locks so.
func (d *draft) declareLock(vars []*detect.Variable, beside *ast.ValueSpec, code string, imports []string) {
	e := Edit{Op: InsertAfter, At: beside, Code: code, Imports: imports}
	var guarded []ast.Node
	for _, v := range vars {
		if v.Spec != nil && v.Decl != nil && v.Decl == vars[0].Decl {
			guarded = append(guarded, v.Spec)
		}
	}
	if len(guarded) > 0 && vars[0].Decl.Lparen.IsValid() {
		if first := d.lockGoesAbove(specNodes(vars[0].Decl), guarded); first != nil {
			e.Op, e.At = InsertBefore, first
		}
	}
	d.edit(e)
}

// lockGoesAbove returns the first of guarded, some nodes of list, if their
// lock is to stand above it: the package writes its locks so, and they are the
// last ones in front of a blank line. Else nil.
func (d *draft) lockGoesAbove(list, guarded []ast.Node) ast.Node {
	first, last := len(list), -1
	for i, n := range list {
		if slices.Contains(guarded, n) {
			first, last = min(first, i), max(last, i)
		}
	}
	if last < 0 || last+1 < len(list) && !d.blankBetween(list[last], list[last+1]) {
		return nil // what follows would seem to be guarded too
	}
	for i := first; i < last; i++ {
		if !slices.Contains(guarded, list[i]) || d.blankBetween(list[i], list[i+1]) {
			return nil
		}
	}
	if !d.locksAbove() {
		return nil
	}
	return list[first]
}

// locksAbove reports whether most mutexes of the package, in groups of
// variables and in structs, stand in front of others and behind a blank line.
func (d *draft) locksAbove() bool {
	above, below := 0, 0
	count := func(list []ast.Node) {
		for i, n := range list {
			if !d.isMutexDecl(n) {
				continue
			}
			apart := i == 0 || d.blankBetween(list[i-1], n)
			alone := i+1 == len(list) || d.blankBetween(n, list[i+1])
			switch {
			case apart && !alone:
				above++
			case !apart && alone:
				below++
			}
		}
	}
	for cur := range d.fx.Insp.Root().Preorder((*ast.GenDecl)(nil), (*ast.StructType)(nil)) {
		switch n := cur.Node().(type) {
		case *ast.GenDecl:
			if n.Tok == token.VAR && n.Lparen.IsValid() {
				count(specNodes(n))
			}
		case *ast.StructType:
			count(fieldNodes(n))
		}
	}
	return above > below
}

// isMutexDecl reports whether the spec or field n declares a mutex.
func (d *draft) isMutexDecl(n ast.Node) bool {
	var typ ast.Expr
	switch n := n.(type) {
	case *ast.ValueSpec:
		typ = n.Type
	case *ast.Field:
		typ = n.Type
	}
	if typ == nil {
		return false
	}
	t := d.pkg.Info.TypeOf(typ)
	return t != nil && (types.TypeString(t, nil) == "sync.Mutex" || types.TypeString(t, nil) == "sync.RWMutex")
}

// blankBetween reports whether a blank line stands between a and b, which
// follows it with its comments.
func (d *draft) blankBetween(a, b ast.Node) bool {
	from, to := a.End(), b.Pos()
	if doc := docOf(b); doc != nil {
		to = doc.Pos()
	}
	return d.pkg.Fset.Position(to).Line-d.pkg.Fset.Position(from).Line > 1
}

func docOf(n ast.Node) *ast.CommentGroup {
	switch n := n.(type) {
	case *ast.ValueSpec:
		return n.Doc
	case *ast.Field:
		return n.Doc
	}
	return nil
}

func specNodes(decl *ast.GenDecl) []ast.Node {
	var list []ast.Node
	for _, s := range decl.Specs {
		list = append(list, s)
	}
	return list
}

func fieldNodes(st *ast.StructType) []ast.Node {
	var list []ast.Node
	for _, f := range st.Fields.List {
		list = append(list, f)
	}
	return list
}
