package driver

import (
	"go/types"
	"slices"

	"github.com/singletonfix/singletonfix/detect"
	"github.com/singletonfix/singletonfix/internal/report"
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
	isValue, isRegistry := s.Managed()
	switch {
	case s.Pattern == "eager" || s.Pattern == "init-func":
		return "plain"
	case s.Pattern == "sync-map" || isRegistry:
		return "sync-map"
	case isValue:
		return "atomic"
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
