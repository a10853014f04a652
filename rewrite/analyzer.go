package rewrite

import (
	"fmt"
	"go/token"
	"runtime/debug"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"

	"github.com/singletonfix/singletonfix/detect"
)

// Analyzer reports unsafe singletons, one diagnostic each, and suggests the
// fixes that lie within one package and change nothing that others can name.
//
// It is for the drivers of go/analysis: go vet, go fix, gopls, golangci-lint,
// nogo. They show it one package at a time, so it knows the code that a
// package imports, by facts, but not the code that imports the package: the
// command line knows both.
var Analyzer = newAnalyzer()

const documentation = "https://github.com/singletonfix/singletonfix/blob/main/docs/"

func newAnalyzer() *analysis.Analyzer {
	flags := new(analyzerFlags)
	a := &analysis.Analyzer{
		Name: "singletonfix",
		Doc: `find lazily initialised singletons that are unsafe for concurrent use

A function that tests a package variable and then fills it, with nothing to
order the two, is a data race: two goroutines may both build the value, or one
may see it half built. The fixes use sync.Once, or an atomic and a mutex.`,
		URL:       documentation + "analyzer.md",
		Run:       flags.run,
		FactTypes: []analysis.Fact{new(effectFact), new(fillFact)},
	}
	flags.register(&a.Flags)
	return a
}

// run looks at the package of a pass.
func (f *analyzerFlags) run(pass *analysis.Pass) (_ any, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("a bug of singletonfix: looking at %s panicked: %v; please report it with this trace\n%s", pass.Pkg.Path(), p, debug.Stack())
		}
	}()
	o, err := f.options()
	if err != nil {
		return nil, err
	}
	u := newAnalyzed(pass)
	fx := detect.BuildFacts(u.pkg)
	found := slices.DeleteFunc(fx.Find(), func(s *detect.Singleton) bool {
		return s.Safe || s.SetUp || s.InTests() || s.Suppressed()
	})
	u.exportEffects(fx)
	u.exportFills(found)
	found = slices.DeleteFunc(found, func(s *detect.Singleton) bool { return s.Risk < o.minRisk || !o.asks(s.Pattern) })
	diagnostics := make([]*analysis.Diagnostic, len(found))
	for i, s := range found {
		diagnostics[i] = u.diagnostic(s)
	}
	u.suggest(o, found, diagnostics)
	for _, d := range diagnostics {
		pass.Report(*d)
	}
	u.reportReached(o, fx)
	return nil, nil
}

// diagnostic returns what is to be said of s, but for its fix.
func (u *analyzed) diagnostic(s *detect.Singleton) *analysis.Diagnostic {
	v := s.Vars[0]
	d := &analysis.Diagnostic{
		Pos:      v.Obj.Pos(),
		End:      v.Obj.Pos() + token.Pos(len(v.Obj.Name())),
		Category: s.Pattern,
		URL:      documentation + "patterns.md#" + s.Pattern,
		Message:  fmt.Sprintf("%s%s is unsafe: %s [%s, %s]", v.Name(), about(s), harm(s), s.Pattern, s.Risk),
	}
	for _, n := range s.Reasons {
		u.relate(d, n, "")
	}
	for _, n := range s.Evidence {
		u.relate(d, n, "risk: ")
	}
	return d
}

// relate adds a note to d. A note that is about no place is shown at d's own.
func (u *analyzed) relate(d *analysis.Diagnostic, n detect.Note, prefix string) {
	pos := n.Pos
	if !pos.IsValid() {
		pos = d.Pos
	}
	d.Related = append(d.Related, analysis.RelatedInformation{Pos: pos, End: pos, Message: prefix + n.Message})
}

// about returns what is to be known of s besides its name, in parentheses.
func about(s *detect.Singleton) string {
	var parts []string
	if g := s.Getter(); g != "" {
		parts = append(parts, "filled by "+g)
	}
	var others []string
	for _, v := range s.Vars[1:] {
		others = append(others, v.Name())
	}
	if len(others) > 0 {
		parts = append(parts, "with "+some(others))
	}
	if len(parts) == 0 {
		return ""
	}
	return " (" + strings.Join(parts, ", ") + ")"
}

// some returns the names, or the first few and the number of the others.
func some(names []string) string {
	const few = 3
	if len(names) <= few+1 {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:few], ", "), len(names)-few)
}

func harm(s *detect.Singleton) string {
	if p := detect.PatternNamed(s.Pattern); p != nil {
		return p.Harm()
	}
	return "goroutines use it without synchronisation"
}

// asks reports whether the flags ask for a pattern.
func (o *analyzerOptions) asks(pattern string) bool {
	return (len(o.only) == 0 || slices.Contains(o.only, pattern)) && !slices.Contains(o.not, pattern)
}
