package detect

import (
	"go/ast"
	"go/types"
)

// addReady files what needs no lazy initialisation: variables that a getter
// returns and that their declaration (eager) or init (init-func) fills, and
// what locks by itself: maps (sync-map) and managed values (manager).
func (f *finder) addReady() {
	returned := f.returnedVars()
	for _, v := range f.Facts.Vars {
		if v.File.Test || f.byVar[keyOf(v)] != nil {
			continue
		}
		if form := f.readyForm(v, returned[v.Obj]); form != "" {
			f.candidate(v).Pattern = form
		}
	}
}

// readyForm returns the name of the safe form of v, or "".
func (f *finder) readyForm(v *Variable, returned bool) string {
	if isSyncType(v.Obj.Type(), "Map") {
		if f.loadsAndStores(v) {
			return "sync-map"
		}
		return ""
	}
	if isManaged(v.Obj.Type()) {
		if len(f.managedGets(v)) > 0 {
			return "manager"
		}
		return ""
	}
	if !returned || !isPointerish(v.Obj.Type()) {
		return ""
	}
	inInit := false
	for _, w := range v.Accesses {
		switch {
		case w.Kind == Read || w.Kind == Element:
		case w.Kind == Write && w.Phase == Initial:
			inInit = true
		case w.Phase == Testing:
		default:
			return "" // set by somebody, some time
		}
	}
	_, made := v.Declared().(*ast.CallExpr)
	if u, ok := v.Declared().(*ast.UnaryExpr); ok {
		_, made = u.X.(*ast.CompositeLit)
	}
	switch {
	case inInit:
		return "init-func"
	case made:
		return "eager"
	}
	return ""
}

// returnedVars returns the variables that some function does nothing but return.
func (f *finder) returnedVars() map[*types.Var]bool {
	vars := make(map[*types.Var]bool)
	for _, fn := range f.Facts.Funcs {
		if fn.Body() == nil || fn.File.Test || len(fn.Body().List) != 1 {
			continue
		}
		ret, ok := fn.Body().List[0].(*ast.ReturnStmt)
		if !ok || len(ret.Results) != 1 {
			continue
		}
		if id, ok := ast.Unparen(ret.Results[0]).(*ast.Ident); ok && f.accesses[id] != nil {
			vars[f.accesses[id].Var] = true
		}
	}
	return vars
}

// loadsAndStores reports whether one function both looks a key up in the
// sync.Map v and stores under it.
func (f *finder) loadsAndStores(v *Variable) bool {
	loads := make(map[*Func]bool)
	stores := make(map[*Func]bool)
	for _, a := range v.Accesses {
		if a.In == nil {
			continue
		}
		switch name := methodCalled(a); name {
		case "Load":
			loads[a.In.Outermost()] = true
		case "Store":
			stores[a.In.Outermost()] = true
		case "LoadOrStore":
			return true
		}
	}
	for fn := range stores {
		if loads[fn] {
			return true
		}
	}
	return false
}

// methodCalled returns the name of the method that a calls on its variable, or "".
func methodCalled(a *Access) string {
	cur := a.Cur
	for cur.Node() != a.Expr {
		cur = cur.Parent()
	}
	if sel, ok := cur.Parent().Node().(*ast.SelectorExpr); ok {
		return sel.Sel.Name
	}
	return ""
}
