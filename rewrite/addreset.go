package rewrite

import (
	"go/ast"
	"go/types"
	"regexp"
	"slices"
	"strings"

	"github.com/singletonfix/singletonfix/detect"
)

// hasReset reports whether some function, of the tests perhaps, is there to
// empty or replace the value of s.
func hasReset(s *detect.Singleton) bool {
	if len(s.Resets) > 0 {
		return true
	}
	for _, v := range s.Vars {
		for _, a := range v.Accesses {
			if a.Kind == detect.Write && a.File.Test && a.In != nil && !isTestFunc(a.In.Outermost()) {
				return true
			}
		}
	}
	return false
}

// isTestFunc reports whether the go command calls f: a test, or what else it runs.
func isTestFunc(f *detect.Func) bool {
	if f.Decl == nil || f.Decl.Recv != nil {
		return false
	}
	return slices.ContainsFunc([]string{"Test", "Benchmark", "Fuzz", "Example"}, func(p string) bool {
		return strings.HasPrefix(f.Decl.Name.Name, p)
	})
}

// addReset adds the function that empties the singleton, behind the function
// that fills it, where there is none.
func (d *draft) addReset() {
	if hasReset(d.Singleton) || len(d.Singleton.Sites) == 0 && d.getter() == nil {
		return
	}
	if len(d.empty) == 0 {
		d.note("no reset is added: " + d.whyNoReset())
		return
	}
	at := d.getter()
	if at == nil {
		at = d.Singleton.Sites[0].Func.Outermost()
	}
	if at.Decl == nil {
		return
	}
	name, value := d.resetName(), d.Singleton.Vars[0].Name()
	doc := name + " empties " + value + ", for tests: the next call of " + at.PlainName() + " builds it anew."
	if d.opts.Doc {
		doc += " " + d.resetSentence()
	}
	d.Says = append(d.Says, doc, forTests)
	code := commentLines(doc, 80) + "\n//\n//" + forTests + "\nfunc " + name + "() {\n" + strings.Join(d.empty, "\n") + "\n}"
	d.Edits = slices.Insert(d.Edits, 0, Edit{Op: InsertAfter, At: at.Decl, Code: code})
}

// forTests keeps staticcheck from complaining of a function that no test calls yet.
const forTests = "lint:ignore U1000 for tests"

func (d *draft) whyNoReset() string {
	if d.Strategy == "once" || d.Strategy == oncevalueName {
		return "what a Once has done it cannot do again; doublecheck, mutex and manager can be reset"
	}
	return "what belongs to " + d.Singleton.Vars[0].Name() + " cannot be emptied together with it"
}

// resetName returns a free name for the reset, made as the package makes such
// names: resetInstance, clearInstanceForTest.
func (d *draft) resetName() string {
	verb, suffix := d.resetStyle()
	return d.name(verb + upperFirst(d.Singleton.Vars[0].Obj.Name()) + suffix)
}

var resetFunc = regexp.MustCompile(`^([Rr]eset|[Cc]lear|[Ff]lush|[Uu]nset|[Zz]ap)[A-Z_]?.*?(_?(?:ForTest|ForTests|ForTesting|InTest|InTests|_test))?$`)

// resetStyle returns the verb and the suffix that most functions have which
// empty something, those of the tests too.
func (d *draft) resetStyle() (verb, suffix string) {
	count := make(map[[2]string]int)
	best := [2]string{"reset", ""}
	for _, f := range d.fx.Funcs {
		if f.Decl == nil || f.Decl.Recv != nil {
			continue
		}
		m := resetFunc.FindStringSubmatch(f.Decl.Name.Name)
		if m == nil {
			continue
		}
		style := [2]string{lowerFirst(m[1]), m[2]}
		count[style]++
		if count[style] > count[best] {
			best = style // the first of several with as many
		}
	}
	return best[0], best[1]
}

// canEmpty notes how to empty the atomic variable.
func (x *atomicVar) canEmpty() {
	switch {
	case len(x.values()) > 1 || x.plain:
	case x.managed:
		x.empty = []string{x.clear()}
	default:
		take, _, atEnd := x.lockOps()
		x.empty = []string{take, atEnd, x.clear()}
	}
}

// canEmpty notes how to empty the variables under the mutex.
func (l *locking) canEmpty() {
	lines := []string{l.mu + ".Lock()", "defer " + l.mu + ".Unlock()"}
	for _, v := range l.values() {
		zero := l.emptyValue(v)
		if zero == "" || slices.ContainsFunc(v.Accesses, func(a *detect.Access) bool { return a.Kind == detect.Write && a.Phase == detect.Initial }) {
			return // what init gave it would be lost
		}
		lines = append(lines, v.Name()+" = "+zero)
	}
	l.empty = lines
}

// emptyValue returns what v holds at first, as the package may write it; "" if
// that cannot be told.
func (d *draft) emptyValue(v *detect.Variable) string {
	if value := v.Declared(); value != nil {
		if d.empties(v, value) || isEmptyMake(value) {
			return d.source(value, nil)
		}
		return ""
	}
	typ := v.Obj.Type()
	if v.Field != "" {
		typ = d.pkg.Info.TypeOf(v.Accesses[0].Expr)
	}
	if typ == nil {
		return ""
	}
	if _, ok := typ.Underlying().(*types.Struct); ok && v.Field == "" && v.Spec.Type != nil {
		return d.source(v.Spec.Type, nil) + "{}"
	}
	return zeroOf(typ)
}

// isEmptyMake reports whether e is make(T) or T{}.
func isEmptyMake(e ast.Expr) bool {
	switch x := ast.Unparen(e).(type) {
	case *ast.CompositeLit:
		return len(x.Elts) == 0
	case *ast.CallExpr:
		id, ok := x.Fun.(*ast.Ident)
		return ok && id.Name == "make" && len(x.Args) < 3
	}
	return false
}
