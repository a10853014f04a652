package load

import (
	"go/ast"
	"go/token"
	"maps"
	"slices"
	"strings"

	"github.com/singletonfix/singletonfix/detect"
)

// mayHoldCandidate reports whether the files of one package may hold a
// singleton, by syntax alone. It takes names for what they may mean anywhere
// in the package, so that the answer errs towards yes; a no is certain.
//
// It asks what a sketch asks, of one function at a time: one that tests a
// variable must fill it, or lead to one that does.
func mayHoldCandidate(files []*detect.File) bool { return readFilter(files).mayHold() }

// readFilter returns the filter of the files of a package.
func readFilter(files []*detect.File) *filter {
	f := newFilter(files)
	if len(f.vars) == 0 {
		return f
	}
	f.atomics = f.imports(func(path string) bool { return path == "sync/atomic" })
	f.findSyncing()
	for _, p := range f.pieces {
		f.readBody(p)
	}
	return f
}

// mayHold answers for the files whose bodies were read.
func (f *filter) mayHold() bool {
	if len(f.vars) == 0 {
		return false
	}
	if f.importsManager() {
		return true // its values fill themselves
	}
	f.findDead()
	syncs := f.importsSync()
	for name, spec := range f.vars {
		if f.maybeReady(name, spec) || syncs && f.maybeGuarded(spec) || f.maybeLazy(name) {
			return true
		}
	}
	return syncs && f.maybeLocalOnce()
}

// A filter knows a package by the names in it.
type filter struct {
	files    []*detect.File
	vars     map[string]*ast.ValueSpec // package variables
	setters  map[string]bool           // methods that assign a part of their receiver
	atomics  bool                      // the package may have atomics
	syncing  map[string]bool           // types that are, or hold, a Once or a Map
	pieces   []*piece                  // in source order
	called   map[string][]int          // name of a function or variable, or of a method behind a dot -> pieces that it may run
	filled   map[string]bool           // see fills
	returned map[string]bool           // variables that are all that some function returns
	started  map[string]bool           // names of what go statements call
	pointed  map[string]bool           // names of what addresses are taken of
	asked    *interest                 // see interest
	partial  bool                      // bodies are read before all declarations are known
}

// A piece is a declaration with code in it: a function, or variables.
type piece struct {
	decl    ast.Decl
	names   map[string]bool            // all names in it, selected ones behind a dot
	tested  map[string]bool            // names in its conditions
	copies  map[string]map[string]bool // local variable -> package variables in what it is given
	filled  map[string]bool            // package variables that it gives a value, or may
	written map[string]bool            // those of them that it assigns, or an element of
	decides map[string]bool            // names in the result of a function that only returns
	onces   map[string]bool            // what it calls a method Do of
	literal bool                       // there is a function literal in it
	own     map[string]bool            // names that are no package's anywhere in its body
	dead    bool                       // nothing runs it but tests
	methods []methodOf                 // what it calls, where it is not known yet which of them are setters
}

// A methodOf is a method that is called on a variable, or on a part of it.
type methodOf struct{ root, method string }

func newFilter(files []*detect.File) *filter {
	f := &filter{
		files:    files,
		vars:     make(map[string]*ast.ValueSpec),
		setters:  make(map[string]bool),
		syncing:  make(map[string]bool),
		called:   make(map[string][]int),
		returned: make(map[string]bool),
		started:  make(map[string]bool),
		pointed:  make(map[string]bool),
	}
	for _, file := range files {
		for _, decl := range file.Syntax.Decls {
			f.declare(decl)
		}
	}
	return f
}

func (f *filter) declare(decl ast.Decl) {
	p := &piece{decl: decl}
	i := len(f.pieces)
	switch decl := decl.(type) {
	case *ast.FuncDecl:
		if isSetter(decl) {
			f.setters[decl.Name.Name] = true
		}
		if name := calledAs(decl); name != "init" { // which nobody calls
			f.called[name] = append(f.called[name], i)
		}
	case *ast.GenDecl:
		if decl.Tok != token.VAR {
			return
		}
		for _, spec := range decl.Specs {
			spec := spec.(*ast.ValueSpec)
			for _, name := range spec.Names {
				if name.Name != "_" {
					f.vars[name.Name] = spec
					f.called[name.Name] = append(f.called[name.Name], i)
				}
			}
		}
	}
	f.pieces = append(f.pieces, p)
}

