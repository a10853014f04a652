package rewrite

import (
	"go/ast"
	"go/types"
	"slices"
	"strconv"

	"github.com/singletonfix/singletonfix/detect"
)

// A fieldDraft is a plan in the making for a field that methods fill lazily.
// What makes it safe, a Once or a mutex, stands beside the field: each value
// has its own.
type fieldDraft struct {
	*draft
	owner  *types.TypeName
	syntax *ast.StructType
	field  *ast.Field // declares the field, maybe with others
}

// fieldStrategies are the strategies that fit fields, in the order of preference.
var fieldStrategies = []struct {
	*Strategy
	plan func(*fieldDraft) *Refusal
}{
	{once, planFieldOnce},
	{mutex, planFieldMutex},
	{manager, planManagedField},
}

// chooseField is Choose for a field of a type.
func chooseField(s *detect.Singleton, opts Options) (*Plan, *Refusal) {
	var refusal *Refusal
	for _, st := range fieldStrategies {
		if auto := opts.Strategy == "" || opts.Strategy == "auto"; auto && st.asked || !auto && opts.Strategy != st.Name {
			continue // not asked for
		}
		f := &fieldDraft{draft: newDraft(s, st.Strategy), owner: s.Vars[0].Owner}
		f.opts = opts
		if r := f.common(); r != nil {
			return nil, r // no strategy could do better
		}
		if f.isKeyed() && st.Strategy != mutex {
			continue // for a single value
		}
		r := st.plan(f)
		if r == nil {
			f.reviewAll()
			f.staleComments()
			return f.finish(), nil
		}
		if refusal == nil || r.Reason != notThis {
			refusal = r
		}
	}
	if refusal == nil || refusal.Reason == notThis {
		refusal = refuse(NoForm, s.Vars[0].Obj.Pos(), "no strategy has a safe form for the way %s is used", s.Vars[0].Name())
	}
	return nil, refusal
}

// common proves what every strategy needs.
func (f *fieldDraft) common() *Refusal {
	for _, v := range f.Singleton.Vars {
		if v.Owner != f.owner {
			return refuse(NoForm, v.Obj.Pos(), "%s and %s are fields of different types", f.v.Name(), v.Name())
		}
	}
	if !f.findSyntax() {
		return refuse(NoForm, f.owner.Pos(), "%s is no plain struct type of the package", f.owner.Name())
	}
	for _, check := range []func() *Refusal{f.onlyBuiltHere, f.noAddress, f.notRecomputed, f.notSession, f.keepsMeaning} {
		if r := check(); r != nil {
			return r
		}
	}
	return nil
}

// findSyntax finds the declaration of the type and of the field.
func (f *fieldDraft) findSyntax() bool {
	for _, file := range f.pkg.Files {
		ast.Inspect(file.Syntax, func(n ast.Node) bool {
			spec, ok := n.(*ast.TypeSpec)
			if !ok || f.pkg.Info.Defs[spec.Name] != f.owner {
				return true
			}
			f.syntax, _ = spec.Type.(*ast.StructType)
			return false
		})
	}
	if f.syntax == nil {
		return false
	}
	for _, field := range f.syntax.Fields.List {
		for _, name := range field.Names {
			if f.pkg.Info.Defs[name] == f.v.Obj {
				f.field = field
			}
		}
	}
	return f.field != nil
}

// onlyBuiltHere proves that every file that uses the field can be edited, and
// that none that build constraints leave out uses it.
func (f *fieldDraft) onlyBuiltHere() *Refusal {
	for _, left := range f.pkg.Left {
		if left.Syntax == nil {
			continue
		}
		used := names(left.Syntax)
		if v := f.variableWhere(func(name string) bool { return used[name] }); v != nil {
			return refuse(BuildVariant, v.Obj.Pos(), "%s, which build constraints leave out, uses %s", fileName(left), v.Obj.Name())
		}
	}
	if r := f.plainFile(f.pkg.File(f.syntax.Pos()), f.syntax.Pos()); r != nil {
		return r
	}
	for _, v := range f.Singleton.Vars {
		for _, a := range v.Accesses {
			if r := f.plainFile(a.File, a.Pos()); r != nil {
				return r
			}
		}
	}
	f.proved("every-access-known")
	return nil
}

// lazyFields returns the declarations of the fields that are filled.
func (f *fieldDraft) lazyFields() []ast.Node {
	var list []ast.Node
	for _, field := range f.syntax.Fields.List {
		for _, v := range f.Singleton.Vars {
			if contains(field, identAt(v.Obj)) && !slices.Contains(list, ast.Node(field)) {
				list = append(list, field)
			}
		}
	}
	return list
}

// addField emits a new field behind the lazy one, or above it where that is
// how the package writes its mutexes.
func (f *fieldDraft) addField(name, typ string) {
	e := Edit{Op: InsertAfter, At: f.field, Code: "type _ struct {\n" + name + " " + typ + f.remark() + "\n}", Imports: []string{"sync"}}
	if first := f.lockGoesAbove(fieldNodes(f.syntax), f.lazyFields()); first != nil && typ == "sync.Mutex" {
		e.Op, e.At = InsertBefore, first
	}
	f.edit(e)
}

// remark returns the comment at the end of a new field's line: where the lines
// around it have one, a line without would part their columns.
func (f *fieldDraft) remark() string {
	list := f.syntax.Fields.List
	next := slices.Index(list, f.field) + 1
	if f.field.Comment == nil || next == len(list) || list[next].Comment == nil || f.blankBetween(f.field, list[next]) {
		return ""
	}
	return " // guards " + f.Singleton.Vars[0].Obj.Name()
}

// fieldName returns a name for a new field, after the lazy one: no field or
// method of the type has it, promoted ones included.
func (f *fieldDraft) fieldName(suffix string) string {
	want := f.Singleton.Vars[0].Obj.Name() + suffix
	name := want
	for n := 2; ; n++ {
		obj, _, _ := types.LookupFieldOrMethod(types.NewPointer(f.owner.Type()), true, f.pkg.Types, name)
		if obj == nil {
			return name
		}
		name = want + strconv.Itoa(n)
	}
}

// base returns the value, as it is written, whose field a is: s in s.index.
// ok is false where it is more than a variable that keeps its value.
func (f *fieldDraft) base(a *detect.Access) (text string, ok bool) {
	if a.Base.Root == nil || a.In == nil {
		return "", false
	}
	root, isVar := a.Base.Root.(*types.Var)
	if !isVar || assignedIn(f.pkg.Info, root, a.In.Outermost().Body().List, root.Pos()) {
		return "", false
	}
	return root.Name(), a.Base.Path == ""
}

// callsField returns a call, in what the statements of fn may run, of a
// function that is kept in a field: whoever put it there may have it come back.
func (f *fieldDraft) callsField(fn *detect.Func, stmts []ast.Stmt) ast.Node {
	var found ast.Node
	for _, n := range codeRun(f.fx, stmts) {
		ast.Inspect(n, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok || found != nil {
				return found == nil
			}
			if v, isVar := calleeIn(f.pkg.Info, call).(*types.Var); isVar && v.IsField() {
				found = call
			}
			return true
		})
	}
	return found
}

// sameBase reports whether a and b are about the same value.
func sameBase(a, b *detect.Access) bool {
	return a.Base.Root != nil && a.Base.Root == b.Base.Root && a.Base.Path == b.Base.Path
}
