package rewrite

import (
	"go/ast"
	"go/types"
	"strings"
)

// A sharedFunc is a function that an extraction has made of its block. Other
// functions with the same block call it too.
type sharedFunc struct {
	name string
	key  string // what the block does, and what it needs and gives
	out  *built
}

// share lets a call of the function that another guard's block became take the
// place of this guard; false if none does the same.
func (e *extraction) share(params, args []string, need, fails bool) bool {
	key := e.shareKey(params, need, fails)
	for _, s := range e.funcs {
		if key == "" || s.key != key {
			continue
		}
		for _, a := range e.in(nodes(e.block)...) {
			e.done[a] = true
		}
		e.paramNote(e.g, e.moved())
		e.call(s.name+"("+strings.Join(args, ", ")+")", s.out, need, fails)
		return true
	}
	return false
}

// shareKey returns what two blocks have in common that one function can stand
// for: their text, but for what their functions return beside an error. It is
// "" for a block that no other one can stand for: comments would be lost.
func (e *extraction) shareKey(params []string, need, fails bool) string {
	if e.newErr != nil {
		return "" // assigned for the code around
	}
	first, last := e.block[0], e.block[len(e.block)-1]
	for _, c := range e.pkg.File(first.Pos()).Syntax.Comments {
		if first.Pos() < c.Pos() && c.Pos() < last.End() {
			return ""
		}
	}
	beside := map[ast.Expr]string{}
	if e.failure == nil {
		for _, ret := range e.returns {
			for _, r := range ret.Results[:len(ret.Results)-1] {
				beside[r] = ""
			}
		}
	}
	key := []string{strings.Join(params, ", ")}
	if need {
		key = append(key, "value")
	}
	if fails {
		key = append(key, "error")
	}
	for i, s := range e.block {
		if e.failure != nil && i == e.failureAt() {
			continue // stays where it is
		}
		key = append(key, plainTokens(e.source(s, beside))...)
		key = append(key, e.imported(s)...)
	}
	return strings.Join(key, "\n")
}

// plainTokens returns the tokens of text, without the commas that are left of
// return 0, err when the 0 is taken away.
func plainTokens(text string) []string {
	var tokens []string
	for _, t := range tokensOf(units(text)) {
		if t == "," && len(tokens) > 0 && tokens[len(tokens)-1] == "return" {
			continue
		}
		tokens = append(tokens, t)
	}
	return tokens
}

// imported returns the packages that s names: another file may call others so.
func (e *extraction) imported(s ast.Stmt) []string {
	var paths []string
	ast.Inspect(s, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok {
			if pkg, ok := e.pkg.Info.Uses[id].(*types.PkgName); ok {
				paths = append(paths, pkg.Imported().Path())
			}
		}
		return true
	})
	return paths
}
