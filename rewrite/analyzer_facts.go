package rewrite

import (
	"fmt"
	"go/types"
	"strings"

	"golang.org/x/tools/go/analysis"

	"github.com/singletonfix/singletonfix/detect"
)

// An effectFact says of an exported function what the packages that call it
// need to know.
type effectFact struct{ Effect detect.Effect }

func (*effectFact) AFact() {}

func (f *effectFact) String() string {
	text := ""
	if l := f.Effect.Lock; l != nil {
		text = l.Op + " of " + strings.TrimSuffix(l.Path+"."+l.Var+"."+l.Sel, ".")
	}
	if f.Effect.Starts != nil {
		text += fmt.Sprintf(" starts %v", f.Effect.Starts)
	}
	return text
}

// A fillFact says of an exported function that it fills unsafe singletons
// which nothing in their package, or below it, uses concurrently.
type fillFact struct{ Fills []fill }

type fill struct{ Var, Pattern string }

func (*fillFact) AFact() {}

func (f *fillFact) String() string { return fmt.Sprintf("fills %v", f.Fills) }

// imported returns what the facts say of a function of another package.
func (u *analyzed) imported(f *types.Func) *detect.Effect {
	fact := new(effectFact)
	if !u.pass.ImportObjectFact(f, fact) {
		return nil
	}
	return &fact.Effect
}

// exportEffects hands on what importers need to know of the package's functions.
func (u *analyzed) exportEffects(fx *detect.Facts) {
	for f, e := range fx.Effects() {
		u.pass.ExportObjectFact(f, &effectFact{*e})
	}
}

// exportFills hands on which exported functions fill the singletons of found
// that are not critical by what is seen here. It is for the module at work:
// of others, nobody here can do anything about it.
func (u *analyzed) exportFills(found []*detect.Singleton) {
	if m := u.pass.Module; m == nil || m.Version != "" {
		return
	}
	fills := make(map[*types.Func][]fill)
	var order []*types.Func
	for _, s := range found {
		if s.Risk >= detect.Critical {
			continue
		}
		for _, f := range s.Fillers() {
			if fills[f] == nil {
				order = append(order, f)
			}
			fills[f] = append(fills[f], fill{s.Vars[0].Name(), s.Pattern})
		}
	}
	for _, f := range order {
		u.pass.ExportObjectFact(f, &fillFact{fills[f]})
	}
}

// reportReached reports each singleton of another package that a goroutine of
// this one fills, where it does so first: what is of medium risk to the one
// is critical to both.
func (u *analyzed) reportReached(o *analyzerOptions, fx *detect.Facts) {
	said := make(map[string]bool)
	for _, r := range fx.ReachedElsewhere() {
		fact := new(fillFact)
		if !u.pass.ImportObjectFact(r.Func, fact) {
			continue
		}
		for _, f := range fact.Fills {
			name := r.Func.Pkg().Name() + "." + f.Var
			p := detect.PatternNamed(f.Pattern)
			if said[name] || p == nil || !o.asks(f.Pattern) || fx.Pkg.Suppresses(r.Call.Pos(), f.Pattern) {
				continue
			}
			said[name] = true
			u.pass.Report(u.reached(r, name, p))
		}
	}
}

func (u *analyzed) reached(r detect.Reached, name string, p *detect.Pattern) analysis.Diagnostic {
	d := analysis.Diagnostic{
		Pos:      r.Call.Pos(),
		End:      r.Call.End(),
		Category: p.Name,
		URL:      documentation + "patterns.md#" + p.Name,
		Message:  fmt.Sprintf("%s, filled by %s.%s, is used by a goroutine here and is unsafe: %s [%s, %s]", name, r.Func.Pkg().Name(), r.Func.Name(), p.Harm(), p.Name, detect.Critical),
	}
	u.relate(&d, detect.Note{Message: "it is declared in package " + r.Func.Pkg().Path(), Pos: r.Func.Pos()}, "")
	for _, n := range r.Chain {
		u.relate(&d, n, "risk: ")
	}
	return d
}
