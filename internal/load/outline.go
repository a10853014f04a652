package load

import (
	"go/ast"
	"go/token"
	"strings"
)

// A droppedBody is that of a function which has none for now.
type droppedBody struct {
	decl *ast.FuncDecl
	body *ast.BlockStmt
}

// dropBodies leaves functions of f's files without a body that say nothing of
// a safe singleton, and returns what it takes to undo that.
func (f *filter) dropBodies() []droppedBody {
	o := readOutline(f.pieces, f.interest().vars)
	keep := o.needed(len(f.files) > 0 && f.files[0].Syntax.Name.Name == "main")
	var dropped []droppedBody
	for i, c := range o.codes {
		if decl, ok := c.decl.(*ast.FuncDecl); ok && decl.Body != nil && !keep[i] {
			dropped = append(dropped, droppedBody{decl, decl.Body})
			decl.Body = nil
		}
	}
	return dropped
}

// An outline says which declarations of a package may call which, by name: a
// function by an identifier, a method by what is selected.
type outline struct {
	codes   []*code
	funcs   map[string][]int
	methods map[string][]int
}

// A code is a declaration with code in it.
type code struct {
	decl    ast.Decl
	calls   []int // what it may call
	callers []int // what may call it
	passes  []int // what it may call with a function
	uses    bool  // it uses a variable that may be a singleton
	syncs   bool  // it may lock, unlock, or start something
}

// readOutline returns the outline of the declarations of a package; vars are
// the variables that may be singletons.
func readOutline(pieces []*piece, vars map[string]bool) *outline {
	o := &outline{funcs: make(map[string][]int), methods: make(map[string][]int)}
	for i, p := range pieces {
		o.codes = append(o.codes, &code{decl: p.decl})
		if decl, ok := p.decl.(*ast.FuncDecl); ok && decl.Recv == nil {
			o.funcs[decl.Name.Name] = append(o.funcs[decl.Name.Name], i)
		} else if ok {
			o.methods[decl.Name.Name] = append(o.methods[decl.Name.Name], i)
		}
	}
	for i, c := range o.codes {
		r := &outliner{outline: o, code: c, vars: vars, seen: map[int]bool{}}
		ast.Inspect(c.decl, r.visit)
		for _, j := range c.calls {
			o.codes[j].callers = append(o.codes[j].callers, i)
		}
	}
	return o
}

// An outliner reads one declaration.
type outliner struct {
	*outline
	code *code
	vars map[string]bool
	seen map[int]bool
}

func (r *outliner) visit(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.SelectorExpr:
		r.code.syncs = r.code.syncs || isLockMethod(n.Sel.Name) || n.Sel.Name == "Do"
		r.call(r.methods[n.Sel.Name])
		ast.Inspect(n.X, r.visit)
		return false
	case *ast.Ident:
		r.code.uses = r.code.uses || r.vars[n.Name]
		r.call(r.funcs[n.Name])
	case *ast.GoStmt, *ast.SendStmt:
		r.code.syncs = true
	case *ast.UnaryExpr:
		r.code.syncs = r.code.syncs || n.Op == token.ARROW
	case *ast.CallExpr:
		r.readCall(n)
	}
	return true
}

func (r *outliner) call(callees []int) {
	for _, i := range callees {
		if !r.seen[i] {
			r.seen[i] = true
			r.code.calls = append(r.code.calls, i)
		}
	}
}

// readCall takes notice of what is called with a function.
func (r *outliner) readCall(call *ast.CallExpr) {
	for _, arg := range call.Args {
		if !r.maybeFunc(arg) {
			continue
		}
		switch fun := ast.Unparen(stripIndex(call.Fun)).(type) {
		case *ast.Ident:
			r.code.passes = append(r.code.passes, r.funcs[fun.Name]...)
		case *ast.SelectorExpr:
			r.code.passes = append(r.code.passes, r.methods[fun.Sel.Name]...)
		}
		return
	}
}

// maybeFunc reports whether e may be a function of the package.
func (r *outliner) maybeFunc(e ast.Expr) bool {
	switch e := ast.Unparen(stripIndex(e)).(type) {
	case *ast.FuncLit:
		return true
	case *ast.Ident:
		return r.funcs[e.Name] != nil
	case *ast.SelectorExpr:
		return r.methods[e.Sel.Name] != nil
	}
	return false
}

// needed returns the codes that say something of a safe singleton: those that
// use its variable and what these call, those that lead to them up to what
// other packages can call, and of what these call all that leads to a lock or
// back to such a variable.
func (o *outline) needed(program bool) []bool {
	users := o.where(func(c *code) bool { return c.uses })
	leading := o.closure(users, func(c *code) []int {
		if !program && c.exported() {
			return nil
		}
		return c.callers
	})
	reached := o.closure(leading, func(c *code) []int { return c.calls })
	syncing := o.closure(o.where(func(c *code) bool { return c.uses || c.syncs }), func(c *code) []int { return c.callers })
	keep := make([]bool, len(o.codes))
	for i, c := range o.codes {
		keep[i] = keep[i] || leading[i] || reached[i] && syncing[i]
		if users[i] {
			mark(keep, c.calls)
		}
		if leading[i] {
			mark(keep, c.passes)
		}
	}
	return keep
}

func mark(set []bool, indices []int) {
	for _, i := range indices {
		set[i] = true
	}
}

func (o *outline) where(is func(*code) bool) []bool {
	set := make([]bool, len(o.codes))
	for i, c := range o.codes {
		set[i] = is(c)
	}
	return set
}

// closure returns from with all that next leads to, again and again.
func (o *outline) closure(from []bool, next func(*code) []int) []bool {
	set := make([]bool, len(from))
	var todo []int
	add := func(i int) {
		if !set[i] {
			set[i] = true
			todo = append(todo, i)
		}
	}
	for i, in := range from {
		if in {
			add(i)
		}
	}
	for len(todo) > 0 {
		i := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		for _, j := range next(o.codes[i]) {
			add(j)
		}
	}
	return set
}

// exported reports whether code of other packages can name a function, so
// that it matters to nobody who else does.
func (c *code) exported() bool {
	decl, ok := c.decl.(*ast.FuncDecl)
	if !ok || !decl.Name.IsExported() {
		return false
	}
	if decl.Recv == nil {
		return true
	}
	recv, _, _ := strings.Cut(funcName(decl), ".")
	return ast.IsExported(recv) && recv != decl.Name.Name
}
