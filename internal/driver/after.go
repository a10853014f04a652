package driver

import (
	"slices"

	"github.com/singletonfix/singletonfix/detect"
	"github.com/singletonfix/singletonfix/internal/report"
)

// setAfter notes what callers can rely on once the planned fixes are carried
// out, by looking at the package as it would then be. A fix that cannot be
// looked at promises nothing.
func (r *run) setAfter(l *look, findings []*finding) {
	var planned []*finding
	for _, f := range findings {
		if f.plan != nil && f.problem == nil {
			planned = append(planned, f)
		}
	}
	if len(planned) == 0 || r.lookAfter(l, planned) || len(planned) == 1 {
		return
	}
	for _, f := range planned {
		r.lookAfter(l, []*finding{f}) // one of them spoils it for all
	}
}

// lookAfter is setAfter for fixes that are carried out together; it reports
// whether that can be done.
func (r *run) lookAfter(l *look, planned []*finding) bool {
	plans := plansOf(planned)
	changes, problem := apply(l, plans)
	if problem != nil {
		return false
	}
	overlay := map[string][]byte{}
	for _, c := range changes {
		overlay[c.File.Name] = c.After
	}
	fixed, err := l.set.RecheckAlone(l.pkg, r.withManager(l, plans, overlay))
	if err != nil {
		return false
	}
	var found []*detect.Singleton
	if !l.guard("looking at the fixed package", func() { found = detect.Find(fixed.Package) }) {
		return false
	}
	for _, f := range planned {
		switch s := sameOf(found, f.singleton); {
		case s == nil:
			f.after = promised(f.singleton, f.plan.Strategy)
		case s.Safe:
			f.after = guarantee(s)
		}
	}
	return true
}

// promised returns what a strategy gives where the fixed code does not show
// a singleton any more: a lone flag, a reset in the getter itself. Errors stay
// what they were.
func promised(s *detect.Singleton, strategy string) *report.Guarantee {
	g := guarantee(s)
	g.ExactlyOnce, g.Published, g.ResetSafe = true, true, true
	switch strategy {
	case "once":
		g.AfterPanic, g.FastPath = "nil", "once"
	case "doublecheck":
		g.AfterPanic, g.FastPath = "retried", "atomic"
	case "mutex":
		g.AfterPanic, g.FastPath = "retried", "mutex"
	default:
		return nil
	}
	return g
}

// sameOf returns the one of found that is s, fixed: it shares a variable with
// s, by name, or fields of one, or else the getter.
func sameOf(found []*detect.Singleton, s *detect.Singleton) *detect.Singleton {
	for _, same := range []func(v, w *detect.Variable) bool{
		func(v, w *detect.Variable) bool { return v.Name() == w.Name() },
		func(v, w *detect.Variable) bool {
			return v.Owner == nil && w.Owner == nil && v.Obj.Name() == w.Obj.Name()
		},
	} {
		for _, v := range s.Vars {
			for _, other := range found {
				if slices.ContainsFunc(other.Vars, func(w *detect.Variable) bool { return same(v, w) }) {
					return other
				}
			}
		}
	}
	for _, other := range found {
		if getter := s.Getter(); getter != "" && other.Getter() == getter {
			return other
		}
	}
	return nil
}
