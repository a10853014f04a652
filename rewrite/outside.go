package rewrite

import (
	"cmp"
	"go/ast"
	"go/token"
	"slices"
	"strings"

	"github.com/singletonfix/singletonfix/detect"
)

// An OutsideEdit changes the text of a file of another package, or of the
// external test: what uses an exported variable there follows its new type.
type OutsideEdit struct {
	File       *detect.File
	Start, End int // the bytes of File.Src that Text takes the place of
	Text       string
}

// outsideUses finds what other packages do with the exported variable v, and
// proves that its declaration may change with them: they are all of the
// module, in this build, and in files that people write.
func (d *draft) outsideUses(v *detect.Variable) *Refusal {
	uses, err := d.pkg.World.Outside(v.Obj.Name())
	if err != nil {
		return refuse(UnknownAccess, v.Obj.Pos(), "it is unknown how other packages use %s: %v", v.Name(), err)
	}
	for _, u := range uses {
		at, file := d.pkg.Fset.PositionFor(u.Stack[len(u.Stack)-1].Pos(), false), fileName(u.File)
		switch {
		case u.Selector() == nil:
			return refuse(Exported, v.Obj.Pos(), "%s is exported, and %s, line %d, imports its package by a dot", v.Name(), file, at.Line)
		case u.Other:
			return refuse(OtherModule, v.Obj.Pos(), "%s is used in %s, line %d, which is of another module", v.Name(), file, at.Line)
		case u.Left:
			return refuse(BuildVariant, v.Obj.Pos(), "%s, which build constraints leave out, uses %s in line %d", file, v.Name(), at.Line)
		}
		if r := d.plainFile(u.File, v.Obj.Pos()); r != nil {
			return r
		}
	}
	d.outside = append(d.outside, uses...)
	return nil
}

// outsideFollows has the uses in other packages follow what the plan makes of
// the variable. Only an atomic can be used from there: a Load is what a read
// was, or a call of the function that returns what the atomic points to.
func (d *draft) outsideFollows() *Refusal {
	if len(d.outside) == 0 {
		return nil
	}
	if d.opts.OtherBuilds {
		return refuse(BuildVariant, d.v.Obj.Pos(), "%s is used in files that build constraints leave out, and in other packages: both would have to change at once", d.v.Name())
	}
	x := d.atomic
	for _, u := range d.outside {
		if x == nil || x.flag || u.Selector().Sel.Name != x.v.Obj.Name() {
			return d.usedOutside(u, "where it would have to take the lock, too") // only x.v becomes an atomic
		}
	}
	if r := x.storedLast(); r != nil {
		return r
	}
	loads := make(map[ast.Node]bool)
	for _, u := range d.outside {
		if r := x.outsideUse(u, loads); r != nil {
			return r
		}
	}
	d.Review = true
	d.note(d.v.Name() + " is exported: what uses it in other packages of the module changes, too")
	return nil
}

// usedOutside refuses a fix for a use in another package.
func (d *draft) usedOutside(u *detect.OutsideUse, why string) *Refusal {
	at := d.pkg.Fset.PositionFor(u.Selector().Pos(), false)
	return refuse(Exported, d.v.Obj.Pos(), "%s is exported, and used in %s, line %d, %s", u.Selector().Sel.Name, fileName(u.File), at.Line, why)
}

// storedLast proves that no site calls anything behind its first store: code
// of another package that comes back from there would have found the value,
// and does not in a variable that is stored last.
func (x *atomicVar) storedLast() *Refusal {
	for _, s := range x.Singleton.Sites {
		for _, w := range s.Fills {
			if w.In == nil || w.In.Body() == nil || w.Stmt == nil {
				continue
			}
			block := s.Block
			if w.In != s.Func {
				block = w.In.Body().List
			}
			if call := callBehind(block, w.Stmt.End()); call != nil {
				return refuse(Reentrant, call.Pos(), "%s is exported, and this call may come to where another package looks for it", x.v.Name())
			}
		}
	}
	return nil
}

// callBehind returns the first call in block that begins behind pos, or nil.
func callBehind(block []ast.Stmt, pos token.Pos) (found *ast.CallExpr) {
	for _, s := range block {
		ast.Inspect(s, func(n ast.Node) bool {
			if call, ok := n.(*ast.CallExpr); ok && found == nil && call.Pos() > pos {
				found = call
			}
			return found == nil
		})
	}
	return found
}

