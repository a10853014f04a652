package rewrite

import (
	"fmt"
	"maps"
	"slices"

	"golang.org/x/tools/go/analysis"

	"github.com/singletonfix/singletonfix/detect"
)

// suggest adds to the diagnostics of found the fixes that can be offered, and
// to the others why there is none.
//
// A driver may apply all of them at once, merging their edits. So a fix is
// offered only if it is right alone and with the ones in front of it; the
// others come up when those have been applied.
func (u *analyzed) suggest(o *analyzerOptions, found []*detect.Singleton, diagnostics []*analysis.Diagnostic) {
	if !u.fixable() {
		return
	}
	plans := make([]*Plan, len(found))
	for i, s := range found {
		plan, refusal := u.choose(o, s)
		if refusal != nil {
			u.relate(diagnostics[i], detect.Note{Message: refusal.Message, Pos: refusal.Pos}, "no fix: "+string(refusal.Reason)+": ")
			continue
		}
		plans[i] = plan
	}
	fixes := u.fixes(plans)
	var all fix
	var offered []*Plan
	for i, f := range fixes {
		if f == nil {
			continue // refused, or the command line says what is wrong with it
		}
		together, ok := merged(all, f)
		ok = ok && !slices.ContainsFunc(offered, plans[i].meets)
		offered = append(offered, plans[i])
		if !ok || len(offered) > 1 && u.prove(together, offered) != nil {
			offered = offered[:len(offered)-1]
			u.relate(diagnostics[i], detect.Note{Message: "it does not go together with the fixes in front of it; apply them first"}, "no fix yet: ")
			continue
		}
		all = together
		diagnostics[i].SuggestedFixes = []analysis.SuggestedFix{{
			Message:   fmt.Sprintf("Make %s safe for concurrent use (%s)", plans[i].name(), plans[i].Strategy),
			TextEdits: u.textEdits(f),
		}}
	}
}

// fixes returns the fix of each plan that can be carried out and is proved
// right alone, and nil for the others.
func (u *analyzed) fixes(plans []*Plan) []fix {
	fixes := make([]fix, len(plans))
	for i, p := range plans {
		if p != nil {
			fixes[i] = u.fix(p)
		}
	}
	u.shareImports(fixes)
	for i, f := range fixes {
		if f != nil && u.prove(f, plans[i:i+1]) != nil {
			fixes[i] = nil
		}
	}
	return fixes
}

// choose plans the fix of s. A plan that needs a reviewer's eye, unless asked
// for, or that other packages would see is taken back.
func (u *analyzed) choose(o *analyzerOptions, s *detect.Singleton) (*Plan, *Refusal) {
	for _, v := range s.Vars {
		switch {
		case v.Owner != nil:
			return nil, refuse(NoForm, v.Obj.Pos(), "the strategies are for package variables, and this is a field")
		case v.Obj.Exported():
			return nil, refuse(Exported, v.Obj.Pos(), "%s is exported, and its users in other packages are not seen here", v.Name())
		}
	}
	plan, refusal := Choose(s, Options{Strategy: o.strategy})
	if refusal != nil {
		return nil, refusal
	}
	if plan.Review && !o.review {
		return nil, refuse("review", s.Vars[0].Obj.Pos(), "the fix deserves a reviewer's eye; -review-fixes suggests it")
	}
	return plan, nil
}

// A fix is the change of each file, by name.
type fix map[string][]splice

// fix carries p out in memory; nil if that cannot be done.
func (u *analyzed) fix(p *Plan) fix {
	changes, err := Apply(u.pkg, []*Plan{p})
	if err != nil {
		return nil
	}
	f := make(fix)
	for _, c := range changes {
		f[c.File.Name] = lineSplices(c.Before, c.After)
	}
	return f
}

// merged returns f and g as one fix; ok is false where they change the same lines.
func merged(f, g fix) (_ fix, ok bool) {
	both := maps.Clone(f)
	if both == nil {
		both = make(fix)
	}
	for name, splices := range g {
		if both[name], ok = mergeSplices(both[name], splices); !ok {
			return nil, false
		}
	}
	return both, true
}

// textEdits returns f as go/analysis has it.
func (u *analyzed) textEdits(f fix) []analysis.TextEdit {
	var edits []analysis.TextEdit
	for _, file := range u.pkg.Files {
		start := file.Syntax.FileStart
		tok := u.pass.Fset.File(start)
		for _, s := range f[file.Name] {
			edits = append(edits, analysis.TextEdit{Pos: tok.Pos(s.start), End: tok.Pos(s.end), NewText: []byte(s.text)})
		}
	}
	return edits
}
