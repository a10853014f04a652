package programs_test

import (
	"bufio"
	"bytes"
	"fmt"
	"go/scanner"
	"go/token"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/singletonfix/singletonfix/internal/programs"
)

// build builds the lab, with the programs that were changed, before and after.
func (b *batch) build() {
	changed := func(files func(*trial) []programs.File) func(*trial) []programs.File {
		return func(p *trial) []programs.File {
			list := files(p)
			if p.after == nil || list == nil {
				return nil
			}
			return append(runnable(list), p.Ops...)
		}
	}
	b.write("run_before", changed(func(p *trial) []programs.File { return p.Files }))
	b.write("run_after", changed(func(p *trial) []programs.File { return p.after }))
	for i := range variants {
		b.write(meant(i), changed(func(p *trial) []programs.File {
			if i >= len(p.Meant) {
				return nil
			}
			return p.Meant[i]
		}))
	}
	b.writeLab()
	b.vet()
	args := []string{"build", "-tags=" + programs.Tag, "-o", filepath.Join(b.dir, "lab.bin")}
	if *detector {
		args = append(args, "-race")
	}
	if out, err := b.goTool("run", append(args, ".")...); err != nil {
		b.t.Fatalf("the programs do not build: %v\n%s", err, out)
	}
}

// variants is how many things a program may mean, and meant the folder of one.
const variants = 2

func meant(i int) string { return fmt.Sprintf("run_meant%d_", i) }

// runnable returns files of which none is a test: what tests assign is
// assigned by scripts.
func runnable(files []programs.File) []programs.File {
	out := slices.Clone(files)
	for i, f := range out {
		out[i].Name = strings.Replace(f.Name, "_test.go", "_testing.go", 1)
	}
	return out
}

// writeLab writes the program that runs the programs.
func (b *batch) writeLab() {
	sources, err := filepath.Glob("testdata/lab/*.go")
	if err != nil || len(sources) == 0 {
		b.t.Fatalf("no lab: %v", err)
	}
	for _, name := range sources {
		src, err := os.ReadFile(name)
		if err != nil {
			b.t.Fatal(err)
		}
		b.writeFile("run", filepath.Base(name), string(src))
	}
	var imports, table strings.Builder
	for _, p := range b.programs {
		if p.after == nil {
			continue
		}
		fmt.Fprintf(&imports, "import a%s \"%s/%s\"\n", p.Name, module("run_after", p.Go), p.Name)
		fmt.Fprintf(&table, "\t{%q, a%s.Ops(), a%s.Built, [][]op{", p.Name, p.Name, p.Name)
		before := []string{"run_before"}
		for i := range p.Meant {
			before = append(before, meant(i))
		}
		for i, mod := range before {
			fmt.Fprintf(&imports, "import b%d%s \"%s/%s\"\n", i, p.Name, module(mod, p.Go), p.Name)
			fmt.Fprintf(&table, "b%d%s.Ops(), ", i, p.Name)
		}
		for _, mod := range append([]string{"run_after"}, before...) {
			if len(p.Ops) > 1 {
				fmt.Fprintf(&imports, "import _ \"%s/%s/%s\"\n", module(mod, p.Go), p.Name, programs.Users)
			}
		}
		table.WriteString("}},\n")
	}
	b.writeFile("run", "table.go", "package main\n\n"+imports.String()+"\nvar programs = []program{\n"+table.String()+"}\n")
	b.writeFile("run", "go.mod", "module run\n\ngo 1.26\n")
	work := "go 1.26\n\nuse ./run\n"
	for version := range b.versions() {
		for _, when := range []string{"run_before", "run_after", meant(0), meant(1)} {
			work += "use ./" + module(when, version) + "\n"
		}
	}
	b.writeFile(".", "go.work", work)
}

// vet runs go vet on the fixed programs. What it says of one is a deviation,
// unless it says as much of the original.
func (b *batch) vet() {
	if !*vet {
		return
	}
	for version, list := range b.versions() {
		out, err := b.goTool(module("after", version), "vet", "-tags="+programs.Tag, "./...")
		if err == nil {
			continue
		}
		for _, p := range list {
			if said := about(p.Name, out); said != "" {
				if before, _ := b.goTool(module("before", version), "vet", "-tags="+programs.Tag, "./"+p.Name); about(p.Name, before) == "" {
					p.deviates("go vet: %s", said)
				}
			}
		}
	}
}

