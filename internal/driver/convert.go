package driver

import (
	"go/ast"
	"go/token"
	"go/types"
	"path/filepath"
	"slices"
	"strings"

	"github.com/singletonfix/singletonfix/detect"
	"github.com/singletonfix/singletonfix/internal/report"
	"github.com/singletonfix/singletonfix/rewrite"
)

// convert returns f as the report shows it.
func (r *run) convert(l *look, f *finding) *report.Singleton {
	pkg := l.pkg
	s := f.singleton
	first := s.Vars[0]
	out := &report.Singleton{
		ID:         idOf(pkg, s),
		Package:    pkg.Path,
		Var:        first.Name(),
		Scope:      scope(s),
		Type:       typeOf(pkg, first),
		Pattern:    s.Pattern,
		Verdict:    "unsafe",
		Risk:       s.Risk.String(),
		Position:   r.position(pkg.Fset, first.Obj.Pos()),
		Getter:     s.Getter(),
		Reasons:    r.notes(pkg.Fset, s.Reasons),
		Evidence:   r.notes(pkg.Fset, s.Evidence),
		Guarantees: report.Guarantees{Before: guarantee(s), After: f.after},
		Assumed:    pkg.Assumed,
	}
	for _, v := range s.Vars {
		out.Vars = append(out.Vars, v.Name())
	}
	for _, fn := range s.Resets {
		out.Resets = append(out.Resets, fn.PlainName())
	}
	if s.Safe {
		out.Verdict = "safe"
		return out
	}
	out.Fix = r.fixOf(l, f)
	return out
}

// fixOf returns the fix of an unsafe singleton, or why there is none.
func (r *run) fixOf(l *look, f *finding) *report.Fix {
	fix := &report.Fix{}
	if f.plan != nil {
		fix.Strategy, fix.Obligations, fix.Notes = f.plan.Strategy, f.plan.Obligations, f.plan.Notes
		fix.Status = report.Available
		if f.plan.Review {
			fix.Status = report.Review
		}
		if f.problem == nil {
			r.measure(l, f, fix)
			if f.untested != "" {
				fix.Notes = append(slices.Clip(fix.Notes), "its race test is not written: "+f.untested)
			}
		}
	}
	fix.Proof = f.proof
	switch {
	case f.problem != nil:
		fix.Status = report.Failed
		fix.Refusal = r.failure(l.pkg, f)
	case f.refusal != nil:
		fix.Status = report.Refused
		fix.Refusal = r.refusal(l.pkg, f)
	}
	return fix
}

// refusal returns why there is no plan, at what stands in the way, or at the
// variable where that is no one place.
func (r *run) refusal(pkg *detect.Package, f *finding) *report.Note {
	at := f.refusal.Pos
	if !at.IsValid() {
		at = f.singleton.Vars[0].Obj.Pos()
	}
	return &report.Note{Code: string(f.refusal.Reason), Message: f.refusal.Message, Position: r.position(pkg.Fset, at)}
}

// failure returns what is wrong with the plan.
func (r *run) failure(pkg *detect.Package, f *finding) *report.Note {
	n := &report.Note{Code: string(rewrite.VerifyFailed), Message: f.problem.Message}
	if f.problem.Pos.IsValid() {
		n.Position = r.place(f.problem.Pos)
	} else {
		n.Position = r.position(pkg.Fset, f.singleton.Vars[0].Obj.Pos())
	}
	return n
}

// measure says which files the fix changes, and by how much. A plan that
// cannot be carried out is found out here, also in a run that only reports.
func (r *run) measure(l *look, f *finding, fix *report.Fix) {
	changes, problem := apply(l, []*rewrite.Plan{f.plan})
	if problem != nil {
		f.problem = problem
		return
	}
	for _, c := range changes {
		added, removed := report.LineDelta(c.Before, c.After)
		fix.LinesAdded += added
		fix.LinesRemoved += removed
		name := r.rel(c.File.Name)
		fix.Files = append(fix.Files, name)
		if r.opts.Changes {
			fix.Changes = append(fix.Changes, report.FileChange{Name: name, Before: c.Before, After: c.After})
		}
	}
}

func (r *run) notes(fset *token.FileSet, notes []detect.Note) []report.Note {
	var out []report.Note
	for _, n := range notes {
		note := report.Note{Code: n.Code, Message: n.Message}
		if n.Pos.IsValid() {
			note.Position = r.position(fset, n.Pos)
		}
		out = append(out, note)
	}
	return out
}

// position returns pos as the file has it, whatever a //line comment says:
// that is the file that an editor opens and that a fix changes.
func (r *run) position(fset *token.FileSet, pos token.Pos) report.Position {
	return r.place(fset.PositionFor(pos, false))
}

func (r *run) place(p token.Position) report.Position {
	return report.Position{File: r.rel(p.Filename), Line: p.Line, Column: p.Column}
}

// rel returns name relative to the working directory, with slashes.
func (r *run) rel(name string) string { return Rel(r.opts.Dir, name) }

// Rel returns name relative to dir, with slashes, or name where that cannot be.
func Rel(dir, name string) string {
	rel, err := filepath.Rel(dir, name)
	if err != nil {
		return filepath.ToSlash(name) // on another volume
	}
	return filepath.ToSlash(rel)
}

func scope(s *detect.Singleton) string {
	if s.Vars[0].Owner != nil {
		return "field"
	}
	if _, registry := s.Managed(); registry {
		return "registry"
	}
	for _, site := range s.Sites {
		if site.Key != nil {
			return "registry"
		}
	}
	return "package"
}

// typeOf returns the type of v as its declaration spells it, or as other
// files of the package would; "" where it is not known.
func typeOf(pkg *detect.Package, v *detect.Variable) string {
	if spelled := spelledType(v); spelled != nil && v.Field == "" {
		return types.ExprString(spelled)
	}
	typ := v.Obj.Type()
	for _, field := range fields(v.Field) {
		typ = fieldType(typ, field)
	}
	text := types.TypeString(typ, func(p *types.Package) string {
		if p == pkg.Types {
			return ""
		}
		return p.Name()
	})
	if strings.Contains(text, "invalid type") {
		return "" // of a package that was not loaded
	}
	return text
}

// spelledType returns the type in v's declaration, or nil.
func spelledType(v *detect.Variable) (typ ast.Expr) {
	if v.Owner == nil {
		return v.Spec.Type
	}
	ast.Inspect(v.File.Syntax, func(n ast.Node) bool {
		if f, ok := n.(*ast.Field); ok {
			for _, name := range f.Names {
				if name.Pos() == v.Obj.Pos() {
					typ = f.Type
				}
			}
		}
		return typ == nil
	})
	return typ
}

func fields(path string) []string {
	if path == "" {
		return nil
	}
	return strings.Split(path, ".")
}

// fieldType returns the type of a field of typ, or the invalid type.
func fieldType(typ types.Type, name string) types.Type {
	if p, ok := typ.Underlying().(*types.Pointer); ok {
		typ = p.Elem()
	}
	if st, ok := typ.Underlying().(*types.Struct); ok {
		for f := range st.Fields() {
			if f.Name() == name {
				return f.Type()
			}
		}
	}
	return types.Typ[types.Invalid]
}
