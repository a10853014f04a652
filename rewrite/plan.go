package rewrite

import (
	"go/ast"
	"go/token"

	"github.com/singletonfix/singletonfix/detect"
)

// Options choose among the strategies. The zero value is the default.
type Options struct {
	Strategy string // name of a Strategy; "" or "auto": the best one whose obligations hold
}

// A Plan says how one singleton is made safe. It changes nothing by itself.
type Plan struct {
	Singleton   *detect.Singleton
	Strategy    string
	Review      bool     // right, but deserves a reviewer's eye
	Obligations []string // what was proved, by name
	Notes       []string // what a reviewer should know
	Edits       []Edit
}

// A Refusal says why no strategy can be proved to keep the program's meaning.
type Refusal struct {
	Reason  Reason
	Message string    // one sentence, for a Go programmer
	Pos     token.Pos // what stands in the way
}

// A Change is one file before and after.
type Change struct {
	File          *detect.File
	Before, After []byte
}

// An Op says what an Edit does.
type Op int

const (
	// ReplaceStmts puts Code in the place of the statements At..Last of one block.
	ReplaceStmts Op = iota
	// ReplaceExpr puts Code in the place of the expression At.
	ReplaceExpr
	// InsertBefore and InsertAfter put Code beside the statement, the
	// declaration or the spec At; At itself stays.
	InsertBefore
	InsertAfter
	// Delete removes the statement, declaration, spec, or name of a spec At.
	Delete
)

// An Edit is one change of the syntax, as data. New code is given as Go
// source with holes: $name stands for nodes of the old code that are moved
// there, with their comments and with whatever other edits do to them.
type Edit struct {
	Op    Op
	At    ast.Node // of the package's syntax
	Last  ast.Node // the last of a run of statements; nil: only At
	Code  string
	Holes map[string][]ast.Node
	// Imports are the import paths that Code needs; the package names in Code
	// are their default names, which Apply replaces where a file calls them otherwise.
	Imports []string
	// CommentsTo gets the comments of what a Delete removes: a statement, a
	// declaration or a spec. nil stands for the neighbour in the same block or
	// group; the comments of a whole declaration then stay where they are.
	CommentsTo ast.Node
}
