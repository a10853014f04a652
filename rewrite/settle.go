package rewrite

import (
	"go/ast"
	"go/token"
	"regexp"
	"slices"
	"strings"
)

// settle puts the new variables of the plan where a person would have written
// them: behind all that belongs to the variable, config and configErr, and
// with the directive that keeps the same linter quiet.
func (d *draft) settle() {
	for i := range d.Edits {
		e := &d.Edits[i]
		spec, ok := e.At.(*ast.ValueSpec)
		if !ok || e.Op != InsertAfter || !strings.HasPrefix(e.Code, "var ") || strings.Contains(e.Code, "\n") || d.goes(spec) {
			continue // takes the place of spec, with its comments
		}
		if text := d.quietGlobals(spec); text != "" {
			e.Code += " " + text
			d.Says = append(d.Says, text)
		}
		e.At = d.lastAbout(spec)
	}
}

// goes reports whether the plan takes spec, or one of its names, away.
func (d *draft) goes(spec *ast.ValueSpec) bool {
	return slices.ContainsFunc(d.Edits, func(e Edit) bool { return e.Op == Delete && contains(spec, e.At) })
}

var globals = regexp.MustCompile(`^//nolint(:.*\bgochecknoglobals\b.*)?$`)

// quietGlobals returns the directive by which spec declares a global variable
// though a linter is against those, or "".
func (d *draft) quietGlobals(spec *ast.ValueSpec) string {
	for _, group := range []*ast.CommentGroup{spec.Comment, spec.Doc, d.declOf(spec).Doc} {
		if group == nil {
			continue
		}
		for _, c := range group.List {
			if globals.MatchString(c.Text) {
				return c.Text
			}
		}
	}
	return ""
}

// lastAbout returns the last of the specs that follow spec line by line and
// declare, each, one variable that goes with that of spec.
func (d *draft) lastAbout(spec *ast.ValueSpec) *ast.ValueSpec {
	last := spec
	for _, next := range d.specsBehind(spec) {
		if d.line(next.Pos()) != d.line(last.End())+1 || len(next.Names) != 1 || !goesWith(next.Names[0].Name, spec.Names[0].Name) {
			break
		}
		last = next
	}
	return last
}

var beside = []string{"Err", "Error", "Once", "Mu", "Mutex", "Lock", "Loaded", "Initialized", "Done"}

// goesWith reports whether name is that of something about base: configErr, of config.
func goesWith(name, base string) bool {
	rest, ok := strings.CutPrefix(name, base)
	return ok && slices.Contains(beside, rest)
}

func (d *draft) line(pos token.Pos) int { return d.pkg.Fset.PositionFor(pos, false).Line }

// declOf returns the declaration of the file that spec is part of.
func (d *draft) declOf(spec *ast.ValueSpec) *ast.GenDecl {
	for _, decl := range d.pkg.File(spec.Pos()).Syntax.Decls {
		if gen, ok := decl.(*ast.GenDecl); ok && contains(gen, spec) {
			return gen
		}
	}
	return &ast.GenDecl{} // of a plan that a test made up
}

// specsBehind returns the specs that follow spec: in its group, or in
// declarations of their own.
func (d *draft) specsBehind(spec *ast.ValueSpec) []*ast.ValueSpec {
	var behind []*ast.ValueSpec
	own := d.declOf(spec)
	for _, decl := range d.pkg.File(spec.Pos()).Syntax.Decls {
		gen, ok := decl.(*ast.GenDecl)
		if !ok || gen.Tok != token.VAR || gen != own && (own.Lparen.IsValid() || gen.Lparen.IsValid() || gen.Doc != nil) {
			continue
		}
		for _, s := range gen.Specs {
			if v := s.(*ast.ValueSpec); v.Pos() > spec.Pos() {
				behind = append(behind, v)
			}
		}
	}
	return behind
}
