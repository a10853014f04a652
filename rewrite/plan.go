package rewrite

import (
	"go/ast"
	"go/token"

	"github.com/singletonfix/singletonfix/detect"
)

// Options choose among the strategies. The zero value is the default.
type Options struct {
	Strategy string // name of a Strategy; "" or "auto": the best one whose obligations hold
	// Manager is the import path of the package of the manager strategy, as
	// [ManagerFiles] gives it; "" where there can be none.
	Manager string
	// AddReset also adds a reset, unexported, to a singleton that has none.
	AddReset bool
	// OtherBuilds says that files which build constraints leave out are no
	// obstacle: whoever asks has the same plan in the builds that have them.
	OtherBuilds bool
	// Doc also says in the doc comments of getter and resets what they guarantee.
	Doc bool
}

// A Plan says how one singleton is made safe. It changes nothing by itself.
type Plan struct {
	Singleton   *detect.Singleton
	Strategy    string
	Review      bool     // right, but deserves a reviewer's eye
	Obligations []string // what was proved, by name
	Notes       []string // what a reviewer should know
	Edits       []Edit
	Says        []string      // what the edits add as comments, each in one line
	Outside     []OutsideEdit // what changes in other packages
	Builds      []Change      // and in files that are part of other builds: see [Options]
	// Manager is the import path of the package that the edits use and that
	// has to be there: see [ManagerFiles]. "" where they use none.
	Manager string
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
	// declaration or the spec At; At itself stays. Beside a spec, Code is a
	// declaration, such as var mu sync.Mutex: in parentheses it becomes a spec,
	// else a line of its own without a blank one in between. Behind a field of
	// a struct, Code is a struct type, whose fields are inserted.
	InsertBefore
	InsertAfter
	// Delete removes the statement, declaration, spec, or name of a spec At.
	// What is inserted beside it takes its place.
	Delete
	// Document adds Code, a sentence, to the doc comment of the function
	// declaration At.
	Document
)

// An Edit is one change of the syntax, as data. New code is given as Go
// source with holes: $name stands for nodes of the old code, statements,
// expressions or fields, with whatever other edits do to them.
//
// Nodes that some edit of the plan takes away move to the first hole that
// names them, with their comments. A copy without comments stands for nodes
// that stay where they are. What is taken away and moves nowhere cannot be
// edited, only deleted. Of two edits of a plan that replace the same
// statement, the first is about what moves, the second about its old place.
//
// Comments around what is replaced stay around the new code. Those inside
// follow the statement that they stood in front of, wherever it moves.
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