// calledAs returns the name by which code may call a function, with a dot in
// front of it if it is a method's.
func calledAs(decl *ast.FuncDecl) string {
	if decl.Recv != nil {
		return "." + decl.Name.Name
	}
	return decl.Name.Name
}

// isSetter reports whether a method assigns a part of its receiver.
func isSetter(decl *ast.FuncDecl) bool {
	if decl.Recv == nil || decl.Body == nil || len(decl.Recv.List) == 0 || len(decl.Recv.List[0].Names) == 0 {
		return false
	}
	self := decl.Recv.List[0].Names[0].Name
	found := false
	ast.Inspect(decl.Body, func(n ast.Node) bool {
		if s, ok := n.(*ast.AssignStmt); ok {
			for _, lhs := range s.Lhs {
				found = found || rootName(lhs) == self
			}
		}
		return !found
	})
	return found
}

// maybeLazy reports whether some function may test the variable and then fill it.
func (f *filter) maybeLazy(name string) bool {
	if !f.fills()[name] {
		return false
	}
	predicates := f.predicates(name)
	for i, p := range f.pieces {
		if p.tests(name, predicates) && f.leadsTo(i, maxHelpers, func(q *piece) bool { return q.filled[name] }) {
			return true
		}
	}
	return false
}

// fills returns the variables that any piece fills.
func (f *filter) fills() map[string]bool {
	if f.filled == nil {
		f.filled = make(map[string]bool)
		for _, p := range f.pieces {
			maps.Copy(f.filled, p.filled)
		}
	}
	return f.filled
}

// predicates returns the functions whose answer may be a test of the variable.
func (f *filter) predicates(name string) map[string]bool {
	found := make(map[string]bool)
	for grown := true; grown; {
		grown = false
		for callee, pieces := range f.called {
			if found[callee] {
				continue
			}
			for _, i := range pieces {
				if d := f.pieces[i].decides; d[name] || intersect(d, found) {
					found[callee], grown = true, true
				}
			}
		}
	}
	return found
}

// findDead finds the functions that no code of the package mentions: what
// they test themselves, nobody tests. A literal in one is taken for live.
func (f *filter) findDead() {
	mentioned := make(map[string]int)
	for _, p := range f.pieces {
		for name := range p.names {
			mentioned[name]++
		}
	}
	for _, p := range f.pieces {
		decl, ok := p.decl.(*ast.FuncDecl)
		if !ok || p.literal || decl.Recv != nil || decl.Name.IsExported() || hasDirective(decl) {
			continue
		}
		switch decl.Name.Name {
		case "_", "init", "main":
		default:
			p.dead = mentioned[decl.Name.Name] == 1 // it mentions itself: it is declared
		}
	}
}

// hasDirective reports whether a comment may let somebody else call the function.
func hasDirective(decl *ast.FuncDecl) bool {
	return decl.Doc != nil && slices.ContainsFunc(decl.Doc.List, func(c *ast.Comment) bool {
		return strings.HasPrefix(c.Text, "//go:") || strings.HasPrefix(c.Text, "//export ")
	})
}

// tests reports whether p may test the variable: in a condition of its own,
// by a copy of it, or by calling a predicate.
func (p *piece) tests(name string, predicates map[string]bool) bool {
	may := !p.dead && !p.own[name]
	if may && p.tested[name] || intersect(p.tested, predicates) {
		return true
	}
	for local, from := range p.copies {
		if p.tested[local] && (may && from[name] || intersect(from, predicates)) {
			return true
		}
	}
	return false
}

func intersect(a, b map[string]bool) bool {
	if len(a) > len(b) {
		a, b = b, a
	}
	for name := range a {
		if b[name] {
			return true
		}
	}
	return false
}

// maxHelpers is how many calls may lie between a test and what it leads to.
// detect follows no more than four.
const maxHelpers = 5

// leadsTo reports whether a piece, or one that it may run by so many calls of
// calls, is as wanted.
func (f *filter) leadsTo(from, depth int, wanted func(*piece) bool) bool {
	seen := make([]bool, len(f.pieces))
	seen[from] = true
	for level := []int{from}; len(level) > 0 && depth >= 0; depth-- {
		var next []int
		for _, i := range level {
			if wanted(f.pieces[i]) {
				return true
			}
			for name := range f.pieces[i].names {
				for _, j := range f.called[name] {
					if !seen[j] {
						seen[j] = true
						next = append(next, j)
					}
				}
			}
		}
		level = next
	}
	return false
}
