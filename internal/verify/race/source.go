package race

import (
	"bytes"
	"fmt"
	"go/format"
	"text/template"

	"github.com/singletonfix/singletonfix/detect"
)

// FileName is the name of the test that is left in a package.
const FileName = "singleton_race_test.go"

// A page is what a test file is made of.
type page struct {
	Package    string
	Imports    string
	Any        string // the empty interface, as the language version spells it
	Assert     string // what the file calls testify's package assert; "" where the package's tests do without
	Constraint string // what the files of the package are built under; "" for no condition
	Tests      []*testCase

	Together  string // names of the helpers
	Different string
	Reflect   string // what the file calls package reflect; "" if it has no use for it
	Sync      string
	Atomic    string
	Runtime   string
	Testing   string
}

// A testCase is the test of one singleton.
type testCase struct {
	*subject
	Name   string   // RaceGet
	Called string   // Get, as people say it
	Var    string   // the variable
	Empty  string   // the function that empties it; "" if there is none
	Clear  []string // its statements
	Fresh  []string // statements that begin a round: nothing is filled after them
	Begin  []string // those that a benchmark begins with
	Rounds int
	Call   string   // Get()
	Assign string   // got[i] = Get()
	Value  bool     // the value is handed out, and can be told from another
	NotNil string   // a condition that holds when the call failed to give a value; "" if none can be told
	Others []string // further calls
	Later  []string // those that come after the call
	Resets []string
	Bench  bool     // the call can be made in a benchmark
	Args   []string // two assignments with arguments that differ; nil if there are none
}

var pageTemplate = template.Must(template.New("page").Parse(pageText))

// write returns the test file of p, formatted.
func (p *page) write() ([]byte, error) {
	var buf bytes.Buffer
	if err := pageTemplate.Execute(&buf, p); err != nil {
		return nil, fmt.Errorf("write the race test: %w", err)
	}
	src, err := format.Source(buf.Bytes())
	if err != nil {
		return nil, fmt.Errorf("write the race test: %w\n%s", err, buf.Bytes())
	}
	return src, nil
}

