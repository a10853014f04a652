package rewrite

import (
	"go/ast"
	"go/types"
	"slices"

	"github.com/singletonfix/singletonfix/detect"
)

// emit writes the variable's new declaration, and the getter that calls it.
func (o *onceValue) emit() *Refusal {
	if r := o.readersCall(); r != nil {
		return r
	}
	if o.flag != nil {
		o.v, o.kind = o.flag, flagTest
		o.dropFlag(o.g)
	}
	o.v, o.kind = o.with[0], nilTest
	build, holes, r := o.builder()
	if r != nil {
		return r
	}
	name := o.v.Obj.Name()
	o.edit(Edit{Op: ReplaceStmts, At: o.g.stmt, Last: o.last, Code: "return " + name + "()"})
	kind := "OnceValue"
	if len(o.with) > 1 {
		kind = "OnceValues"
		o.remove(o.with[1])
	}
	o.remove(o.v)
	o.edit(Edit{Op: InsertAfter, At: o.v.Spec, Code: "var " + name + " = sync." + kind + "(" + build + ")", Holes: holes, Imports: []string{"sync"}})
	return nil
}

// remove deletes the declaration of v.
func (o *onceValue) remove(v *detect.Variable) {
	if len(v.Spec.Names) > 1 {
		o.edit(Edit{Op: Delete, At: v.Ident()})
		return
	}
	o.edit(Edit{Op: Delete, At: v.Spec})
}

// builder returns the argument of sync.OnceValue: a function that there is,
// a literal around the block, or, where the getter stands in another file, a
// new function beside it, for the block to keep its imports.
func (o *onceValue) builder() (string, map[string][]ast.Node, *Refusal) {
	if f := o.soleBuilder(); f != nil {
		return o.source(f, nil), nil, nil
	}
	types, ok := o.resultTypes()
	if !ok {
		return "", nil, refuse(NoForm, o.v.Obj.Pos(), "the type of %s cannot be written where it is filled", o.v.Name())
	}
	out, r := o.returnsValue()
	if r != nil {
		return "", nil, r
	}
	holes := map[string][]ast.Node{"block": nodes(o.block)}
	body := "() " + resultList(types) + " {\n" + joinLines([]string{out.before, "$block", out.after}) + "\n}"
	if o.g.Func.File == o.v.File {
		return "func" + body, holes, nil
	}
	fn := o.name("build" + upperFirst(o.v.Obj.Name()))
	o.edit(Edit{Op: InsertAfter, At: o.g.anchor(), Code: "// " + fn + " builds " + o.v.Obj.Name() + ".\nfunc " + fn + body, Holes: holes})
	return fn, nil, nil
}

// resultTypes returns the types of the values as the getter's file writes them.
func (o *onceValue) resultTypes() (written []string, ok bool) {
	for _, v := range o.with {
		text := o.source(v.Spec.Type, nil)
		if v.File != o.g.Func.File {
			text = writtenType(o.pkg, o.g.Func.File.Syntax, v.Obj.Type())
		}
		if text == "" {
			return nil, false
		}
		written = append(written, text)
	}
	return written, true
}

// own are the statements of the block without those that set the flag.
func (o *onceValue) own() []ast.Stmt {
	return slices.DeleteFunc(slices.Clone(o.block), o.isSetFlag)
}

// soleBuilder returns f where all that the block does is x = f() or
// x, err = f(), and f can be named where the variable is declared; else nil.
func (o *onceValue) soleBuilder() ast.Expr {
	s, ok := soleAssign(o.own())
	if !ok || !o.assignsAll(s) || len(s.Rhs) != 1 {
		return nil
	}
	call, ok := ast.Unparen(s.Rhs[0]).(*ast.CallExpr)
	if !ok || len(call.Args) > 0 {
		return nil
	}
	f, ok := calleeIn(o.pkg.Info, call).(*types.Func)
	if !ok || f.Signature().Recv() != nil || f.Signature().TypeParams() != nil || f.Signature().Params().Len() > 0 {
		return nil
	}
	if f.Pkg() != o.pkg.Types && o.g.Func.File != o.v.File {
		return nil // not imported there, perhaps
	}
	results := f.Signature().Results()
	for i, v := range o.with {
		if i >= results.Len() || !types.Identical(results.At(i).Type(), v.Obj.Type()) {
			return nil
		}
	}
	return call.Fun
}

func soleAssign(stmts []ast.Stmt) (*ast.AssignStmt, bool) {
	if len(stmts) != 1 {
		return nil, false
	}
	s, ok := stmts[0].(*ast.AssignStmt)
	return s, ok
}

// assignsAll reports whether s assigns the values, in order, and nothing else.
func (o *onceValue) assignsAll(s *ast.AssignStmt) bool {
	if len(s.Lhs) != len(o.with) {
		return false
	}
	for i, v := range o.with {
		if all := within(v.Accesses, s.Lhs[i]); len(all) != 1 || all[0].Expr != s.Lhs[i] {
			return false
		}
	}
	return true
}

// returnsValue lets the block return what it assigned.
func (o *onceValue) returnsValue() (*built, *Refusal) {
	own := o.own()
	if len(o.with) > 1 {
		return o.returnsBoth(own)
	}
	o.typ = o.source(o.v.Spec.Type, nil)
	_, o.pointer = ast.Unparen(o.v.Spec.Type).(*ast.StarExpr)
	o.returns = true
	return o.build(&guard{Site: o.g.Site, fn: o.g.fn}, own, nil, true)
}

// returnsBoth lets a block that ends with x, err = f() return the two.
func (o *onceValue) returnsBoth(own []ast.Stmt) (*built, *Refusal) {
	last, ok := own[len(own)-1].(*ast.AssignStmt)
	for _, v := range o.with {
		ok = ok && len(within(v.Accesses, nodes(own)...)) == 1
	}
	if !ok || !o.assignsAll(last) {
		return nil, refuse(NoForm, o.block[0].Pos(), "%s and %s are not assigned together, in the end", o.with[0].Name(), o.with[1].Name())
	}
	o.replaceStmt(last, "return $values", map[string][]ast.Node{"values": exprs(last.Rhs)})
	return &built{}, nil
}

func exprs(list []ast.Expr) []ast.Node {
	out := make([]ast.Node, len(list))
	for i, e := range list {
		out[i] = e
	}
	return out
}
