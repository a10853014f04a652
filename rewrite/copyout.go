package rewrite

import (
	"go/ast"
	"maps"
	"slices"
	"strings"
	"unicode"

	"github.com/singletonfix/singletonfix/detect"
)

// copyOut plans a function that only reads variables: it takes copies of them
// under the lock, all at once, and works on those.
func (l *locking) copyOut(f *detect.Func, all []*detect.Access) *Refusal {
	var vars []*detect.Variable
	for _, a := range all {
		v := l.variableOf(a)
		if !slices.Contains(vars, v) {
			vars = append(vars, v)
		}
		if a.In != f {
			return refuse(ControlFlow, a.Pos(), "%s is used in a function literal of %s, which may run later", v.Name(), f.Name())
		}
	}
	x := &atomicVar{draft: l.draft, pointer: true}
	list, at := x.commonList(f, all)
	if list == nil || inHeaderOfLoop(list[at], all) {
		return refuse(ControlFlow, all[0].Pos(), "the lock cannot be taken in front of this")
	}
	var locals, values []string
	for _, v := range vars {
		uses := slices.DeleteFunc(slices.Clone(all), func(a *detect.Access) bool { return l.variableOf(a) != v })
		if r := l.copies(f, v, uses, list[at]); r != nil {
			return r
		}
		local, copied := l.localFor(f, v), l.source(operand(v, uses[0]), nil)
		if v.Owner != nil && len(vars) > 1 {
			local = l.localForField(f, v)
		}
		for _, a := range uses {
			if l.source(operand(v, a), nil) != copied {
				return refuse(ControlFlow, a.Pos(), "%s uses %s in parts, and would hold the lock meanwhile", f.Name(), v.Name())
			}
			l.replace(operand(v, a), local)
		}
		locals, values = append(locals, local), append(values, copied)
	}
	code := strings.Join(locals, ", ") + " := " + strings.Join(values, ", ")
	l.edit(Edit{Op: InsertBefore, At: list[at], Code: l.mu + ".Lock()\n" + code + "\n" + l.mu + ".Unlock()"})
	return nil
}

// operand returns the expression in a that denotes v: the variable in x.field.
func operand(v *detect.Variable, a *detect.Access) ast.Expr {
	id, ok := a.Cur.Node().(*ast.Ident)
	if ok && v.Owner == nil && v.Field == "" {
		return id
	}
	return a.Expr
}

// copies proves that a copy of v, made in front of first, serves all its uses in f.
func (l *locking) copies(f *detect.Func, v *detect.Variable, uses []*detect.Access, first ast.Stmt) *Refusal {
	if isMapOrSlice(v.Obj.Type()) && slices.ContainsFunc(v.Accesses, func(a *detect.Access) bool { return a.Kind == detect.Element && !early(a) }) {
		return refuse(Escapes, uses[0].Pos(), "%s uses %s, whose elements change, in a call", f.Name(), v.Name())
	}
	d := *l.draft
	d.v = v
	x := &atomicVar{draft: &d, pointer: true}
	if len(x.stretches(f, uses)) != 1 || x.changedBetween(f, first.Pos(), uses[0].Pos()) {
		return refuse(ControlFlow, uses[0].Pos(), "%s may change between the uses of it in %s", v.Name(), f.Name())
	}
	return nil
}

// inHeaderOfLoop reports whether s is a loop that looks at one of the variables
// each time round: a copy made in front would be the same for ever.
func inHeaderOfLoop(s ast.Stmt, all []*detect.Access) bool {
	if labelled, ok := s.(*ast.LabeledStmt); ok {
		s = labelled.Stmt
	}
	loop, ok := s.(*ast.ForStmt)
	return ok && slices.ContainsFunc(all, func(a *detect.Access) bool { return !contains(loop.Body, a.Expr) })
}

// localFor returns a name for a local variable of f that holds a copy of v,
// the same in every plan: what v's name says beyond its first word, version
// for zfsVersion, where that is free.
func (d *draft) localFor(f *detect.Func, v *detect.Variable) string {
	taken := names(f.Outermost().Cur.Node())
	x := &atomicVar{draft: d}
	var others []*detect.Variable
	for _, other := range d.fx.Vars {
		if x.mayBecomeLocal(other, f) {
			others = append(others, other)
		}
	}
	for _, other := range others {
		name := tailOf(other.Obj.Name())
		if len(name) < 3 || taken[name] || d.meansSomething(f.File, name) {
			name = "v"
			if len(others) > 1 {
				name = initials(other.Obj.Name())
			}
		}
		name = free(name, taken)
		if other.Obj == v.Obj {
			return name
		}
		taken[name] = true
	}
	return free("v", taken)
}

// localForField is localFor for one of several fields: the field's own name,
// or a free one after it.
func (d *draft) localForField(f *detect.Func, v *detect.Variable) string {
	taken := make(map[string]bool)
	ast.Inspect(f.Outermost().Cur.Node(), func(n ast.Node) bool {
		if sel, ok := n.(*ast.SelectorExpr); ok {
			maps.Copy(taken, names(sel.X)) // the name behind the dot is in nobody's way
			return false
		}
		if id, ok := n.(*ast.Ident); ok {
			taken[id.Name] = true
		}
		return true
	})
	name := lowerName(v.Obj.Name())
	taken[name] = taken[name] || d.meansSomething(f.File, name)
	return free(name, taken)
}

// meansSomething reports whether name is declared around all functions of file.
func (d *draft) meansSomething(file *detect.File, name string) bool {
	scope := d.pkg.Info.Scopes[file.Syntax]
	return scope == nil || around(scope, name)
}

// tailOf returns a name without its first word, as a name of its own:
// directIO for zfsDirectIO, "" for a name of one word.
func tailOf(name string) string {
	runes := []rune(strings.TrimLeft(name, "_"))
	i := slices.IndexFunc(runes[min(1, len(runes)):], unicode.IsUpper)
	if i < 0 {
		return ""
	}
	return lowerName(string(runes[i+1:]))
}

// lowerName returns name as it is written where it is not exported: a leading
// abbreviation in lower case as a whole, directIO for DirectIO, idMap for IDMap.
func lowerName(name string) string {
	runes := []rune(name)
	for i := range runes {
		if i > 0 && i+1 < len(runes) && unicode.IsLower(runes[i+1]) {
			break // the next word begins
		}
		if !unicode.IsUpper(runes[i]) {
			break
		}
		runes[i] = unicode.ToLower(runes[i])
	}
	return string(runes)
}
