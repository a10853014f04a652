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
		ID:         pkg.Path + "." + first.Name(),
		Package:    pkg.Path,
		Var:        first.Name(),
		Scope:      scope(s),
		Type:       typeOf(pkg, first),
		Pattern:    s.Pattern,
		Verdict:    "unsafe",
		Risk:       s.Risk.String(),
		Position:   r.position(pkg.Fset, first.Obj.Pos()),
		Getter:     getter(s),
		Reasons:    r.notes(pkg.Fset, s.Reasons),
		Evidence:   r.notes(pkg.Fset, s.Evidence),
		Guarantees: report.Guarantees{Before: before(s), After: after(s, f.plan)},
		Assumed:    pkg.Assumed,
	}
	for _, v := range s.Vars {
		out.Vars = append(out.Vars, v.Name())
	}
	for _, fn := range s.Resets {
		out.Resets = append(out.Resets, funcName(fn))
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
		}
	}
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
		fix.Files = append(fix.Files, r.rel(c.File.Name))
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

// getter returns the name of the function that is there to fill s and hand
// it out, or "" where s is filled in the middle of another function.
func getter(s *detect.Singleton) string {
	for _, site := range s.Sites {
		if isGetter(site) {
			return funcName(site.Func)
		}
	}
	if len(s.Sites) > 0 || s.Once == nil {
		return ""
	}
	for _, a := range s.Once.Accesses {
		if a.In != nil && a.In.Decl != nil && a.Kind == detect.Address {
			return funcName(a.In) // calls Do
		}
	}
	return ""
}

// isGetter reports whether the function of site does nothing but fill the
// variable and return: what else stands in it are locks, copies and returns.
func isGetter(site *detect.Site) bool {
	if site.Func.Decl == nil {
		return false // a literal has no name to call it by
	}
	for _, stmt := range site.Func.Decl.Body.List {
		if stmt == site.Stmt || slices.Contains(site.Block, stmt) {
			continue
		}
		switch stmt := stmt.(type) {
		case *ast.ReturnStmt, *ast.DeferStmt, *ast.DeclStmt:
			continue
		case *ast.AssignStmt:
			if stmt.Tok == token.DEFINE {
				continue // a local copy
			}
		case *ast.ExprStmt:
			if isLocking(stmt.X) {
				continue
			}
		}
		return false
	}
	return true
}

// isLocking reports whether e is a call of a method of a mutex or a Once.
func isLocking(e ast.Expr) bool {
	call, ok := e.(*ast.CallExpr)
	if !ok {
		return false
	}
	sel, ok := call.Fun.(*ast.SelectorExpr)
	return ok && slices.Contains([]string{"Lock", "Unlock", "RLock", "RUnlock", "Do"}, sel.Sel.Name)
}

// funcName returns the name of fn as people say it: Get, Store.Get, or that
// of the function around a literal.
func funcName(fn *detect.Func) string {
	for fn.Decl == nil {
		if fn.Parent == nil {
			return "func literal"
		}
		fn = fn.Parent
	}
	if fn.Decl.Recv == nil || len(fn.Decl.Recv.List) == 0 {
		return fn.Decl.Name.Name
	}
	recv := fn.Decl.Recv.List[0].Type
	if star, ok := recv.(*ast.StarExpr); ok {
		recv = star.X
	}
	switch x := recv.(type) {
	case *ast.IndexExpr:
		recv = x.X
	case *ast.IndexListExpr:
		recv = x.X
	}
	return types.ExprString(recv) + "." + fn.Decl.Name.Name
}
