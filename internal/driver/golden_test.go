package driver

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"go/scanner"
	"go/token"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/singletonfix/singletonfix/internal/report"
)

var update = flag.Bool("update", false, "rewrite the golden files")

const (
	inputs = "../../testdata"
	golds  = "../../golden"
)

// TestGolden runs every case of testdata and compares the report, the diff
// and the changed files with their golden twins. What must hold for any
// input is checked for each case besides; see [testCase.derived].
func TestGolden(t *testing.T) {
	names := caseNames(t, inputs)
	if len(names) == 0 {
		t.Fatal("no cases in " + inputs)
	}
	for _, name := range names {
		t.Run(strings.TrimSuffix(name, ".txtar"), func(t *testing.T) {
			t.Parallel()
			c := newCase(t, name)
			c.run(t)
			c.compare(t)
			c.derived(t)
		})
	}
	for _, name := range caseNames(t, golds) {
		if !slices.Contains(names, name) {
			t.Errorf("golden/%s has no case in testdata: remove it", name)
		}
	}
}

// A testCase is one archive of testdata, unpacked.
type testCase struct {
	name    string // PATTERN/CASE.txtar
	archive *txtar.Archive
	dir     string // with the files of the archive
	opts    Options

	plain *Result // a run that only reports
	fixed *Result // a run that fixes
}

func newCase(t *testing.T, name string) *testCase {
	t.Helper()
	archive, err := txtar.ParseFile(filepath.Join(inputs, name))
	if err != nil {
		t.Fatal(err)
	}
	c := &testCase{name: name, archive: archive, dir: t.TempDir()}
	unpack(t, c.dir, archive.Files)
	c.opts = Options{Dir: c.dir, Patterns: []string{"./..."}}
	c.readOptions(t)
	return c
}

// readOptions takes the options that the archive's comment asks for, each on
// a line of its own: "strategy: once", "review-fixes: yes", "tests: yes", "fields: yes"; "module: yes" is for package detect.
func (c *testCase) readOptions(t *testing.T) {
	for line := range strings.Lines(string(c.archive.Comment)) {
		key, value, ok := strings.Cut(strings.TrimSpace(line), ": ")
		if !ok || strings.Contains(key, " ") {
			continue // prose
		}
		switch key {
		case "strategy":
			c.opts.Strategy = value
		case "review-fixes":
			c.opts.Review = value == "yes"
		case "tests":
			c.opts.Tests = value == "yes"
		case "generated":
			c.opts.Generated = value == "yes"
		case "add-reset":
			c.opts.AddReset = value == "yes"
		case "doc":
			c.opts.Doc = value == "yes"
		case "fields":
			c.opts.Fields = value == "yes"
		}
	}
}

// run does what the command line does without a flag, and with -d.
func (c *testCase) run(t *testing.T) {
	t.Helper()
	c.plain = mustRun(t, c.opts)
	fix := c.opts
	fix.Fix = true
	c.fixed = mustRun(t, fix)
}

func mustRun(t *testing.T, opts Options) *Result {
	t.Helper()
	res, err := Run(context.Background(), opts)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range res.Report.Errors {
		t.Errorf("Run: %s: %s", e.Package, e.Message)
	}
	return res
}

// compare holds what came out against the golden twin, or writes it.
func (c *testCase) compare(t *testing.T) {
	t.Helper()
	got := txtar.Format(c.output(t))
	file := filepath.Join(golds, c.name)
	if *update {
		if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, got, 0o666); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Errorf("%v; go test ./internal/driver -update writes it", err)
		return
	}
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(string(got), "\n")); diff != "" {
		t.Errorf("%s is not what comes out (-want +got); if that is right, run go test ./internal/driver -update\n%s", file, diff)
	}
}

