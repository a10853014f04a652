package load

import (
	"go/ast"
	"go/token"
	"maps"
	"strings"
)

// readBody notes what a piece does with which names.
func (f *filter) readBody(p *piece) {
	p.names, p.tested, p.filled = make(map[string]bool), make(map[string]bool), make(map[string]bool)
	p.written, p.onces = make(map[string]bool), make(map[string]bool)
	p.copies, p.decides = make(map[string]map[string]bool), make(map[string]bool)
	if decl, ok := p.decl.(*ast.FuncDecl); ok {
		p.own = f.ownNames(decl)
	}
	var visit func(n ast.Node) bool
	visit = func(n ast.Node) bool {
		f.read(p, n)
		sel, ok := n.(*ast.SelectorExpr)
		if ok {
			ast.Inspect(sel.X, visit) // what is selected is no name by itself
		}
		return !ok
	}
	ast.Inspect(p.decl, visit)
	for name := range p.own {
		delete(p.filled, name)
		delete(p.written, name)
	}
	maps.DeleteFunc(p.copies, func(local string, _ map[string]bool) bool { return !p.tested[local] && !p.onces[local] })
}

// ownNames returns the names that are no package variable's anywhere in a
// function's body: those of its parameters, and of local variables that are
// declared by a statement of the body itself and not mentioned before.
func (f *filter) ownNames(decl *ast.FuncDecl) map[string]bool {
	own := ownNames(decl)
	if decl.Body == nil || f.partial {
		return own
	}
	for i, stmt := range decl.Body.List {
		for _, id := range declaredBy(stmt) {
			if f.vars[id.Name] != nil && !own[id.Name] && !mentionedBefore(id, decl.Body.List[:i+1]) {
				own[id.Name] = true
			}
		}
	}
	return own
}

// declaredBy returns the variables that a statement of a block declares.
func declaredBy(stmt ast.Stmt) []*ast.Ident {
	var ids []*ast.Ident
	switch s := stmt.(type) {
	case *ast.AssignStmt:
		for _, lhs := range s.Lhs {
			if id, ok := lhs.(*ast.Ident); ok && s.Tok == token.DEFINE {
				ids = append(ids, id)
			}
		}
	case *ast.DeclStmt:
		for _, spec := range s.Decl.(*ast.GenDecl).Specs {
			if spec, ok := spec.(*ast.ValueSpec); ok {
				ids = append(ids, spec.Names...)
			}
		}
	}
	return ids
}

// mentionedBefore reports whether the name of id stands anywhere else in
// statements of which the last declares it.
func mentionedBefore(id *ast.Ident, stmts []ast.Stmt) bool {
	found := false
	var visit func(n ast.Node) bool
	visit = func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.Ident:
			found = found || n != id && n.Name == id.Name
		case *ast.SelectorExpr:
			ast.Inspect(n.X, visit)
			return false
		}
		return !found
	}
	for _, stmt := range stmts {
		ast.Inspect(stmt, visit)
	}
	return found
}

// maybeDeclared reports whether the package has something with code in it of that name.
func (f *filter) maybeDeclared(name string) bool { return f.partial || f.called[name] != nil }

// maybeVar reports whether a name is that of a package variable.
func (f *filter) maybeVar(name string) bool { return name != "" && (f.partial || f.vars[name] != nil) }

// read takes notice of one node of p.
func (f *filter) read(p *piece, n ast.Node) {
	switch n := n.(type) {
	case *ast.Ident:
		if f.maybeDeclared(n.Name) {
			p.names[n.Name] = true
		}
	case *ast.SelectorExpr:
		if name := "." + n.Sel.Name; f.maybeDeclared(name) {
			p.names[name] = true
		}
	case *ast.IfStmt:
		f.note(p.tested, n.Cond)
	case *ast.ForStmt:
		f.note(p.tested, n.Cond)
	case *ast.SwitchStmt:
		f.note(p.tested, n.Tag)
	case *ast.CaseClause:
		for _, e := range n.List {
			f.note(p.tested, e)
		}
	case *ast.ValueSpec:
		for _, name := range n.Names {
			f.copy(p, name, n.Values)
		}
	case *ast.AssignStmt:
		for i, lhs := range n.Lhs {
			f.copy(p, lhs, n.Rhs)
			if n.Tok != token.DEFINE {
				f.write(p, lhs, len(n.Rhs) == len(n.Lhs) && isNil(n.Rhs[i]))
			}
		}
	case *ast.IncDecStmt:
		f.write(p, n.X, false)
	case *ast.RangeStmt:
		if n.Tok == token.ASSIGN {
			f.write(p, n.Key, false)
			f.write(p, n.Value, false)
		}
	case *ast.FuncType:
		p.declare(n.Params)
	case *ast.UnaryExpr:
		if n.Op == token.AND {
			f.pointed[rootName(n.X)] = true
		}
	case *ast.GoStmt:
		f.started[calledName(n.Call)] = true
	case *ast.CallExpr:
		f.readCall(p, n)
	case *ast.FuncDecl:
		p.declare(n.Recv)
		f.readResult(p, n.Body)
	case *ast.FuncLit:
		p.literal = true
		f.readResult(p, n.Body)
	}
}

// declare takes those of a function's parameters that are no pointers for
// local variables.
func (p *piece) declare(params *ast.FieldList) {
	if params == nil {
		return
	}
	for _, field := range params.List {
		if _, ok := field.Type.(*ast.StarExpr); ok {
			continue // what it points to is not the call's own
		}
		for _, name := range field.Names {
			if p.copies[name.Name] == nil {
				p.copies[name.Name] = make(map[string]bool)
			}
		}
	}
}

