package detect

import (
	"go/ast"
	"go/token"
	"go/types"
)

// A Package is one package as detect looks at it: parsed and type-checked,
// with its in-package test files.
//
// Imports that could not be had are tolerated: what depends on them has an
// invalid type, and Assumed lists them.
type Package struct {
	Path    string // import path, without the suffix of a test variant
	Fset    *token.FileSet
	Files   []*File // in order of name
	Types   *types.Package
	Info    *types.Info
	Assumed []string // import paths whose types were not loaded, sorted
	World   *World   // what is known of the rest of the module; nil: nothing
	// Imported returns what is known of a function of another package, nil if
	// that is nothing. A nil Imported knows nothing.
	Imported func(*types.Func) *Effect
	// Left are the package's files that build constraints leave out, in order
	// of name: no types are known of them. An assembly file has no Syntax.
	Left []*File
}

// A File is one source file of a Package.
type File struct {
	Name      string // as given to the parser
	Syntax    *ast.File
	Src       []byte // the bytes that were parsed
	Test      bool   // name ends in _test.go
	Generated bool   // has the "Code generated ... DO NOT EDIT." line
}

// A World says how the rest of a module uses a package.
type World struct {
	// Program reports whether the module is a program rather than a library:
	// the package in its root folder is main. What a program exports is for
	// itself, so Uses are all there are.
	Program bool
	// InProgram reports whether a package main of the module holds the package.
	// A nil InProgram knows of none.
	InProgram func() bool
	// Uses maps the name of an exported function, method or variable of the
	// package ("Get", "Store.Get") to its uses in other packages of the module.
	Uses map[string][]Use
	// Early returns a call of an exported function, if each program of the
	// module that holds the package makes one while it starts, before it starts
	// anything itself. A nil Early knows of none.
	Early func(name string) (Use, bool)
	// Alone reports whether all that the module shows to lead to an exported
	// function or method is on the goroutine that initialises a program and runs
	// main, and something does. A nil Alone knows of none.
	Alone func(name string) bool
	// Dotted reports whether a file imports the package by a dot, which hides uses.
	Dotted bool
	// Outside returns every use of an exported variable in other packages and in
	// the external test: those of tests and of files that build constraints
	// leave out, too. The error says which file cannot be read. nil: not known.
	Outside func(name string) ([]*OutsideUse, error)
	// Values are those of the uses of an exported type in which it does not
	// stand behind a pointer: a variable of the type, a literal without keys.
	Values map[string][]Use
}

// A UseKind says in what circumstances code of another package uses a function.
type UseKind int

const (
	UsedPlain   UseKind = iota // called, or mentioned, in an ordinary function
	UsedInit                   // called from init or a variable's initialiser
	UsedMain                   // called from func main of a program, outside any function literal
	UsedGo                     // called from a go statement or a registered handler
	UsedTesting                // called from a test file
)

// A Use is one use of an exported function in another package.
type Use struct {
	Kind UseKind
	In   string // the function that contains the use
	Pos  token.Position
	At   token.Pos // the same in the Package's FileSet
	Via  bool      // the Kind is that of the function that contains it: main does not use it itself
	// Chain says why the use is on a goroutine, outermost first, as far as
	// types prove it; nil where only the syntax was looked at.
	Chain []Note
}

// File returns the file of p that holds pos, or nil.
func (p *Package) File(pos token.Pos) *File {
	for _, f := range p.Files {
		if f.Syntax.FileStart <= pos && pos <= f.Syntax.FileEnd {
			return f
		}
	}
	return nil
}
