package programs_test

import (
	"context"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/singletonfix/singletonfix/internal/driver"
	"github.com/singletonfix/singletonfix/internal/programs"
	"github.com/singletonfix/singletonfix/internal/report"
)

var (
	seed       = flag.Uint64("seed", 1, "of the programs")
	first      = flag.Uint64("first", 0, "number of the first program")
	count      = flag.Int("programs", 240, "how many programs")
	strategies = flag.String("strategies", "auto", "strategies to fix them with, separated by commas")
	detector   = flag.Bool("detector", true, "run them under the race detector")
	vet        = flag.Bool("vet", true, "run go vet on what was fixed")
	keep       = flag.String("keep", "", "folder that gets the programs that deviate, before and after the fix")
	verbose    = flag.Bool("figures", false, "print what became of the programs")
)

// TestSameBytes holds that a program is the same whenever it is written.
func TestSameBytes(t *testing.T) {
	for n := range uint64(200) {
		a, b := programs.New(7, n), programs.New(7, n)
		if fmt.Sprint(a) != fmt.Sprint(b) {
			t.Fatalf("program %d differs from itself:\n%v\n%v", n, a, b)
		}
	}
}

// TestPrograms fixes programs of the grammar and holds what the fixed ones do
// against what they did. To look at many, and at other ones:
//
//	go test ./internal/programs -run TestPrograms -seed 5 -programs 2000 -figures -timeout 0
func TestPrograms(t *testing.T) {
	n := *count
	if testing.Short() {
		n = min(n, 40)
	}
	for strategy := range strings.SplitSeq(*strategies, ",") {
		b := &batch{t: t, dir: t.TempDir(), strategy: strategy, figures: map[string]int{}, added: map[string]map[string]string{}}
		for i := range n {
			b.programs = append(b.programs, &trial{Program: programs.New(*seed, *first+uint64(i))})
		}
		b.fix()
		b.again()
		b.build()
		b.run("script")
		if *detector {
			b.run("race")
		}
		b.report()
	}
}

// A batch is a number of programs that are fixed and run together, which
// takes one build.
type batch struct {
	t        *testing.T
	dir      string
	strategy string
	programs []*trial
	figures  map[string]int
	added    map[string]map[string]string // by version: files that fixes share, in packages of their own
}

// A trial is a program and what became of it.
type trial struct {
	*programs.Program
	after    []programs.File // nil: nothing was changed
	found    []report.Singleton
	problems []string
}

func (p *trial) deviates(format string, args ...any) {
	p.problems = append(p.problems, fmt.Sprintf(format, args...))
}

// missed returns the values that are unsafe by design and were not found.
func (p *trial) missed() (missed []string) {
	for _, names := range p.Unsafe {
		if !slices.ContainsFunc(p.found, func(s report.Singleton) bool { return concerns(s, names) }) {
			missed = append(missed, names[0])
		}
	}
	return missed
}

// concerns reports whether s is about one of the variables, or about a field
// that has its name.
func concerns(s report.Singleton, names []string) bool {
	for _, v := range s.Vars {
		if slices.ContainsFunc(strings.Split(v, "."), func(part string) bool { return slices.Contains(names, part) }) {
			return true
		}
	}
	return false
}

// left reports whether something unsafe is left.
func (p *trial) left() bool {
	return len(p.missed()) > 0 || slices.ContainsFunc(p.found, func(s report.Singleton) bool { return !applied(s) })
}

func applied(s report.Singleton) bool {
	return s.Fix.Status == report.Available || s.Fix.Status == report.Review
}

// versions returns the programs by the language version that they are for.
func (b *batch) versions() map[string][]*trial {
	m := map[string][]*trial{}
	for _, p := range b.programs {
		m[p.Go] = append(m[p.Go], p)
	}
	return m
}

// module is the name of the module and the folder of a language version:
// "before26".
func module(when, version string) string {
	return when + strings.TrimPrefix(programs.Module(version), "before")
}

// write writes the programs as one module for each language version.
func (b *batch) write(when string, files func(*trial) []programs.File) {
	for version, list := range b.versions() {
		mod := module(when, version)
		b.writeFile(mod, "go.mod", "module "+mod+"\n\ngo "+version+"\n")
		b.writeFile(mod, "main.go", "package main\n\nfunc main() {}\n") // it is all of a program: who uses a variable is known
		for _, p := range list {
			for _, f := range files(p) {
				b.writeFile(filepath.Join(mod, p.Name), f.Name, b.moved(f.Text, mod, version))
			}
		}
		if strings.HasSuffix(mod, module("after", version)) {
			for name, text := range b.added[version] {
				b.writeFile(mod, name, b.moved(text, mod, version))
			}
		}
	}
}

// moved returns a file with its imports of the module under another name.
func (b *batch) moved(text, mod, version string) string {
	return strings.ReplaceAll(text, `"`+module("before", version)+`/`, `"`+mod+`/`)
}

func (b *batch) writeFile(dir, name, text string) {
	b.t.Helper()
	name = filepath.Join(b.dir, dir, name)
	if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
		b.t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o666); err != nil {
		b.t.Fatal(err)
	}
}

// fix has all programs fixed.
func (b *batch) fix() {
	b.write("before", func(p *trial) []programs.File { return p.Files })
	b.each("before", func(p *trial, changes map[string]string, found []report.Singleton) {
		p.found = found
		for _, s := range found {
			b.count(p, s)
		}
		if n := len(p.missed()); n > 0 {
			b.figures["missed "+p.Pattern] += n
		}
		if p.Pattern == "safe" && len(p.found) > 0 {
			b.falseReports(p)
		}
		if len(changes) == 0 {
			return
		}
		for _, f := range p.Files {
			if after, ok := changes[f.Name]; ok {
				checkComments(p, f.Text, after)
				f.Text = after
			}
			p.after = append(p.after, f)
		}
	})
}