// outsideUse plans one use in another package. Functions that load the
// variable are noted in loads.
func (x *atomicVar) outsideUse(u *detect.OutsideUse, loads map[ast.Node]bool) *Refusal {
	sel := u.Selector()
	parent := u.Stack[len(u.Stack)-2]
	switch p := parent.(type) {
	case *ast.ParenExpr:
		return x.usedOutside(u, "in parentheses")
	case *ast.UnaryExpr:
		if p.Op == token.AND {
			return refuse(AddressTaken, sel.Pos(), "another package takes the address of %s", x.v.Name())
		}
	case *ast.IncDecStmt, *ast.RangeStmt:
		if r, ok := p.(*ast.RangeStmt); !ok || r.X != sel {
			return x.usedOutside(u, "where it is changed other than by a plain assignment")
		}
	case *ast.AssignStmt:
		if slices.Contains(p.Lhs, ast.Expr(sel)) {
			return x.outsideWrite(u, p)
		}
	}
	f := functionAround(u.Stack)
	if loads[f] && x.emptied {
		return x.usedOutside(u, "for the second time in a function, and may be emptied in between")
	}
	loads[f] = true
	if !x.pointer && isMapOrSlice(x.typeOf()) && !looksOnly(sel, u.Stack) {
		return x.usedOutside(u, "where its elements may be changed")
	}
	if x.pointer || x.managed {
		x.outsideInsert(u, sel.End(), ".Load()")
		return nil
	}
	x.outsideReplace(u, sel.Sel.Pos(), sel.Sel.End(), x.load())
	return nil
}

// looksOnly reports whether what is around the map or slice sel hands it to
// nobody and changes none of its elements.
func looksOnly(sel ast.Expr, stack []ast.Node) bool {
	switch p := stack[len(stack)-2].(type) {
	case *ast.RangeStmt:
		return p.X == sel
	case *ast.BinaryExpr:
		return true // of maps and slices, only a comparison with nil
	case *ast.CallExpr:
		id, ok := p.Fun.(*ast.Ident)
		return ok && id.Obj == nil && (id.Name == "len" || id.Name == "cap")
	case *ast.IndexExpr:
		return p.X == sel && !isChanged(p, stack[len(stack)-3])
	}
	return false
}

// isChanged reports whether parent assigns the element e, changes what it
// holds, or takes its address.
func isChanged(e ast.Expr, parent ast.Node) bool {
	switch p := parent.(type) {
	case *ast.AssignStmt:
		return slices.Contains(p.Lhs, e)
	case *ast.UnaryExpr:
		return p.Op == token.AND
	case *ast.IncDecStmt, *ast.IndexExpr, *ast.SelectorExpr, *ast.SliceExpr, *ast.RangeStmt:
		return true // of elements of elements nothing is known
	}
	return false
}

// functionAround returns the innermost function in stack; the file outside of all.
func functionAround(stack []ast.Node) ast.Node {
	for _, n := range slices.Backward(stack) {
		switch n.(type) {
		case *ast.FuncDecl, *ast.FuncLit:
			return n
		}
	}
	return stack[0]
}

// outsideWrite plans an assignment in another package: a Store where nothing
// else runs, and a call of the package's own setter, which takes the lock. A
// managed value takes it itself.
func (x *atomicVar) outsideWrite(u *detect.OutsideUse, s *ast.AssignStmt) *Refusal {
	_, plain := u.Stack[len(u.Stack)-3].(*ast.BlockStmt)
	if s.Tok != token.ASSIGN || len(s.Lhs) != 1 || len(s.Rhs) != 1 || !plain {
		return x.usedOutside(u, "where it is changed other than by a plain assignment")
	}
	sel := u.Selector()
	if x.between(u, sel.End(), s.Rhs[0].Pos()) != "=" {
		return x.usedOutside(u, "with a comment in the middle of the assignment")
	}
	if x.managed && isNil(s.Rhs[0]) {
		x.outsideReplace(u, sel.End(), s.Rhs[0].End(), ".Reset()")
		return nil
	}
	if x.managed {
		x.outsideReplace(u, sel.End(), s.Rhs[0].Pos(), ".Set(") // takes the lock
		x.outsideInsert(u, s.Rhs[0].End(), ")")
		return nil
	}
	if x.pointer && (u.File.Test || inInit(u.Stack)) {
		x.outsideReplace(u, sel.End(), s.Rhs[0].Pos(), ".Store(")
		x.outsideInsert(u, s.Rhs[0].End(), ")")
		return nil
	}
	if isNil(s.Rhs[0]) {
		reset := x.plainSetter(true)
		if reset == "" {
			return x.usedOutside(u, "where it is emptied without the lock, and the package has no reset that does just that")
		}
		x.outsideReplace(u, sel.Sel.Pos(), s.Rhs[0].End(), reset+"()")
		return nil
	}
	setter := x.plainSetter(false)
	if setter == "" {
		return x.usedOutside(u, "where it is assigned without the lock, and the package has no setter that does just that")
	}
	x.outsideReplace(u, sel.Sel.Pos(), s.Rhs[0].Pos(), setter+"(")
	x.outsideInsert(u, s.Rhs[0].End(), ")")
	return nil
}

