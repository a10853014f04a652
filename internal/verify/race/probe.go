package race

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/format"
	"go/types"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"text/template"
	"time"

	"github.com/singletonfix/singletonfix/detect"
)

// A probe is a test that calls a getter alone, one call after the other, and
// prints what comes back. The code before the fix and the code after it must
// answer alike.
//
// It is only run, never left in a package.

// An answer is what one call of a probe gave.
type answer struct {
	round  int
	call   int    // in its round
	failed bool   // it returned an error
	err    string // the error
	isNil  bool   // the value is nil
	same   bool   // the value is that of the first call of the round that did not fail
	other  bool   // the call had other arguments than those before it
	took   time.Duration
}

var probeTemplate = template.Must(template.New("probe").Parse(probeText))

// probeText prints a line for each call. A value that cannot be told from
// others is never the same.
const probeText = `package {{.Package}}

{{.Imports}}
{{- range .Tests}}

func {{$.Name}}{{.Name}}(t *{{$.Testing}}.T) {
	for round := 0; round < {{.Rounds}}; round++ {
		{{- range .Fresh}}
		{{.}}
		{{- end}}
		var first {{$.Any}}
		for n, call := range []func() ({{$.Any}}, error){
			{{- range .Calls}}
			func() (value {{$.Any}}, err error) { {{.}}; return value, err },
			{{- end}}
		} {
			start := {{$.Time}}.Now()
			value, err := call()
			took := {{$.Time}}.Since(start)
			if first == nil && err == nil {
				first = value
			}
			{{$.Fmt}}.Printf("\n` + probeMark + ` %d %d %v %v %v %d %q\n", round, n, err != nil, {{$.IsNil}}(value), {{$.Same}}(first, value), took, {{$.Fmt}}.Sprint(err))
		}
	}
	{{$.Fmt}}.Printf("\n` + probeMark + ` end, filled: %v\n", {{.Filled}})
	{{- $fresh := .Fresh}}
	{{- $shared := .Shared}}
	{{- range $k, $call := .Others}}
	func() {
		defer func() {
			if recover() != nil {
				{{$.Fmt}}.Println("\n` + probeMark + ` other {{$k}} panics")
			}
		}()
		{{- range $fresh}}
		{{.}}
		{{- end}}
		{{- if $shared}}
		_ = {{$shared}}
		{{- end}}
		{{$call}}
	}()
	{{- end}}
	{{- if .Resets}}
	func() {
		defer func() { recover() }()
		{{- range .Fresh}}
		{{.}}
		{{- end}}
		for n := 0; n < 2; n++ {
			{{.Call}}
			for m := 0; m < 2; m++ {
				{{- range .Resets}}
				{{.}}
				{{- end}}
			}
		}
	}()
	{{- end}}
}
{{- end}}

func {{.IsNil}}(v {{.Any}}) bool {
	r := {{.Reflect}}.ValueOf(v)
	switch r.Kind() {
	case {{.Reflect}}.Invalid:
		return true
	case {{.Reflect}}.Map, {{.Reflect}}.Slice, {{.Reflect}}.Func, {{.Reflect}}.Ptr, {{.Reflect}}.Chan:
		return r.IsNil()
	}
	return false
}

func {{.Same}}(v, w {{.Any}}) bool {
	r, s := {{.Reflect}}.ValueOf(v), {{.Reflect}}.ValueOf(w)
	if r.Kind() != s.Kind() {
		return false
	}
	switch r.Kind() {
	case {{.Reflect}}.Invalid:
		return true
	case {{.Reflect}}.Map, {{.Reflect}}.Slice, {{.Reflect}}.Func:
		return r.Pointer() == s.Pointer()
	}
	return r.Type() == s.Type() && r.Type().Comparable() && v == w
}
`

// A probePage is what the file of probes is made of.
type probePage struct {
	Package, Imports, Any       string
	Name, IsNil, Same           string
	Testing, Time, Fmt, Reflect string
	Tests                       []*probeCase
}

