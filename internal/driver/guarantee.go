package driver

import (
	"go/types"
	"slices"

	"github.com/singletonfix/singletonfix/detect"
	"github.com/singletonfix/singletonfix/internal/report"
	"github.com/singletonfix/singletonfix/rewrite"
)

// guarantee returns what callers of s can rely on.
func guarantee(s *detect.Singleton) *report.Guarantee {
	return &report.Guarantee{
		ExactlyOnce: s.BuiltOnce(),
		Published:   published(s),
		Errors:      errorsOf(s),
		ResetSafe:   s.Safe || len(s.Resets) == 0,
		AfterPanic:  afterPanic(s),
		FastPath:    fastPath(s),
	}
}

// published reports whether whoever gets the value sees all of it. What is
// only built twice, or only loses its error, is still handed on in order.
func published(s *detect.Singleton) bool {
	inOrder := []string{"not-tested-again", "two-instances", "lost-error"}
	for _, n := range s.Reasons {
		if !slices.Contains(inOrder, n.Code) {
			return false
		}
	}
	return s.Safe || len(s.Reasons) > 0
}

// afterPanic returns what the call after one that panicked while it filled s does.
func afterPanic(s *detect.Singleton) string {
	switch {
	case s.Pattern == "eager" || s.Pattern == "init-func":
		return "no-start" // the panic ended the program
	case s.Once != nil && returnsOnceFunc(s.Once):
		return "panics-again"
	case s.Once != nil || s.FlagFirst():
		return "nil"
	case s.StaysLocked():
		return "blocks"
	}
	return "retried"
}

// returnsOnceFunc reports whether once is no sync.Once but what
// sync.OnceFunc, OnceValue or OnceValues returned.
func returnsOnceFunc(once *detect.Variable) bool {
	_, ok := once.Obj.Type().Underlying().(*types.Signature)
	return ok
}

// fastPath returns what a call costs that finds the value there.
func fastPath(s *detect.Singleton) string {
	switch {
	case s.Pattern == "eager" || s.Pattern == "init-func":
		return "plain"
	case s.Pattern == "sync-map":
		return "sync-map"
	case len(s.Sites) == 0 && s.Once != nil:
		return "once"
	case len(s.Sites) == 0:
		return "plain"
	}
	site := s.Sites[0]
	switch {
	case site.Read.Atomic != detect.NotAtomic:
		return "atomic"
	case s.Pattern == "singleflight":
		return "singleflight"
	case s.Pattern == "caller-locked":
		return "mutex" // also where not all its callers are in sight
	}
	return lockCost(site.Held)
}

// lockCost returns the dearest way in which one of held is held.
func lockCost(held detect.Locks) string {
	cost := "plain"
	for _, l := range held {
		switch {
		case l.Mode == detect.InOnce || l.Mode == detect.AfterOnce:
			cost = "once"
		case l.Mode == detect.ReadLocked:
			return "rwmutex"
		case l.Mode == detect.Locked && isChannel(l):
			return "channel"
		case l.Mode == detect.Locked:
			return "mutex"
		}
	}
	return cost
}

func isChannel(l detect.Lock) bool {
	_, ok := l.Root.Type().Underlying().(*types.Chan)
	return ok
}

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
	var plans []*rewrite.Plan
	for _, f := range planned {
		plans = append(plans, f.plan)
	}
	changes, problem := apply(l, plans)
	if problem != nil {
		return false
	}
	overlay := map[string][]byte{}
	for _, c := range changes {
		overlay[c.File.Name] = c.After
	}
	checked, err := l.set.Recheck(l.pkg, overlay)
	if err != nil {
		return false
	}
	var found []*detect.Singleton
	if !l.guard("looking at the fixed package", func() { found = detect.Find(checked.Package) }) {
		return false
	}
	for _, f := range planned {
		if s := sameOf(found, f.singleton); s != nil && s.Safe {
			f.after = guarantee(s)
		}
	}
	return true
}

// sameOf returns the one of found that shares a variable with s, by name.
func sameOf(found []*detect.Singleton, s *detect.Singleton) *detect.Singleton {
	for _, v := range s.Vars {
		for _, other := range found {
			for _, w := range other.Vars {
				if w.Name() == v.Name() {
					return other
				}
			}
		}
	}
	return nil
}
