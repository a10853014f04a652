package load

import (
	"go/ast"
	"path/filepath"
	"slices"

	"github.com/singletonfix/singletonfix/detect"
)

// A package whose singletons are all safe, as most are, is seen to be so
// without most of its code: by the functions that use a variable which may be
// one, those that lead to them, and what these call that has to do with locks.
// Of the tests, which are as much code as all the rest, only those functions
// count that use such a variable or call what assigns one.
//
// What is left out can only make a singleton look unsafe. Then all of the
// package is looked at.

// inBrief returns u as it is to be looked at first: of its folder's tests only
// what may matter to safe singletons.
func (s *Set) inBrief(u *unit) *unit {
	f := u.folder.clone()
	f.files = slices.Clone(f.files)
	n := len(f.files)
	s.addFiles(f, s.concerned(f))
	for _, file := range f.files[n:] {
		f.later.trim(file.Syntax)
	}
	u.folder.dropped = f.later.dropBodies()
	f.xtest, f.name = nil, ""
	f.settle()
	return &unit{folder: f, path: u.path, files: f.files}
}

// concerned returns the names of those test files of f that may matter.
func (s *Set) concerned(f *folder) []string {
	v := surveyors.Get().(*surveyor)
	defer surveyors.Put(v)
	var names []string
	for _, name := range f.tests {
		src, err := v.read(s.cfg, filepath.Join(f.dir, name))
		if err == nil && f.later.concerns(src) {
			names = append(names, name)
		}
	}
	return names
}

// An interest is in what the tests of a package do with its variables.
type interest struct {
	vars  map[string]bool // that may be, or belong to, a singleton
	funcs map[string]bool // what it matters of whether a test calls it
}

// interest returns what a test must mention to matter: a variable that may be
// a singleton or be filled beside one, a function that assigns a Once, or one
// that uses such a variable on a goroutine of its own.
func (f *filter) interest() *interest {
	if f.asked != nil {
		return f.asked
	}
	in := &interest{make(map[string]bool), make(map[string]bool)}
	managed := f.importsManager()
	for name, spec := range f.vars {
		in.vars[name] = managed || f.fills()[name] || f.pointed[name] || f.maybeGuarded(spec) || f.maybeReady(name, spec)
	}
	for _, p := range f.pieces {
		for name := range p.written {
			in.vars[name] = true
		}
	}
	for _, p := range f.pieces {
		decl, ok := p.decl.(*ast.FuncDecl)
		if ok && (f.assignsGuarded(p) || f.started[decl.Name.Name] && uses(in.vars, p.names)) {
			in.funcs[decl.Name.Name] = true
		}
	}
	f.asked = in
	return in
}

// assignsGuarded reports whether p assigns a Once, or what may hold one.
func (f *filter) assignsGuarded(p *piece) bool {
	for name := range p.written {
		if spec := f.vars[name]; spec != nil && f.maybeGuarded(spec) {
			return true
		}
	}
	return false
}

// uses reports whether some name is a true key of vars.
func uses(vars, names map[string]bool) bool {
	for name := range names {
		if vars[name] {
			return true
		}
	}
	return false
}

// concerns reports whether a test file mentions what f is interested in. Of
// one that is odd it says yes.
func (f *filter) concerns(src []byte) bool {
	in := f.interest()
	l := lexer{src: src}
	var before lexeme
	for {
		t := l.next()
		switch {
		case t == tokEOF:
			return l.odd
		case t == tokIdent && in.mentioned(string(src[l.start:l.end]), before == tokDot):
			return true
		}
		before = t
	}
}

// mentioned reports whether a name is of interest; that of a variable is not
// where it is selected from something.
func (in *interest) mentioned(name string, selected bool) bool {
	return in.vars[name] && !selected || in.funcs[name]
}

// trim drops the bodies of functions of a test file that f is not interested in.
func (f *filter) trim(file *ast.File) {
	in := f.interest()
	for _, decl := range file.Decls {
		if fn, ok := decl.(*ast.FuncDecl); ok && fn.Body != nil && !in.mentionedIn(fn.Body) {
			fn.Body = nil
		}
	}
}

func (in *interest) mentionedIn(n ast.Node) bool {
	found := false
	ast.Inspect(n, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.SelectorExpr:
			found = found || in.mentioned(n.Sel.Name, true) || in.mentionedIn(n.X)
			return false
		case *ast.Ident:
			found = found || in.mentioned(n.Name, false)
		}
		return !found
	})
	return found
}

// InBrief reports whether a package is shown in brief: good enough where no
// singleton in it is found unsafe.
func (s *Set) InBrief(pkg *detect.Package) bool {
	u := s.unit(pkg)
	return u != nil && u.folder.later != nil
}

// Complete makes of a package that is shown in brief all that it is. It reports
// whether it can still be judged: something may be wrong with its tests.
func (s *Set) Complete(pkg *detect.Package) bool {
	u := s.unit(pkg)
	whole := s.complete(u)
	if whole == nil {
		return false
	}
	pkg.Files, pkg.Types, pkg.Info, pkg.Assumed, pkg.Left = whole.Files, whole.Types, whole.Info, whole.Assumed, whole.Left
	return true
}

// complete loads all of u's package, nil where it cannot be judged, and says
// what is wrong with it.
func (s *Set) complete(u *unit) *detect.Package {
	f := u.folder
	for _, d := range f.dropped {
		d.decl.Body = d.body
	}
	s.addFiles(f, f.tests)
	f.later, f.tests, f.dropped = nil, nil, nil
	f.settle()
	f.xtest = nil // looked at where the run is about tests, and nothing is brief then
	if len(f.errs) > 0 {
		return nil
	}
	u.files = f.files
	pkg, errs := s.checkGuarded(u)
	f.errs = append(f.errs, errs...)
	if isBroken(errs) {
		return nil
	}
	return pkg
}

// checkBriefly type-checks u without what is unlikely to matter, and returns
// what is surely wrong with its code. What is wrong with its tests is said once
// they are read.
func (s *Set) checkBriefly(u *unit) (*detect.Package, []Error) {
	brief := s.inBrief(u)
	pkg, errs := s.checkRaw(brief, nil)
	return pkg, slices.DeleteFunc(ownErrors(brief, errs, pkg), func(e Error) bool { return isTest(e.Pos.Filename) })
}