// about returns the lines of out that name a program.
func about(name, out string) string {
	var said []string
	for line := range strings.Lines(out) {
		if strings.Contains(line, name+string(filepath.Separator)) {
			said = append(said, strings.TrimSpace(line))
		}
	}
	return strings.Join(said, "\n")
}

// goTool runs the go command in a folder of the batch, without the network.
func (b *batch) goTool(dir string, args ...string) (string, error) {
	cmd := exec.Command("go", args...)
	cmd.Dir = filepath.Join(b.dir, dir)
	cmd.Env = append(os.Environ(), "GOPROXY=off", "GOFLAGS=", "GOWORK="+filepath.Join(b.dir, "go.work"))
	if args[0] == "vet" {
		cmd.Env = append(cmd.Env, "GOWORK=off")
	}
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// run runs the programs in a mode of the lab. One that takes the process
// down is skipped in the next.
func (b *batch) run(mode string) {
	todo := map[string]*trial{}
	for _, p := range b.programs {
		if p.after != nil && (mode == "script" || !p.left()) {
			todo[p.Name] = p
		}
	}
	for len(todo) > 0 {
		n := len(todo)
		at, out := b.runSome(mode, todo)
		if at == "" && len(todo) < n {
			continue // ended early because something hangs
		}
		if at == "" {
			b.t.Fatalf("lab %s runs nothing:\n%s", mode, out)
		}
		todo[at].deviates("%s: the process ends: %s", mode, out)
		delete(todo, at)
	}
}

// runSome runs the programs of todo and takes those from it that came to
// their end. Where the process did not, it returns in which one.
func (b *batch) runSome(mode string, todo map[string]*trial) (at, output string) {
	args := append([]string{mode, strconv.FormatUint(*seed, 10)}, slices.Sorted(maps.Keys(todo))...)
	cmd := exec.Command(filepath.Join(b.dir, "lab.bin"), args...)
	cmd.Env = append(os.Environ(), "GORACE=exitcode=0")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	lines := bufio.NewScanner(bytes.NewReader(out))
	lines.Buffer(nil, 1<<24)
	for lines.Scan() {
		what, rest, _ := strings.Cut(lines.Text(), " ")
		switch what {
		case "begin":
			at = rest
		case "end":
			delete(todo, rest)
			at = ""
		case "deviation":
			text, quoted, _ := strings.Cut(rest, ": ")
			problem, _ := strconv.Unquote(quoted)
			todo[text].deviates("%s: %s%s", mode, problem, races(text, stderr.String()))
		}
	}
	if at == "" && err != nil {
		b.t.Fatalf("lab %s: %v\n%s", mode, err, stderr.String())
	}
	return at, tail(stderr.String())
}

// races returns the first report of the race detector that names a program.
func races(name, out string) string {
	for text := range strings.SplitSeq(out, "==================\n") {
		if strings.Contains(text, name+".") {
			return "\n" + text
		}
	}
	return ""
}

// tail returns the end of a long output.
func tail(s string) string { return s[max(0, len(s)-3000):] }

// checkComments holds that after has every comment of before, as often.
func checkComments(p *trial, before, after string) {
	was, is := comments(before), comments(after)
	for _, text := range slices.Sorted(maps.Keys(was)) {
		if strings.HasPrefix(text, "//nolint") && is[text] >= was[text] {
			continue // said of a new variable too
		}
		if was[text] != is[text] {
			p.deviates("the comment %q stood there %d times, and now %d times", text, was[text], is[text])
		}
	}
}

func comments(src string) map[string]int {
	var s scanner.Scanner
	s.Init(token.NewFileSet().AddFile("", -1, len(src)), []byte(src), nil, scanner.ScanComments)
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

// falseReports says what was found in a program that is safe.
func (b *batch) falseReports(p *trial) {
	for _, s := range p.found {
		if !strings.Contains(strings.Join(p.Shape, " "), " second ") {
			p.deviates("%s is found to be %s, but it is safe", s.Var, s.Pattern)
		}
	}
}