type probeCase struct {
	*testCase
	Calls  []string
	Filled string // a condition
	Shared string // the variable of the shared value; "" if there is none
	Others []string
	Resets []string
}

// probeMark opens the lines that a probe prints.
const probeMark = "singletonfix-probe:"

// probes returns the file of probes for the tests of a page.
func (job *Job) probes(p *page, subs []*subject, after bool) ([]byte, error) {
	pkg := job.version(after)
	im := newImports(pkg)
	name := func(base string) string { return free(base, job.Before, job.After) }
	page := &probePage{
		Package: p.Package, Any: p.Any,
		Name: name(probeName), IsNil: name("probedIsNil"), Same: name("probedSame"),
		Testing: im.use("testing", "testing"), Time: im.use("time", "time"), Fmt: im.use("fmt", "fmt"), Reflect: im.use("reflect", "reflect"),
	}
	for i, sub := range subs {
		c := &probeCase{testCase: p.Tests[i]}
		var err error
		m := job.maker(sub, after, im, 1)
		if c.Calls, err = sub.probeCalls(m, job.maker(sub, after, im, 2)); err != nil {
			return nil, err
		}
		c.Others, c.Resets = texts(sub.others, m), texts(sub.resets, m) // with imports of this file
		c.Shared = m.shared
		c.Filled = filled(pkg, sub.singleton, page.Reflect)
		page.Tests = append(page.Tests, c)
	}
	page.Imports = im.String()
	var buf bytes.Buffer
	if err := probeTemplate.Execute(&buf, page); err != nil {
		return nil, fmt.Errorf("write the probe: %w", err)
	}
	src, err := format.Source(buf.Bytes())
	if err != nil {
		return nil, fmt.Errorf("write the probe: %w\n%s", err, buf.Bytes())
	}
	return src, nil
}

// probeName opens the names of probes.
const probeName = "TestSingletonfixProbe"

// probeCalls returns the calls of a round: three alike, and one with other
// arguments where there are any.
func (sub *subject) probeCalls(first, second *maker) ([]string, error) {
	call, err := sub.getter.text(first)
	if err != nil {
		return nil, err
	}
	calls := []string{call, call, call}
	if sub.tuning.args {
		other, err := sub.getter.text(second)
		if err != nil {
			return nil, err
		}
		calls = append(calls, other)
	}
	for i, call := range calls {
		calls[i] = sub.getter.answer(call)
	}
	return calls, nil
}

// answer returns the statement that puts what a call returns into value and err.
func (tgt *target) answer(call string) string {
	if tgt.value < 0 && tgt.err < 0 {
		return call
	}
	return tgt.names("value", "err") + " = " + call
}

var probeLine = regexp.MustCompile(`(?m)^` + probeMark + ` (\d+) (\d+) (\w+) (\w+) (\w+) (\d+) (".*")$`)

// filled returns a condition that holds when the variable of s holds a value,
// as far as that can be seen; reflect is the name of that package.
func filled(pkg *detect.Package, s *detect.Singleton, reflect string) string {
	v := s.Vars[0]
	if v.Owner != nil {
		return "true" // who knows of which value
	}
	if obj, ok := pkg.Types.Scope().Lookup(v.Obj.Name()).(*types.Var); !ok || v.Field == "" && !types.Identical(obj.Type(), v.Obj.Type()) || v.Field != "" {
		return "true" // it looks otherwise now
	}
	if _, ok := v.Obj.Type().Underlying().(*types.Map); ok {
		return "len(" + v.Obj.Name() + ") > 0"
	}
	return "!" + reflect + ".ValueOf(&" + v.Obj.Name() + ").Elem().IsZero()"
}

var otherLine = regexp.MustCompile(`(?m)^` + probeMark + ` other (\d+) panics$`)

