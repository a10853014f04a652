package rewrite

import (
	"go/ast"
	"go/token"
	"go/types"
	"strings"
)

// emit writes the new function behind the old one, and its call in the place
// of the look-up and the test.
func (k *keyedGetter) emit() *Refusal {
	recv := k.isMethod()
	params, args, ref := k.keyedSignature()
	if ref != nil {
		return ref
	}
	for _, p := range k.params {
		if p.Name() == k.x.Name() {
			return k.no(k.lookUp) // x := newX(x) would declare nothing
		}
	}
	fails := len(k.returns) > 0 || k.failure != nil
	if fails && k.zeroText() == "" {
		return k.no(k.g.stmt)
	}
	name := k.getterName()
	call := name + "(" + strings.Join(args, ", ") + ")"
	head := "func " + name
	if recv != nil {
		call = recv.List[0].Names[0].Name + "." + call
		head = "func " + k.source(recv, nil) + " " + name
	}
	if ref := k.callForRegion(call, fails); ref != nil {
		return ref
	}
	k.newKeyedFunc(name, head+"("+params+")", fails)
	return nil
}

// keyedSignature returns the new function's parameters and the arguments of its
// call. A key whose type is not known has that of the map's keys.
func (k *keyedGetter) keyedSignature() (params string, args []string, r *Refusal) {
	if decl := k.r.f.Outermost().Decl; decl != nil && (decl.Type.TypeParams != nil || isGenericRecv(decl)) {
		return "", nil, refuse(ControlFlow, k.g.stmt.Pos(), "%s has type parameters", k.r.f.Name())
	}
	for i, p := range k.params {
		typ := k.typeText(p)
		if typ == "" && k.reg.localOf(k.key()) == p {
			typ = k.keyText()
		}
		if typ == "" {
			return "", nil, refuse(ControlFlow, p.Pos(), "what makes a value for %s uses %s, whose type cannot be named outside %s", k.reg.v.Name(), p.Name(), k.r.f.Name())
		}
		if i > 0 {
			params = strings.TrimSuffix(params, " "+typ) + ", " // a, b string
		}
		params += p.Name() + " " + typ
		args = append(args, p.Name())
	}
	return params, args, nil
}

// key returns the key that is looked up.
func (k *keyedGetter) key() ast.Expr { return ast.Unparen(k.lookUp.Rhs[0]).(*ast.IndexExpr).Index }

// keyText returns the type of the map's keys as it is written, or "" for an
// interface, which keys of many types fit.
func (k *keyedGetter) keyText() string {
	m, ok := k.pkg.Info.TypeOf(k.g.Read.Expr).Underlying().(*types.Map)
	if !ok || types.IsInterface(m.Key()) {
		return ""
	}
	return writtenType(k.pkg, k.r.f.File.Syntax, m.Key())
}

// newKeyedFunc emits the function that returns the value of a key.
func (k *keyedGetter) newKeyedFunc(name, head string, fails bool) {
	result, ok, fail := k.typ, "", ""
	if fails {
		result, ok, fail = "("+k.typ+", error)", ", nil", k.zeroText()+", "
	}
	index := k.source(k.lookUp.Rhs[0], nil)
	define, cond := k.x.Name()+" := "+index, k.x.Name()+" != nil"
	if k.found != nil {
		define, cond = k.x.Name()+", "+k.found.Name()+" := "+index, k.found.Name()
	}
	lines := []string{k.reg.mu + ".Lock()", "defer " + k.reg.mu + ".Unlock()", "if " + define + "; " + cond + " {\nreturn " + k.x.Name() + ok + "\n}", k.declareValue(), "$block"}
	holes := map[string][]ast.Node{"block": nodes(k.block)}
	if k.failure != nil {
		at := k.failureAt()
		holes["block"] = nodes(k.block[:at])
		lines = append(lines, "if "+k.err.Name()+" != nil {\nreturn "+fail+k.err.Name()+"\n}")
		if rest := k.block[at+1:]; len(rest) > 0 {
			lines = append(lines, "$rest")
			holes["rest"] = nodes(rest)
		}
	} else {
		for _, ret := range k.returns {
			k.edit(Edit{Op: ReplaceStmts, At: ret, Code: "return " + fail + "$err", Holes: hole("err", ret.Results[len(ret.Results)-1])})
		}
	}
	if k.making != nil {
		k.defineMaking()
	}
	lines = append(lines, "return "+k.x.Name()+ok)
	doc := "// " + name + " returns " + index + ", which it makes first where it is missing."
	if len(doc) > 100 {
		doc = "// " + name + " looks its key up in " + k.reg.v.Name() + ", and makes the value first where it is missing."
	}
	k.edit(Edit{Op: InsertAfter, At: k.g.anchor(), Holes: holes, Code: doc + "\n" + head + " " + result + " {\n" + joinLines(lines) + "\n}"})
}

// declareValue returns the declaration of the value, "" where its first
// assignment becomes one.
func (k *keyedGetter) declareValue() string {
	if k.making != nil {
		return ""
	}
	return "var " + k.x.Name() + " " + k.typ
}

// defineMaking lets the assignment of the new value declare it.
func (k *keyedGetter) defineMaking() {
	var lhs []string
	for _, e := range k.making.Lhs {
		lhs = append(lhs, k.source(e, nil))
	}
	code, holes := strings.Join(lhs, ", ")+" := $value", hole("value", k.making.Rhs[0])
	if len(k.making.Rhs) == 1 && len(lhs) == 1 && !k.hasElementType(k.making.Rhs[0]) {
		code = "var " + lhs[0] + " " + k.typ + " = $value"
	}
	k.replaceStmt(k.making, code, holes)
}

