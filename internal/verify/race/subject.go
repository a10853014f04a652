package race

import (
	"fmt"
	"go/types"
	"slices"
	"unicode"
	"unicode/utf8"

	"github.com/singletonfix/singletonfix/detect"
)

// A subject is a singleton and the functions that its test calls.
type subject struct {
	singleton *detect.Singleton
	name      string    // of the test, without Test and Benchmark
	getter    *target   // fills it
	others    []*target // fill or read it too
	resets    []*target // empty or replace it
	lasting   error     // why it cannot be emptied between two rounds; nil if it can
	tuning    tuning
	failing   string   // the error that every call returns here; "" if one succeeds
	unfilled  bool     // the calls leave its variable empty
	made      []string // files that were made for it
	answers   []answer // of the code as it was, called alone
}

// A target is a function that a test calls.
type target struct {
	fn    *detect.Func
	sig   *types.Signature
	value int // the result that is the singleton's value, -1 if there is none
	err   int // the result that is an error, -1 if there is none
}

// newSubject finds out what there is to call. The error says why the
// singleton's code cannot be run.
func newSubject(s *detect.Singleton) (*subject, error) {
	sub := &subject{singleton: s}
	for _, f := range fillers(s) {
		tgt, err := newTarget(s, f)
		if err != nil {
			return nil, err
		}
		if sub.getter == nil || f.PlainName() == s.Getter() {
			sub.others = appendTarget(sub.others, sub.getter)
			sub.getter = tgt
			continue
		}
		sub.others = appendTarget(sub.others, tgt)
	}
	if sub.getter == nil {
		return nil, fmt.Errorf("no function that fills %s can be called", s.Vars[0].Name())
	}
	sub.addUsers()
	sub.preferValue()
	sub.name = "Race" + testName(sub.getter.fn.PlainName())
	return sub, nil
}

// preferValue has a function take the getter's place that calls it and hands
// out the value, where the getter itself hands out none.
func (sub *subject) preferValue() {
	if sub.getter.value >= 0 {
		return
	}
	for i, tgt := range sub.others {
		if tgt.value >= 0 && slices.Contains(upwards(sub.getter.fn), tgt.fn) {
			sub.getter, sub.others[i] = tgt, sub.getter
			return
		}
	}
}

// appendTarget appends tgt unless it is nil or there already.
func appendTarget(list []*target, tgt *target) []*target {
	if tgt == nil || slices.ContainsFunc(list, func(have *target) bool { return have.fn == tgt.fn }) {
		return list
	}
	return append(list, tgt)
}

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

// addUsers adds the resets and what else reads or writes the variables while
// goroutines share them. What cannot be called is left out: the test then
// says less, and nothing wrong.
func (sub *subject) addUsers() {
	s := sub.singleton
	for _, f := range s.Resets {
		for _, f := range entries(f) {
			if tgt, err := newTarget(s, f); err == nil && f != sub.getter.fn {
				sub.resets = appendTarget(sub.resets, tgt)
			}
		}
	}
	for _, v := range s.Vars {
		for _, a := range v.Accesses {
			if a.In == nil || a.Phase != detect.Shared || a.File.Test {
				continue
			}
			for _, f := range entries(a.In) {
				sub.addUser(f)
			}
		}
	}
}

func (sub *subject) addUser(f *detect.Func) {
	is := func(tgt *target) bool { return tgt.fn == f }
	if is(sub.getter) || slices.ContainsFunc(sub.resets, is) || f.Phase != detect.Shared {
		return
	}
	if tgt, err := newTarget(sub.singleton, f); err == nil {
		sub.others = appendTarget(sub.others, tgt)
	}
}

// newTarget looks at the signature of f. The error says why f cannot be called.
func newTarget(s *detect.Singleton, f *detect.Func) (*target, error) {
	if f.Decl != nil && f.Decl.Recv == nil && (f.Decl.Name.Name == "main" || f.Decl.Name.Name == "init" || f.Decl.Name.Name == "_") {
		return nil, fmt.Errorf("%s is filled in the middle of %s, which a test cannot call", s.Vars[0].Name(), f.Decl.Name.Name)
	}
	tgt := &target{fn: f, value: -1, err: -1}
	info := s.Facts.Pkg.Info
	switch {
	case f.Obj != nil:
		tgt.sig = f.Obj.Signature()
	case f.Lit != nil && s.Facts.Pkg.Types.Scope().Lookup(f.PlainName()) != nil:
		tgt.sig, _ = info.TypeOf(f.Lit).(*types.Signature)
	}
	if tgt.sig == nil {
		return nil, fmt.Errorf("%s is filled in a function literal that has no name", s.Vars[0].Name())
	}
	if err := touches(s.Facts, f); err != nil {
		return nil, err
	}
	if tgt.sig.TypeParams().Len() > 0 || tgt.sig.RecvTypeParams().Len() > 0 {
		return nil, fmt.Errorf("%s has type parameters", f.PlainName())
	}
	tgt.results(s)
	return tgt, nil
}

// results finds the results that are an error and the singleton's value: the
// first that has the type of one of its variables, or the only one there is.
func (tgt *target) results(s *detect.Singleton) {
	var values []int
	i := 0
	for v := range tgt.sig.Results().Variables() {
		if types.Identical(v.Type(), types.Universe.Lookup("error").Type()) {
			tgt.err = i
		} else {
			values = append(values, i)
		}
		i++
	}
	for _, i := range values {
		if isValueOf(s, tgt.sig.Results().At(i).Type()) {
			tgt.value = i
			return
		}
	}
	if len(values) == 1 && tgt.fn.PlainName() == s.Getter() {
		tgt.value = values[0]
	}
}

// isValueOf reports whether t is the type of one of s's variables, or of what
// a registry holds.
func isValueOf(s *detect.Singleton, t types.Type) bool {
	for _, v := range s.Vars {
		if v.Field != "" {
			continue // the whole variable has another type
		}
		have := v.Obj.Type()
		if m, ok := have.Underlying().(*types.Map); ok && types.Identical(m.Elem(), t) {
			return true
		}
		if types.Identical(have, t) || types.Identical(pointedTo(have), t) {
			return true
		}
	}
	return false
}

// pointedTo returns *T for an atomic.Pointer[T], t for others.
func pointedTo(t types.Type) types.Type {
	named, ok := types.Unalias(t).(*types.Named)
	if !ok || typeName(t) != "sync/atomic.Pointer" {
		return t
	}
	return types.NewPointer(named.TypeArgs().At(0))
}

// testName returns the name of a function as part of the name of a test:
// Get, ServerGet.
func testName(plain string) string {
	name, start := "", true
	for _, r := range plain {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			start = true
			continue
		}
		if start {
			r = unicode.ToUpper(r)
		}
		name, start = name+string(r), false
	}
	if first, _ := utf8.DecodeRuneInString(name); unicode.IsDigit(first) {
		return "N" + name
	}
	return name
}