// note adds the names in e to set, those of methods with a dot. What only the address is taken of says
// nothing of its value, unless it is handed to an atomic operation.
func (f *filter) note(set map[string]bool, e ast.Expr) {
	if e == nil {
		return
	}
	var visit func(n ast.Node) bool
	visit = func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.Ident:
			set[n.Name] = true
		case *ast.SelectorExpr:
			if name := "." + n.Sel.Name; f.maybeDeclared(name) {
				set[name] = true // may be a predicate
			}
			ast.Inspect(n.X, visit)
			return false
		case *ast.UnaryExpr:
			return n.Op != token.AND
		case *ast.CallExpr:
			if f.atomics && isAtomicOp(n) {
				f.noteOperand(set, n.Args)
			}
		}
		return true
	}
	ast.Inspect(e, visit)
}

// noteOperand adds to set what an atomic operation is about, its first argument.
func (f *filter) noteOperand(set map[string]bool, args []ast.Expr) {
	for _, arg := range args {
		if u, ok := ast.Unparen(arg).(*ast.UnaryExpr); ok {
			f.note(set, u.X)
		}
	}
}

// isAtomicOp reports whether a call may be of a function of sync/atomic.
func isAtomicOp(call *ast.CallExpr) bool {
	name := calledName(call)
	for _, op := range []string{"Load", "Store", "Swap", "CompareAndSwap", "Add", "And", "Or"} {
		if strings.HasPrefix(name, op) {
			return true
		}
	}
	return false
}

// calledName returns the name of the function or method that is called, "" if
// it has none.
func calledName(call *ast.CallExpr) string {
	switch fun := ast.Unparen(stripIndex(call.Fun)).(type) {
	case *ast.Ident:
		return fun.Name
	case *ast.SelectorExpr:
		return fun.Sel.Name
	}
	return ""
}

// copy notes that a local variable may hold what a package variable holds,
// or says something of it.
func (f *filter) copy(p *piece, lhs ast.Expr, rhs []ast.Expr) {
	id, ok := lhs.(*ast.Ident)
	if !ok || id.Name == "_" {
		return
	}
	from := p.copies[id.Name]
	if from == nil {
		from = make(map[string]bool)
		p.copies[id.Name] = from
	}
	for _, e := range rhs {
		f.note(from, e)
	}
}

// fill notes that p may give the package variable that e is, or is part of, a value.
func (f *filter) fill(p *piece, e ast.Expr) {
	if name := rootName(e); f.maybeVar(name) {
		p.filled[name] = true
	}
}

// write notes that p assigns the package variable that e is, or a part of it;
// with clears, nothing but nil.
func (f *filter) write(p *piece, e ast.Expr, clears bool) {
	name := rootName(e)
	if !f.maybeVar(name) {
		return
	}
	p.written[name] = true
	if !clears {
		p.filled[name] = true
	}
}

func isNil(e ast.Expr) bool {
	id, ok := ast.Unparen(e).(*ast.Ident)
	return ok && id.Name == "nil"
}

// readCall takes notice of what a call may change: the operand of an atomic
// operation, of delete and of clear, the receiver of a method.
func (f *filter) readCall(p *piece, call *ast.CallExpr) {
	for _, arg := range call.Args {
		if u, ok := ast.Unparen(arg).(*ast.UnaryExpr); ok && u.Op == token.AND && isWhole(u.X) {
			f.write(p, u.X, false) // json.Unmarshal(data, &x), atomic.StoreInt32(&x, 1)
		}
	}
	if id, ok := call.Fun.(*ast.Ident); ok && (id.Name == "delete" || id.Name == "clear") && len(call.Args) > 0 {
		f.write(p, call.Args[0], false)
	}
	sel, ok := call.Fun.(*ast.SelectorExpr)
	if !ok {
		return
	}
	switch sel.Sel.Name {
	case "Do":
		p.onces[rootName(sel.X)] = true
	case "Store", "Swap", "CompareAndSwap", "Add", "And", "Or":
		if f.atomics {
			f.write(p, sel.X, false)
		}
	}
	if f.partial {
		p.methods = append(p.methods, methodOf{rootName(sel.X), sel.Sel.Name})
	} else if f.setters[sel.Sel.Name] {
		f.fill(p, sel.X)
	}
}

// readResult takes notice of what a function returns that does nothing else.
func (f *filter) readResult(p *piece, body *ast.BlockStmt) {
	if body == nil || len(body.List) != 1 {
		return
	}
	ret, ok := body.List[0].(*ast.ReturnStmt)
	if !ok || len(ret.Results) != 1 {
		return
	}
	f.note(p.decides, ret.Results[0])
	if id, ok := ast.Unparen(ret.Results[0]).(*ast.Ident); ok {
		f.returned[id.Name] = true
	}
}

// isWhole reports whether e is a variable, or a field of one, rather than an element.
func isWhole(e ast.Expr) bool {
	for {
		switch x := ast.Unparen(e).(type) {
		case *ast.Ident:
			return true
		case *ast.SelectorExpr:
			e = x.X
		default:
			return false
		}
	}
}

// rootName returns the name that e begins with, where e may be part of what
// the name denotes; else "".
func rootName(e ast.Expr) string {
	for {
		switch x := e.(type) {
		case *ast.Ident:
			return x.Name
		case *ast.ParenExpr:
			e = x.X
		case *ast.SelectorExpr:
			e = x.X
		case *ast.IndexExpr:
			e = x.X
		case *ast.SliceExpr:
			e = x.X
		case *ast.StarExpr:
			e = x.X
		case *ast.UnaryExpr:
			e = x.X
		case *ast.TypeAssertExpr:
			e = x.X
		default:
			return ""
		}
	}
}