// hasElementType reports whether x := value gives x the type that it has.
func (k *keyedGetter) hasElementType(value ast.Expr) bool {
	if strings.HasPrefix(k.typ, "*") {
		return true // nothing but *T can be assigned to a *T
	}
	t := k.pkg.Info.TypeOf(value)
	return t != nil && types.Identical(t, k.x.Type())
}

// zeroText returns the zero value of the elements' type, "" if it is not known.
func (k *keyedGetter) zeroText() string {
	if strings.HasPrefix(k.typ, "*") || strings.HasPrefix(k.typ, "map[") || strings.HasPrefix(k.typ, "[]") {
		return "nil"
	}
	return zeroOf(k.x.Type())
}

// callForRegion emits: x, err := getX(k), with what handles the error.
func (k *keyedGetter) callForRegion(call string, fails bool) *Refusal {
	define, ref := k.declares()
	if ref != nil {
		return ref
	}
	lhs, op, holes := k.x.Name(), "=", map[string][]ast.Node{}
	if define {
		op = ":="
	}
	code := ""
	if fails {
		err := k.errAtSite()
		if err == "" {
			return k.no(k.g.stmt)
		}
		if define && !k.mayDeclare(err) {
			code, op = "var "+k.x.Name()+" "+k.typ+"\n", "="
		}
		lhs += ", " + err
		code += lhs + " " + op + " " + call + "\nif " + err + " != nil {\n" + k.handling(err, holes) + "\n}"
	} else {
		code = lhs + " " + op + " " + call
	}
	at := ast.Node(k.g.stmt)
	if k.r.last-k.r.first == 1 {
		at = k.lookUp
	}
	k.edit(Edit{Op: ReplaceStmts, At: at, Last: k.g.stmt, Code: code, Holes: holes})
	if k.r.last-k.r.first > 1 {
		k.edit(Edit{Op: Delete, At: k.lookUp})
	}
	return nil
}

// declares reports whether the call declares the value: where the look-up did,
// and where a declaration without a value, which then goes, stands for it.
func (k *keyedGetter) declares() (bool, *Refusal) {
	around := &building{atomicVar: k.atomicVar, block: k.r.list}
	here := k.r.list[k.r.first] == ast.Stmt(k.lookUp)
	if k.lookUp.Tok == token.DEFINE {
		if !here || k.found != nil && k.usedBehind(k.found) {
			return false, k.no(k.lookUp) // nobody behind has the value, or the answer
		}
		return true, nil
	}
	if k.found != nil {
		decl := around.soleDecl(k.found, k.r.list[k.r.first])
		if decl == nil || k.usedBehind(k.found) {
			return false, k.no(k.lookUp)
		}
		k.edit(Edit{Op: Delete, At: decl})
	}
	if decl := around.soleDecl(k.x, k.r.list[k.r.first]); decl != nil {
		k.edit(Edit{Op: Delete, At: decl})
		return true, nil
	}
	return false, nil
}

// usedBehind reports whether obj is used behind the region.
func (k *keyedGetter) usedBehind(obj types.Object) bool {
	return usesBetween(k.pkg.Info, k.r.f.Body().List, obj, k.g.stmt.End(), k.r.f.Body().End())
}

// errAtSite returns the name of the error at the site: its own, or err; ""
// where that is some other variable there.
func (k *keyedGetter) errAtSite() string {
	if k.newErr != nil {
		return k.newErr.Name()
	}
	name := "err"
	if k.err != nil {
		name = k.err.Name()
	}
	if _, obj := k.g.scope.LookupParent(name, k.g.stmt.Pos()); obj != nil && obj.Parent() != types.Universe && !isError(obj.Type()) {
		return ""
	}
	return name
}

// mayDeclare reports whether a definition at the site may declare the error,
// or assigns the very variable that the block did: nothing outside the list
// looks at the outer one behind, or it goes.
func (k *keyedGetter) mayDeclare(name string) bool {
	_, obj := k.g.scope.LookupParent(name, k.g.stmt.Pos())
	if obj == nil || obj.Parent() == k.g.scope || obj.Parent() == k.pkg.Types.Scope() {
		return true
	}
	if k.newErr == nil {
		return true // the block's own: the outer one was not changed
	}
	body := k.r.f.Body()
	if obj.Pos() < body.Pos() {
		return false // a result, which a return may name
	}
	start, end := k.r.list[0].Pos(), k.r.list[len(k.r.list)-1].End()
	if usesBetween(k.pkg.Info, body.List, obj, end, body.End()) || usesBetween(k.pkg.Info, k.r.list, obj, start, k.r.list[k.r.first].Pos()) {
		return false
	}
	if usesBetween(k.pkg.Info, body.List, obj, identAt(obj).End(), start) || usesBetween(k.pkg.Info, k.r.list, obj, k.g.stmt.End(), end) {
		return true // in use besides
	}
	around := &building{atomicVar: k.atomicVar, block: body.List}
	decl := around.soleDecl(obj, body.List[stmtAround(body.List, k.g.stmt)])
	if decl != nil {
		k.edit(Edit{Op: Delete, At: decl})
	}
	return decl != nil
}
