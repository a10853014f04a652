package rewrite

import (
	"fmt"
	"go/parser"
	"go/token"
	"regexp"

	"github.com/dave/dst"
	"github.com/dave/dst/decorator"
)

// holeMark makes an identifier of a hole's name, so that Code parses.
const holeMark = "singletonfix_hole_"

var holeName = regexp.MustCompile(`\$([A-Za-z_][A-Za-z0-9_]*)`)

// parseCode parses prefix + code + suffix, with holes as identifiers, and
// gives packages the names that they have in the file of s.
func (w *workspace) parseCode(s *step, prefix, suffix string) (*dst.File, error) {
	src := "package p\n\n" + prefix + holeName.ReplaceAllString(s.edit.Code, holeMark+"$1") + suffix
	file, err := decorator.NewDecorator(token.NewFileSet()).ParseFile("", src, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return nil, fmt.Errorf("new code %q: %w", s.edit.Code, err)
	}
	dst.Inspect(file, func(n dst.Node) bool {
		sel, ok := n.(*dst.SelectorExpr)
		if !ok {
			return true
		}
		if id, ok := sel.X.(*dst.Ident); ok {
			id.Name = s.packageName(id.Name)
		}
		return true
	})
	return file, nil
}

// stmtCode returns the statements of the edit's Code, its holes filled.
func (w *workspace) stmtCode(s *step) ([]dst.Stmt, error) {
	file, err := w.parseCode(s, "func _() {\n", "\n}\n")
	if err != nil {
		return nil, err
	}
	body := file.Decls[0].(*dst.FuncDecl).Body
	if err := w.fill(s, body); err != nil {
		return nil, err
	}
	if len(body.List) == 0 && len(comments(body.Decs.Lbrace)) > 0 {
		return nil, fmt.Errorf("new code %q has no statement", s.edit.Code)
	}
	return body.List, nil
}

// exprCode returns the expression or type of the edit's Code, its holes filled.
func (w *workspace) exprCode(s *step) (dst.Expr, error) {
	file, err := w.parseCode(s, "var _ = ", "\n")
	if err != nil {
		return nil, err
	}
	gen, ok := file.Decls[0].(*dst.GenDecl)
	if !ok || len(file.Decls) > 1 || len(gen.Specs[0].(*dst.ValueSpec).Values) != 1 {
		return nil, fmt.Errorf("new code %q is no expression", s.edit.Code)
	}
	spec := gen.Specs[0].(*dst.ValueSpec)
	if err := w.fill(s, spec); err != nil {
		return nil, err
	}
	return spec.Values[0], nil
}

// declCode returns the declarations of the edit's Code, its holes filled.
func (w *workspace) declCode(s *step) ([]dst.Decl, error) {
	file, err := w.parseCode(s, "", "\n")
	if err != nil {
		return nil, err
	}
	if err := w.fill(s, file); err != nil {
		return nil, err
	}
	return file.Decls, nil
}