const pageText = detect.RaceTestHeader + `// Its tests mean something under the race detector: go test -race.

{{if .Constraint}}//go:build {{.Constraint}}

{{end}}package {{.Package}}

{{.Imports}}
{{- range .Tests}}

// Test{{.Name}} holds that {{.Called}} is safe for concurrent use.
func Test{{.Name}}(t *{{$.Testing}}.T) {
	t.Run("first calls", func(t *{{$.Testing}}.T) {
		{{- if .Value}}
		const goroutines = 20
		most := 0
		for round := 0; round < {{.Rounds}}; round++ {
			{{- range .Fresh}}
			{{.}}
			{{- end}}
			got := make([]{{$.Any}}, goroutines)
			{{$.Together}}(goroutines, func(i int) {
				{{.Assign}}
			})
			if n := {{$.Different}}(got); n > most {
				most = n
			}
		}
		{{- if $.Assert}}
		{{$.Assert}}.LessOrEqualf(t, most, 1, "%d goroutines got %d different values from {{.Called}}, want one", goroutines, most)
		{{- else}}
		if most > 1 {
			t.Errorf("%d goroutines got %d different values from {{.Called}}, want one", goroutines, most)
		}
		{{- end}}
		{{- else}}
		for round := 0; round < {{.Rounds}}; round++ {
			{{- range .Fresh}}
			{{.}}
			{{- end}}
			{{$.Together}}(20, func(int) {
				{{.Call}}
			})
		}
		{{- end}}
	})
	{{- if .Args}}
	t.Run("first arguments win", func(t *{{$.Testing}}.T) {
		{{- range .Fresh}}
		{{.}}
		{{- end}}
		got := make([]{{$.Any}}, 20)
		{{$.Together}}(len(got), func(i int) {
			if i%2 == 0 {
				{{index .Args 0}}
			} else {
				{{index .Args 1}}
			}
		})
		{{- if $.Assert}}
		n := {{$.Different}}(got)
		{{$.Assert}}.LessOrEqualf(t, n, 1, "different arguments gave %d different values, want one", n)
		{{- else}}
		if n := {{$.Different}}(got); n > 1 {
			t.Errorf("different arguments gave %d different values, want one", n)
		}
		{{- end}}
	})
	{{- end}}
	t.Run("many calls", func(t *{{$.Testing}}.T) {
		{{- range .Fresh}}
		{{.}}
		{{- end}}
		{{$.Together}}(10, func(i int) {
			for n := 0; n < 100; n++ {
				{{- template "others" .Others}}
				{{.Call}}
				{{- template "others" .Later}}
			}
		})
	})
	{{- if .Resets}}
	t.Run("resets", func(t *{{$.Testing}}.T) {
		{{- range .Fresh}}
		{{.}}
		{{- end}}
		{{$.Together}}(10, func(i int) {
			for n := 0; n < 100; n++ {
				if (i+n)%10 == 0 {
					{{- range .Resets}}
					{{.}}
					{{- end}}
				}
				{{- template "others" .Others}}
				{{- if .NotNil}}
				if {{.NotNil}} {
					{{if $.Assert}}{{$.Assert}}.Fail(t, "{{.Called}} gave nil"){{else}}t.Error("{{.Called}} gave nil"){{end}}
				}
				{{- else}}
				{{.Call}}
				{{- end}}
			}
		})
	})
	{{- end}}
}

{{- if .Bench}}

// Benchmark{{.Name}} measures {{.Called}} when {{.Var}} is filled.
func Benchmark{{.Name}}(b *{{$.Testing}}.B) {
	{{- range .Begin}}
	{{.}}
	{{- end}}
	b.Run("single", func(b *{{$.Testing}}.B) {
		for i := 0; i < b.N; i++ {
			{{.Call}}
		}
	})
	b.Run("parallel", func(b *{{$.Testing}}.B) {
		b.RunParallel(func(pb *{{$.Testing}}.PB) {
			for pb.Next() {
				{{.Call}}
			}
		})
	})
}
{{- end}}
{{- if .Empty}}

// {{.Empty}} brings {{.Var}} back to the state that the program starts with.
func {{.Empty}}() {
	{{- range .Clear}}
	{{.}}
	{{- end}}
}
{{- end}}
{{- end}}

// {{.Together}} calls f(0) to f(n-1), each in a goroutine of its own that
// waits for the others, and returns when all are done.
func {{.Together}}(n int, f func(i int)) {
	var done {{.Sync}}.WaitGroup
	done.Add(n)
	missing := int32(n)
	for i := 0; i < n; i++ {
		go func(i int) {
			defer done.Done()
			{{.Atomic}}.AddInt32(&missing, -1)
			for {{.Atomic}}.LoadInt32(&missing) > 0 {
				{{.Runtime}}.Gosched()
			}
			f(i)
		}(i)
	}
	done.Wait()
}
{{- if .Different}}

// {{.Different}} counts the values in got, leaving out calls that failed.
func {{.Different}}(got []{{.Any}}) int {
	seen := make(map[{{.Any}}]bool)
	for _, v := range got {
		{{- if .Reflect}}
		switch r := {{.Reflect}}.ValueOf(v); r.Kind() {
		case {{.Reflect}}.Invalid:
		case {{.Reflect}}.Map, {{.Reflect}}.Slice, {{.Reflect}}.Func:
			seen[r.Pointer()] = true
		default:
			if r.Type().Comparable() {
				seen[v] = true
			}
		}
		{{- else}}
		if v != nil {
			seen[v] = true
		}
		{{- end}}
	}
	return len(seen)
}
{{- end}}

{{- define "others"}}
	{{- if eq (len .) 1}}
				{{index . 0}}
	{{- else if .}}
				switch (i + n) % {{len .}} {
		{{- range $k, $call := .}}
				case {{$k}}:
					{{$call}}
		{{- end}}
				}
	{{- end}}
{{- end}}
`