// output returns the golden archive: the report, the diff and the changed files.
func (c *testCase) output(t *testing.T) *txtar.Archive {
	var text, diff bytes.Buffer
	var changes []report.FileChange
	var files []txtar.File
	var added string // packages that are the same in every case
	for _, p := range c.fixed.Packages {
		for _, f := range p.Changes {
			name := Rel(c.dir, f.File.Name)
			if p.Added {
				added += name + "\n"
				continue
			}
			changes = append(changes, report.FileChange{Name: name, Before: f.Before, After: f.After})
			files = append(files, txtar.File{Name: name, Data: f.After})
		}
	}
	for _, err := range []error{
		c.plain.Report.Text(&text, report.TextOptions{Verbose: true}),
		report.WriteDiff(&diff, changes, report.Style{}),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	out := &txtar.Archive{Comment: c.archive.Comment}
	out.Files = append(out.Files, txtar.File{Name: "report", Data: text.Bytes()})
	if len(changes) > 0 {
		out.Files = append(out.Files, txtar.File{Name: "diff", Data: diff.Bytes()})
	}
	if added != "" {
		out.Files = append(out.Files, txtar.File{Name: "added", Data: []byte(added)})
	}
	out.Files = append(out.Files, files...)
	return out
}

// derived checks what must hold for any input.
func (c *testCase) derived(t *testing.T) {
	for _, problem := range c.checkWants() {
		t.Error(problem)
	}
	c.checkPromises(t)
	if len(c.fixed.Packages) == 0 {
		return
	}
	after := t.TempDir()
	unpack(t, after, c.archive.Files)
	for _, p := range c.fixed.Packages {
		for _, f := range p.Changes {
			checkComments(t, f.Before, f.After)
			name := filepath.Join(after, Rel(c.dir, f.File.Name))
			if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(name, f.After, 0o666); err != nil {
				t.Fatal(err)
			}
		}
	}
	c.checkBuilds(t, after)
	c.checkSettled(t, after)
	c.checkTests(t, after)
}

// wantComment is a comment that says what is to be found on its line.
var wantComment = regexp.MustCompile("// want((?: `[^`]*`)+)")

// checkWants holds the findings against the archive's "// want" comments:
// each is met by an unsafe singleton declared, tested or filled on its line,
// and each unsafe singleton meets one. It returns what is wrong.
func (c *testCase) checkWants() (problems []string) {
	type place struct {
		file string
		line int
		name string
	}
	wants := map[place]bool{}
	for _, f := range c.archive.Files {
		for i, line := range strings.Split(string(f.Data), "\n") {
			m := wantComment.FindStringSubmatch(line)
			if m == nil {
				continue
			}
			for _, name := range regexp.MustCompile("`[^`]*`").FindAllString(m[1], -1) {
				wants[place{f.Name, i + 1, strings.Trim(name, "`")}] = false
			}
		}
	}
	for _, s := range c.plain.Report.Singletons {
		met := false
		at := []report.Position{s.Position}
		for _, n := range s.Reasons {
			at = append(at, n.Position)
		}
		for _, p := range at {
			key := place{p.File, p.Line, s.Pattern}
			if _, ok := wants[key]; ok {
				wants[key], met = true, true
			}
		}
		if !met {
			problems = append(problems, fmt.Sprintf("%s: %s is found to be %s; no // want says so on its line or on that of its test", s.Position, s.Var, s.Pattern))
		}
	}
	for w, met := range wants {
		if !met {
			problems = append(problems, fmt.Sprintf("%s:%d: found no %s here", w.file, w.line, w.name))
		}
	}
	slices.Sort(problems)
	return problems
}

// checkPromises holds what the plain report says of each fix against what
// came of it.
func (c *testCase) checkPromises(t *testing.T) {
	var plain, fixed []string
	for _, s := range c.plain.Report.Singletons {
		plain = append(plain, s.ID+" "+s.Pattern+" "+s.Fix.Status+" "+s.Fix.Strategy)
	}
	for _, s := range c.fixed.Report.Singletons {
		fixed = append(fixed, s.ID+" "+s.Pattern+" "+s.Fix.Status+" "+s.Fix.Strategy)
		if s.Fix.Status == report.Failed {
			t.Errorf("%s: the fix of %s failed its check: %s", s.Position, s.Var, s.Fix.Refusal.Message)
		}
	}
	if diff := cmp.Diff(plain, fixed); diff != "" {
		t.Errorf("the report promises (-) what a run with -d does not do (+):\n%s", diff)
	}
}

// checkComments fails unless after holds every comment of before, as often.
// New ones are welcome.
func checkComments(t *testing.T, before, after []byte) {
	t.Helper()
	was, is := comments(before), comments(after)
	for _, text := range slices.Sorted(maps.Keys(was)) {
		if (text == "//" || strings.HasPrefix(text, "//nolint")) && was[text] <= is[text] {
			continue // a gap between two paragraphs, or said of a new variable too: no loss
		}
		if was[text] != is[text] {
			t.Errorf("the comment %q stood there %d times, and now %d times", text, was[text], is[text])
		}
	}
}

// comments counts the comments of src by their text.
func comments(src []byte) map[string]int {
	var s scanner.Scanner
	s.Init(token.NewFileSet().AddFile("", -1, len(src)), src, nil, scanner.ScanComments)
	found := map[string]int{}
	for {
		_, tok, lit := s.Scan()
		if tok == token.EOF {
			return found
		}
		if tok == token.COMMENT {
			found[lit]++
		}
	}
}

// checkBuilds fails unless the compiler and vet take the fixed module, or
// dislike in it what they disliked before.
func (c *testCase) checkBuilds(t *testing.T, after string) {
	if out, err := goTool(after, "vet", "./..."); err != nil {
		if before, err := goTool(c.dir, "vet", "./..."); err == nil || before != out {
			t.Errorf("go vet of the fixed module:\n%s", out)
		}
	}
}

// checkSettled fails unless a second run, on the fixed module, changes
// nothing and finds nothing unsafe but what the first run left.
func (c *testCase) checkSettled(t *testing.T, after string) {
	left := map[string]bool{}
	for _, s := range c.fixed.Report.Singletons {
		if s.Fix.Status != report.Available && !(s.Fix.Status == report.Review && c.opts.Review) {
			left[s.ID] = true
		}
	}
	opts := c.opts
	opts.Dir, opts.Fix, opts.Audit = after, true, true
	res := mustRun(t, opts)
	for _, p := range res.Packages {
		t.Errorf("a second run changes %s again", p.Path)
	}
	forms := map[string]string{}
	for _, s := range res.Report.Singletons {
		forms[s.ID] = s.Pattern
		if s.Verdict == "unsafe" && !left[s.ID] {
			t.Errorf("%s: %s is unsafe after the fix: %s", s.Position, s.Var, s.Pattern)
		}
	}
	for _, s := range c.fixed.Report.Singletons {
		isField := s.Pattern == "lazy-field" // no longer of interest once it is safe, whatever the fix
		if s.Fix.Strategy == "manager" && !isField && !left[s.ID] && forms[s.ID] != "manager" {
			t.Errorf("%s: %s is a manager's value after the fix, and is found to be %q", s.Position, s.Var, forms[s.ID])
		}
	}
}

// holds reports whether the archive holds a file whose name ends so.
func (c *testCase) holds(suffix string) bool {
	return slices.ContainsFunc(c.archive.Files, func(f txtar.File) bool { return strings.HasSuffix(f.Name, suffix) })
}

// raceSlots keeps compiling and racing from taking the machine over.
var raceSlots = make(chan struct{}, 2)

// raceTest is the go command that races tests: vet has had its say, and
// reports of races need no debugging information.
var raceTest = []string{"test", "-race", "-vet=off", "-ldflags=-s -w"}

// checkTests fails unless the tests of the fixed module pass under the race
// detector. A test in a file that ends in _race_test.go must find a race in
// the module as it was, or it proves nothing.
func (c *testCase) checkTests(t *testing.T, after string) {
	if testing.Short() || !c.holds("_test.go") {
		return
	}
	raceSlots <- struct{}{}
	defer func() { <-raceSlots }()
	if out, err := goTool(after, slices.Concat(raceTest, []string{"./..."})...); err != nil {
		t.Errorf("go test -race of the fixed module: %v\n%s", err, out)
	}
	if !c.holds("_race_test.go") {
		return
	}
	if out, err := goTool(c.dir, slices.Concat(raceTest, []string{"./..."})...); err == nil || !strings.Contains(out, "DATA RACE") {
		t.Errorf("the race test finds no race in the input:\n%s", out)
	}
}

// goTool runs the go command in dir, without the network.
func goTool(dir string, args ...string) (string, error) {
	cmd := exec.Command("go", args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOWORK=off", "GOPROXY=off", "GOFLAGS=", "GORACE=halt_on_error=1")
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// caseNames returns the archives below root as PATTERN/CASE.txtar, in order.
func caseNames(t *testing.T, root string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(root, "*", "*.txtar"))
	if err != nil {
		t.Fatal(err)
	}
	for i, f := range files {
		files[i] = Rel(root, f)
	}
	return files
}

// unpack writes the files of an archive below dir; without a go.mod it adds
// one, so that a case need not repeat it.
func unpack(t *testing.T, dir string, files []txtar.File) {
	t.Helper()
	content := map[string][]byte{"go.mod": []byte("module p\n\ngo 1.26\n")}
	for _, f := range files {
		content[f.Name] = f.Data
	}
	for _, name := range slices.Sorted(maps.Keys(content)) {
		full := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(full), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(full, content[name], 0o666); err != nil {
			t.Fatal(err)
		}
	}
}

// TestWantsAreChecked holds the checker itself: a case whose comments are
// wrong must fail.
func TestWantsAreChecked(t *testing.T) {
	c := &testCase{
		archive: txtar.Parse([]byte("-- p.go --\npackage p\n\nvar x *int // want `flag-guard`\n")),
		plain: &Result{Report: &report.Report{Singletons: []report.Singleton{
			{Var: "x", Pattern: "nil-check", Position: report.Position{File: "p.go", Line: 3, Column: 5}},
		}}},
	}
	want := []string{
		"p.go:3: found no flag-guard here",
		"p.go:3:5: x is found to be nil-check; no // want says so on its line or on that of its test",
	}
	if diff := cmp.Diff(want, c.checkWants()); diff != "" {
		t.Errorf("checkWants: -want +got\n%s", diff)
	}
}
