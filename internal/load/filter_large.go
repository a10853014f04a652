package load

import (
	"go/ast"
	"maps"
)

// largePackage is how many bytes of Go make a package whose syntax is not
// held in memory as a whole only to find out that it need not be.
const largePackage = 2 << 20

// mayHoldLarge reports whether the package of a directory may hold a
// candidate, as mayHoldCandidate does, file by file: of each the function
// bodies are forgotten once they are read. Where something is wrong with a file
// it says yes.
func (s *Set) mayHoldLarge(dir string, mod *module, code []string, atomics bool) bool {
	f := newFilter(nil)
	f.partial, f.atomics = true, atomics
	for _, name := range code {
		one := newFolder(dir, mod)
		s.addFiles(one, []string{name})
		if len(one.errs) > 0 {
			return true
		}
		for _, file := range one.files {
			file.Src, file.Syntax.Comments = nil, nil
			f.files = append(f.files, file)
			f.addPieces(file.Syntax)
		}
	}
	f.settle()
	return f.mayHold()
}

// addPieces adds the declarations of a file, and drops the bodies of functions.
func (f *filter) addPieces(file *ast.File) {
	n := len(f.pieces)
	for _, decl := range file.Decls {
		f.declare(decl)
	}
	for _, p := range f.pieces[n:] {
		f.readBody(p)
		if decl, ok := p.decl.(*ast.FuncDecl); ok {
			decl.Body = nil
		}
	}
}

// settle makes up for what was not known while bodies were read, now that all
// declarations are.
func (f *filter) settle() {
	f.partial = false
	f.findSyncing()
	noVar := func(name string, _ bool) bool { return f.vars[name] == nil }
	for _, p := range f.pieces {
		for _, call := range p.methods {
			if f.setters[call.method] {
				p.filled[call.root] = true
			}
		}
		maps.DeleteFunc(p.filled, noVar)
		maps.DeleteFunc(p.written, noVar)
		maps.DeleteFunc(p.names, func(name string, _ bool) bool { return f.called[name] == nil })
	}
}
