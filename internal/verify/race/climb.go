package race

import (
	"slices"

	"github.com/singletonfix/singletonfix/detect"
)

// fillers returns the functions that callers call to have s filled, in source
// order: where one expects a lock to be held, those that hold it.
func fillers(s *detect.Singleton) []*detect.Func {
	var found []*detect.Func
	for _, site := range s.Sites {
		found = append(found, callable(site.Func)...)
	}
	if len(found) == 0 && s.Once != nil {
		for _, a := range s.Once.Accesses {
			if a.In != nil && (a.Kind == detect.Address || a.Kind == detect.Read) {
				found = append(found, callable(a.In)...)
			}
		}
	}
	slices.SortFunc(found, func(a, b *detect.Func) int { return int(a.Pos() - b.Pos()) })
	return slices.Compact(found)
}

// callable returns what to call to have f run: f's declaration, or its
// callers where it relies on a lock that they hold.
func callable(f *detect.Func) []*detect.Func {
	return climb(f, nil, func(f *detect.Func) bool { return len(f.Entry) == 0 })
}

// entries returns what other packages and goroutines call to have f run: a
// helper may rely on more than a lock.
func entries(f *detect.Func) []*detect.Func {
	return climb(f, nil, func(f *detect.Func) bool {
		return len(f.Entry) == 0 && (f.Exported() || len(f.Values) > 0 || len(upwards(f)) < len(f.Callers))
	})
}

// climb returns f's declaration, or those of its callers that come first on
// each way up and are fit.
func climb(f *detect.Func, seen []*detect.Func, fit func(*detect.Func) bool) []*detect.Func {
	f = f.Outermost()
	if slices.Contains(seen, f) || f.File.Test {
		return nil
	}
	callers := upwards(f)
	if fit(f) || len(callers) == 0 {
		return []*detect.Func{f}
	}
	var found []*detect.Func
	for _, c := range callers {
		found = append(found, climb(c, append(seen, f), fit)...)
	}
	return found
}

// upwards returns the functions that call f in their own goroutine. One that
// is passed on, started, or called by a test comes first itself.
func upwards(f *detect.Func) []*detect.Func {
	var callers []*detect.Func
	for _, c := range f.Callers {
		if c.Caller == nil || c.Caller.File.Test || c.Mode == detect.Passed || c.Mode == detect.Started {
			continue
		}
		callers = append(callers, c.Caller)
	}
	return callers
}
