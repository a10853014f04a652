package rewrite

import (
	"go/ast"
	"regexp"
	"slices"
	"strings"

	"github.com/singletonfix/singletonfix/detect"
)

// inOrderFor returns the strategies in the order in which they are tried for
// s. Where a reset is to be added, a Once, which cannot be reset, comes last.
func inOrderFor(s *detect.Singleton, opts Options) []*Strategy {
	if !opts.AddReset || hasReset(s) {
		return Strategies
	}
	order := slices.DeleteFunc(slices.Clone(Strategies), func(st *Strategy) bool { return st == once })
	return append(order, once)
}

// extras adds to the plan what is asked for beside the fix, and what there is
// to say about the comments that stay.
func (d *draft) extras() {
	d.staleComments()
	if d.opts.AddReset {
		d.addReset()
	}
	if d.opts.Doc {
		d.documentAll()
	}
}

// getter returns the function that is there to fill the singleton and hand it
// out; nil where it is filled in the middle of another one.
func (d *draft) getter() *detect.Func {
	name := d.Singleton.Getter()
	if name == "" {
		return nil
	}
	for _, f := range d.fx.Funcs {
		if f.Decl != nil && !f.File.Test && f.PlainName() == name {
			return f
		}
	}
	return nil
}

// documentAll says in the doc comments of the getter and of the resets what
// callers can rely on now.
func (d *draft) documentAll() {
	if f := d.getter(); f != nil {
		d.documentFunc(f, d.getterSentence(f))
	}
	for _, f := range d.Singleton.Resets {
		if f.Decl != nil && !f.File.Test && d.onlyAbout(f) {
			d.documentFunc(f, d.resetSentence())
		}
	}
}

// saysSafe matches comments that say already whether concurrent calls are fine.
var saysSafe = regexp.MustCompile(`(?i)concurren|(thread|goroutine)[ -]?safe|safe for (use|parallel)|from (several|multiple|many) (goroutines|threads)`)

// documentFunc adds a sentence to the doc comment of f. A function that nobody
// else can see, and that has no comment, gets none.
func (d *draft) documentFunc(f *detect.Func, sentence string) {
	doc := f.Decl.Doc.Text()
	switch {
	case doc == "" && !ast.IsExported(f.Decl.Name.Name):
	case saysSafe.MatchString(doc):
	default:
		d.edit(Edit{Op: Document, At: f.Decl, Code: sentence})
		d.Says = append(d.Says, sentence, f.Decl.Name.Name+strings.TrimPrefix(sentence, "It"))
	}
}

// getterSentence says what callers of the getter f can rely on.
func (d *draft) getterSentence(f *detect.Func) string {
	if isRegistry(d.Singleton) {
		return "It is safe for concurrent use: the value of each key is built once."
	}
	text := "It is safe for concurrent use: the value is built once"
	if len(d.Singleton.Resets) > 0 || len(d.empty) > 0 && d.opts.AddReset {
		text += " until it is reset"
	}
	if d.returnsError(f) {
		switch {
		case d.Singleton.Pattern == "lost-once-error" || d.Strategy == oncevalueName || d.Strategy == "once":
			return text + ", and its error is kept."
		}
		return text + ", and a failure is tried again by the next call."
	}
	return text + "."
}

const oncevalueName = "oncevalue"

func (d *draft) returnsError(f *detect.Func) bool {
	results := f.Type().Results
	if results == nil || len(results.List) == 0 {
		return false
	}
	return isError(d.pkg.Info.TypeOf(results.List[len(results.List)-1].Type))
}

func (d *draft) resetSentence() string {
	if name := d.Singleton.Getter(); name != "" && !strings.Contains(name, ".") {
		return "It is safe for concurrent use, also while " + name + " is called."
	}
	return "It is safe for concurrent use."
}

// onlyAbout reports whether f does nothing that is not about the singleton:
// every statement uses it, or what one of them took from it.
func (d *draft) onlyAbout(f *detect.Func) bool {
	for _, s := range f.Body().List {
		about := isReturn(s)
		for _, v := range d.Singleton.Vars {
			about = about || len(within(v.Accesses, s)) > 0
		}
		if m := d.Singleton.Mutex; m != nil {
			about = about || len(within(m.Accesses, s)) > 0
		}
		if !about {
			return false
		}
	}
	return true
}