// A probed is what a probe printed.
type probed struct {
	answers []answer
	ended   bool  // it came to its end
	filled  bool  // the variable held a value then
	panics  []int // which of the other functions panic when there is no value
}

func readProbe(out string) probed {
	var answers []answer
	for _, m := range probeLine.FindAllStringSubmatch(out, -1) {
		round, _ := strconv.Atoi(m[1])
		call, _ := strconv.Atoi(m[2])
		took, _ := strconv.ParseInt(m[6], 10, 64)
		text, _ := strconv.Unquote(m[7])
		answers = append(answers, answer{
			round: round, call: call, other: call == 3, failed: m[3] == "true", isNil: m[4] == "true", same: m[5] == "true",
			took: time.Duration(took), err: text,
		})
	}
	var panics []int
	for _, m := range otherLine.FindAllStringSubmatch(out, -1) {
		k, _ := strconv.Atoi(m[1])
		panics = append(panics, k)
	}
	return probed{answers, strings.Contains(out, "\n"+probeMark+" end"), !strings.Contains(out, "\n"+probeMark+" end, filled: false"), panics}
}

// tune lowers what the test asks for to what the answers show.
func (sub *subject) tune(answers []answer) {
	slowest := time.Duration(0)
	for _, a := range answers {
		slowest = max(slowest, a.took)
		if a.failed {
			continue
		}
		switch {
		case a.other:
			sub.tuning.args = sub.tuning.args && a.same
		case !a.same:
			sub.tuning.value = false
		}
		if a.isNil {
			sub.tuning.notNil = false
		}
	}
	if sub.failing != "" {
		sub.tuning.value, sub.tuning.notNil = false, false // there is none
	}
	sub.tuning.args = sub.tuning.args && sub.tuning.value
	if slowest > 0 {
		most := int(time.Second / slowest) // of constructions
		sub.tuning.rounds = max(1, min(sub.tuning.rounds, most))
	}
}

// answersDiffer says what is different in what the fixed code answers when
// nothing is concurrent; "" if nothing is.
func answersDiffer(before, after []answer) string {
	for _, a := range before {
		i := slices.IndexFunc(after, func(b answer) bool { return b.round == a.round && b.call == a.call })
		if i < 0 {
			continue // it was not asked any more
		}
		switch b := after[i]; {
		case a.failed != b.failed:
			return fmt.Sprintf("call %d returned the error %q, and now %q", a.call+1, a.err, b.err)
		case a.isNil != b.isNil:
			return fmt.Sprintf("call %d gave nil: %v, and now: %v", a.call+1, a.isNil, b.isNil)
		case a.same != b.same:
			return fmt.Sprintf("call %d gave the value of the first call: %v, and now: %v", a.call+1, a.same, b.same)
		}
	}
	return ""
}

// order has the functions that panic when there is no value, by their places
// among the others, called after the getter. Where one of the others takes
// single values out, there may be none then either, and they are not called.
func (sub *subject) order(panics []int) {
	var first, later []*target
	for k, tgt := range sub.others {
		if slices.Contains(panics, k) {
			later = append(later, tgt)
		} else {
			first = append(first, tgt)
		}
	}
	sub.others = first
	if !slices.ContainsFunc(first, sub.deletes) {
		sub.later = append(sub.later, later...)
	}
}

// deletes reports whether tgt deletes from a map that is the value.
func (sub *subject) deletes(tgt *target) bool {
	info := sub.singleton.Facts.Pkg.Info
	for _, v := range sub.singleton.Vars {
		for _, a := range v.Accesses {
			call, ok := a.Cur.Parent().Node().(*ast.CallExpr)
			if a.In != tgt.fn || !ok {
				continue
			}
			if f, ok := ast.Unparen(call.Fun).(*ast.Ident); ok && info.Uses[f] == types.Universe.Lookup("delete") {
				return true
			}
		}
	}
	return false
}
