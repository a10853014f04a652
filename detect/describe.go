package detect

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"
)

// Harm returns what can go wrong, as the end of a sentence: the first
// sentence below the title of p's documentation, or the title.
func (p *Pattern) Harm() string {
	text := p.Title()
	if parts := strings.SplitN(strings.TrimSpace(p.Doc), "\n\n", 3); len(parts) > 1 && !strings.HasSuffix(parts[1], ":") {
		text = strings.Join(strings.Fields(parts[1]), " ")
	}
	text, _, _ = strings.Cut(text, ". ")
	return lowerFirst(strings.TrimSuffix(text, "."))
}

func lowerFirst(s string) string {
	if len(s) < 2 || s[1] >= 'A' && s[1] <= 'Z' {
		return s // empty, or an abbreviation
	}
	return strings.ToLower(s[:1]) + s[1:]
}

// PatternNamed returns the pattern of that name, or nil.
func PatternNamed(name string) *Pattern {
	for _, p := range Patterns {
		if p.Name == name {
			return p
		}
	}
	return nil
}

// InTests reports whether s is a singleton of the tests: declared in a test
// file, or filled only there.
func (s *Singleton) InTests() bool {
	if s.Vars[0].File.namedTest() {
		return true
	}
	for _, site := range s.Sites {
		if !site.Func.File.namedTest() {
			return false
		}
	}
	return len(s.Sites) > 0
}

// namedTest goes by the name, as Test is off where a caller wants to see what
// a test would be as any other code.
func (f *File) namedTest() bool { return strings.HasSuffix(f.Name, "_test.go") }

// Getter returns the name of the function that is there to fill s and hand
// it out, or "" where s is filled in the middle of another function.
func (s *Singleton) Getter() string {
	for _, site := range s.Sites {
		if site.isGetter() {
			return site.Func.PlainName()
		}
	}
	if value, registry := s.Managed(); value || registry {
		if gets := s.Facts.managedGets(s.Vars[0]); len(gets) > 0 && gets[0].In != nil {
			return gets[0].In.PlainName()
		}
	}
	if len(s.Sites) > 0 || s.Once == nil {
		return ""
	}
	for _, a := range s.Once.Accesses {
		if a.In != nil && a.In.Decl != nil && a.Kind == Address {
			return a.In.PlainName() // calls Do
		}
	}
	return ""
}

// isGetter reports whether the function of s does nothing but fill the
// variable and return: what else stands in it are locks, copies and returns.
func (s *Site) isGetter() bool {
	if s.Func.Decl == nil {
		return false // a literal has no name to call it by
	}
	for _, stmt := range s.Func.Decl.Body.List {
		if stmt == s.Stmt || slices.Contains(s.Block, stmt) {
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

// PlainName returns the name of f as people say it: Get, Store.Get, or that
// of the function around a literal, or of the variable that it is the value of.
func (f *Func) PlainName() string {
	f = f.Outermost()
	if f.Decl == nil {
		if spec, ok := f.Cur.Parent().Node().(*ast.ValueSpec); ok {
			if _, i := f.Cur.ParentEdge(); i < len(spec.Names) {
				return spec.Names[i].Name
			}
		}
		return "function literal"
	}
	if f.Decl.Recv == nil || len(f.Decl.Recv.List) == 0 {
		return f.Decl.Name.Name
	}
	recv := f.Decl.Recv.List[0].Type
	if star, ok := recv.(*ast.StarExpr); ok {
		recv = star.X
	}
	return types.ExprString(stripIndex(recv)) + "." + f.Decl.Name.Name
}