// each runs singletonfix on all programs of a module, and calls f for each
// with what would change and what was found.
func (b *batch) each(when string, f func(p *trial, changes map[string]string, found []report.Singleton)) {
	for version, list := range b.versions() {
		if when == "after" && !slices.ContainsFunc(list, func(p *trial) bool { return p.after != nil }) {
			continue // nothing was fixed
		}
		res, err := driver.Run(context.Background(), driver.Options{
			Dir: filepath.Join(b.dir, module(when, version)), Patterns: []string{"./..."},
			Fix: true, Review: true, Fields: true, Strategy: b.strategy,
		})
		if err != nil {
			b.t.Fatal(err)
		}
		failed := map[string]string{}
		for _, e := range res.Report.Errors {
			failed[programOf(e.Package)] += e.Message + "\n"
		}
		changes := map[string]map[string]string{}
		for _, p := range res.Packages {
			if p.Added {
				b.add(version, p)
				continue
			}
			name := programOf(p.Path)
			if changes[name] == nil {
				changes[name] = map[string]string{}
			}
			for _, c := range p.Changes {
				_, file, _ := strings.Cut(filepath.ToSlash(c.File.Name), "/"+name+"/")
				changes[name][file] = string(c.After)
			}
		}
		found := map[string][]report.Singleton{}
		for _, s := range res.Report.Singletons {
			name := programOf(s.Package)
			found[name] = append(found[name], s)
		}
		for _, p := range list {
			if text := failed[p.Name]; text != "" {
				p.deviates("%s: %s", when, text)
			}
			f(p, changes[p.Name], found[p.Name])
		}
	}
}

// programOf returns the name of the program that the package at an import path
// is part of.
func programOf(path string) string {
	_, rest, _ := strings.Cut(path, "/")
	name, _, _ := strings.Cut(rest, "/")
	return name
}

// add keeps the files of a package that is new.
func (b *batch) add(version string, p *driver.Package) {
	b.added[version] = map[string]string{}
	for _, c := range p.Changes {
		name, err := filepath.Rel(p.Root, c.File.Name)
		if err != nil {
			b.t.Fatal(err)
		}
		b.added[version][name] = string(c.After)
	}
}

// again runs singletonfix on what it has fixed: nothing changes, and nothing
// is unsafe but what was before.
func (b *batch) again() {
	b.write("after", func(p *trial) []programs.File { return p.after })
	b.each("after", func(p *trial, changes map[string]string, found []report.Singleton) {
		if len(changes) > 0 {
			p.deviates("a second run changes it again")
		}
		left := map[string]bool{}
		for _, s := range p.found {
			left[s.Var] = !applied(s)
		}
		for _, s := range found {
			if !left[s.Var] {
				p.deviates("%s is unsafe after the fix: %s", s.Var, s.Pattern)
			}
		}
	})
}

// count counts what became of a singleton.
func (b *batch) count(p *trial, s report.Singleton) {
	switch {
	case s.Fix.Status == report.Failed:
		p.deviates("the fix of %s failed its check: %s", s.Var, s.Fix.Refusal.Message)
		b.figures["failed"]++
	case applied(s):
		b.figures["fixed "+s.Fix.Strategy+" "+s.Pattern]++
	default:
		b.figures["refused "+s.Fix.Refusal.Code+" "+s.Pattern]++
	}
}

// report says what became of the programs.
func (b *batch) report() {
	for _, p := range b.programs {
		if len(p.problems) == 0 {
			continue
		}
		b.figures["deviations"]++
		b.keep(p)
		b.t.Errorf("%s %s of seed %d, go %s: %s\n%s", b.strategy, p.Name, *seed, p.Go, strings.Join(p.Shape, ", "), strings.Join(p.problems, "\n"))
	}
	if !*verbose {
		return
	}
	fmt.Printf("%s programs %d\n", b.strategy, len(b.programs))
	for _, what := range slices.Sorted(maps.Keys(b.figures)) {
		fmt.Printf("%s %s %d\n", b.strategy, what, b.figures[what])
	}
	for _, p := range b.programs {
		if m := p.missed(); len(m) > 0 {
			fmt.Printf("%s missed: %s of %s, %s\n", b.strategy, strings.Join(m, ", "), p.Name, strings.Join(p.Shape, ", "))
		}
	}
}

// keep writes a program that deviates for a closer look.
func (b *batch) keep(p *trial) {
	if *keep == "" {
		return
	}
	var text strings.Builder
	fmt.Fprintf(&text, "%s\n%s\n", strings.Join(p.Shape, ", "), strings.Join(p.problems, "\n"))
	fmt.Fprintf(&text, "-- go.mod --\nmodule p\n\ngo %s\n", p.Go)
	for _, f := range p.Files {
		fmt.Fprintf(&text, "-- %s --\n%s", f.Name, f.Text)
	}
	for _, f := range p.after {
		fmt.Fprintf(&text, "-- after/%s --\n%s", f.Name, f.Text)
	}
	if err := os.WriteFile(filepath.Join(*keep, fmt.Sprintf("%s_%d_%s.txt", b.strategy, *seed, p.Name)), []byte(text.String()), 0o666); err != nil {
		b.t.Fatal(err)
	}
}