// inInit reports whether the innermost function in stack is an init.
func inInit(stack []ast.Node) bool {
	f, ok := functionAround(stack).(*ast.FuncDecl)
	return ok && f.Recv == nil && f.Name.Name == "init"
}

func isNil(e ast.Expr) bool {
	id, ok := e.(*ast.Ident)
	return ok && id.Name == "nil"
}

// plainSetter returns the exported function of the package that does nothing
// but assign the variable what it is given; or nothing but empty it.
func (x *atomicVar) plainSetter(empties bool) string {
	for _, f := range x.fx.Funcs {
		if !f.Exported() || f.Decl == nil || f.Decl.Recv != nil || f.Decl.Type.TypeParams != nil || f.File.Test || f.Decl.Type.Results != nil || f.Body() == nil || len(f.Body().List) != 1 {
			continue
		}
		s, ok := f.Body().List[0].(*ast.AssignStmt)
		if !ok || s.Tok != token.ASSIGN || len(s.Lhs) != 1 || len(x.in(s.Lhs[0])) != 1 || x.in(s.Lhs[0])[0].Expr != s.Lhs[0] {
			continue
		}
		id, ok := s.Rhs[0].(*ast.Ident)
		if !ok {
			continue
		}
		params := f.Decl.Type.Params
		switch {
		case empties && params.NumFields() == 0 && isZero(x.pkg.Info, id):
			return f.Obj.Name()
		case !empties && params.NumFields() == 1 && len(params.List[0].Names) == 1 && x.pkg.Info.Uses[id] == x.pkg.Info.Defs[params.List[0].Names[0]]:
			if _, variadic := params.List[0].Type.(*ast.Ellipsis); !variadic {
				return f.Obj.Name()
			}
		}
	}
	return ""
}

// between returns the text of u's file from one position to another.
func (x *atomicVar) between(u *detect.OutsideUse, from, to token.Pos) string {
	offset := x.pkg.Fset.File(from).Offset
	return strings.TrimSpace(string(u.File.Src[offset(from):offset(to)]))
}

func (x *atomicVar) outsideInsert(u *detect.OutsideUse, at token.Pos, text string) {
	x.outsideReplace(u, at, at, text)
}

func (x *atomicVar) outsideReplace(u *detect.OutsideUse, from, to token.Pos, text string) {
	offset := x.pkg.Fset.File(from).Offset
	x.Outside = append(x.Outside, OutsideEdit{File: u.File, Start: offset(from), End: offset(to), Text: text})
}

// closes returns how many parentheses s closes that it does not open: what
// closes one stands behind all else at its place.
func closes(s splice) int { return strings.Count(s.text, ")") - strings.Count(s.text, "(") }

// outsideChanges carries out the plans' edits of other packages' files.
func outsideChanges(plans []*Plan) []Change {
	files := make(map[string]*detect.File)
	edits := make(map[string][]splice)
	var names []string
	for _, p := range plans {
		for _, e := range p.Outside {
			name := e.File.Name
			if files[name] == nil {
				files[name], names = e.File, append(names, name)
			}
			edits[name] = append(edits[name], splice{e.Start, e.End, e.Text})
		}
	}
	slices.Sort(names)
	var out []Change
	for _, name := range names {
		f := files[name]
		slices.SortStableFunc(edits[name], func(a, b splice) int {
			return cmp.Or(cmp.Compare(a.start, b.start), cmp.Compare(closes(a), closes(b)))
		})
		out = append(out, Change{File: f, Before: f.Src, After: likeBefore(f.Src, splicedBytes(f.Src, edits[name]))})
	}
	return out
}
