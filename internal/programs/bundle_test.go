package programs_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// Most of the time of a proof goes into linking test binaries, of which each
// package needs several. A bundler builds those that are asked for at about
// the same time as one: it stands before the go command as far as
// `go test -c` goes, and what it gives for a binary is a script that runs the
// package's part of the one.
//
// Whoever proves notices nothing, and all of it is run: what it builds, how,
// and what it makes of the output.
type bundler struct {
	t    *testing.T
	root string // of the module
	tool string // the real go command
	temp string
	jobs chan *buildJob
	made int
}

// A buildJob is a `go test -c` that waits for its answer.
type buildJob struct {
	Dir  string   // of the package
	Args []string // of the go command
	done chan string
}

// bundlerVar has the test binary hand its arguments to the bundler at the
// socket that it names, instead of testing.
const bundlerVar = "SINGLETONFIX_BUNDLER"

func TestMain(m *testing.M) {
	if socket := os.Getenv(bundlerVar); socket != "" && len(os.Args) > 2 && os.Args[1] == "test" && os.Args[2] == "-c" {
		if out := askBundler(socket); out != "" {
			fmt.Print(out)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// askBundler returns what the compiler complains about; "" if nothing.
func askBundler(socket string) string {
	dir, err := os.Getwd()
	if err != nil {
		return err.Error()
	}
	conn, err := net.Dial("unix", socket)
	if err != nil {
		return err.Error()
	}
	defer conn.Close()
	var out string
	if err := json.NewEncoder(conn).Encode(buildJob{Dir: dir, Args: os.Args[1:]}); err != nil {
		return err.Error()
	}
	if err := json.NewDecoder(conn).Decode(&out); err != nil {
		return err.Error()
	}
	return out
}

// bundleBuilds puts a bundler before the go command, for packages of the
// module at root.
func bundleBuilds(t *testing.T, root string) {
	tool, err := exec.LookPath("go")
	if err != nil {
		t.Fatal(err)
	}
	if real := os.Getenv("SINGLETONFIX_GO"); real != "" {
		tool = real // that of another module stands there already
	}
	temp := t.TempDir()
	b := &bundler{t: t, root: root, tool: tool, temp: temp, jobs: make(chan *buildJob)}
	script := "#!/bin/sh\nif [ \"$1 $2\" = 'test -c' ]; then exec \"$SINGLETONFIX_LAB\" \"$@\"; fi\nexec \"$SINGLETONFIX_GO\" \"$@\"\n"
	if err := os.WriteFile(filepath.Join(temp, "go"), []byte(script), 0o777); err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("unix", filepath.Join(temp, "s"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	t.Setenv("SINGLETONFIX_GO", tool)
	t.Setenv("SINGLETONFIX_LAB", os.Args[0])
	t.Setenv(bundlerVar, filepath.Join(temp, "s"))
	t.Setenv("PATH", temp+string(os.PathListSeparator)+os.Getenv("PATH"))
	go b.serve(listener)
	go b.gather()
}

func (b *bundler) serve(listener net.Listener) {
	for {
		conn, err := listener.Accept()
		if err != nil {
			return // the test is over
		}
		go func() {
			defer conn.Close()
			job := &buildJob{done: make(chan string, 1)}
			if err := json.NewDecoder(conn).Decode(job); err != nil {
				return
			}
			b.jobs <- job
			json.NewEncoder(conn).Encode(<-job.done)
		}()
	}
}

// gather builds what has come in when nothing has for a while.
func (b *bundler) gather() {
	var waiting []*buildJob
	for {
		var idle <-chan time.Time
		if len(waiting) > 0 {
			idle = time.After(3 * time.Second)
		}
		select {
		case job := <-b.jobs:
			waiting = append(waiting, job)
		case <-idle:
			b.build(waiting)
			waiting = nil
		}
	}
}

// build builds jobs as one binary. Where one does not compile, the others are
// built without it.
func (b *bundler) build(jobs []*buildJob) {
	for len(jobs) > 0 {
		b.made++
		dir := filepath.Join(b.temp, fmt.Sprint(b.made))
		out, err := b.link(dir, jobs)
		var rest []*buildJob
		for _, job := range jobs {
			said := about(filepath.Base(job.Dir), out)
			switch {
			case err == nil:
				job.done <- b.hand(dir, job)
			case said != "":
				job.done <- said
			default:
				rest = append(rest, job)
			}
		}
		if err != nil && len(rest) == len(jobs) {
			for _, job := range jobs {
				job.done <- "the bundle does not build: " + out
			}
			return
		}
		jobs = rest
	}
}

// link builds the binary of jobs, which differ in their packages, in dir.
func (b *bundler) link(dir string, jobs []*buildJob) (string, error) {
	if err := os.Mkdir(dir, 0o777); err != nil {
		return err.Error(), err
	}
	overlay := map[string]string{}
	var imports, table strings.Builder
	for _, job := range jobs {
		name := filepath.Base(job.Dir)
		if err := job.asPackage(dir, overlay); err != nil {
			return err.Error(), err
		}
		fmt.Fprintf(&imports, "import %s %q\n", name, filepath.Base(b.root)+"/"+name)
		fmt.Fprintf(&table, "\t%q: %s.BundledTests,\n", name, name)
	}
	main := filepath.Join(dir, "main.go")
	overlay[filepath.Join(b.root, "bundle", "main.go")] = main
	src := "package main\n\nimport \"os\"\nimport \"regexp\"\nimport \"testing\"\n" + imports.String() +
		"\nvar tests = map[string][]testing.InternalTest{\n" + table.String() + "}\n" +
		"\nfunc main() {\n\tmine := tests[os.Args[1]]\n\tos.Args = append(os.Args[:1], os.Args[2:]...)\n\ttesting.Main(regexp.MatchString, mine, nil, nil)\n}\n"
	list, err := json.Marshal(map[string]any{"Replace": overlay})
	if err != nil {
		return err.Error(), err
	}
	name := filepath.Join(dir, "overlay.json")
	for file, content := range map[string][]byte{main: []byte(src), name: list} {
		if err := os.WriteFile(file, content, 0o666); err != nil {
			return err.Error(), err
		}
	}
	cmd := exec.Command(b.tool, "build", "-race", "-ldflags=-s -w", "-overlay", name, "-o", filepath.Join(dir, "bundle"), "./bundle")
	cmd.Dir = b.root
	out, err := cmd.CombinedOutput()
	return string(out), err
}

var testFunc = regexp.MustCompile(`(?m)^func (Test\w*)\(\w+ \*\w+\.T\) \{`)

// asPackage adds to overlay what makes the tests that job compiles part of
// the package itself, and lists them. Files go by their old names in stacks.
func (job *buildJob) asPackage(dir string, overlay map[string]string) error {
	files, err := job.files()
	if err != nil {
		return err
	}
	var list strings.Builder
	for name, replaced := range files {
		if !strings.HasSuffix(name, "_test.go") {
			overlay[name] = replaced
			continue
		}
		src, err := os.ReadFile(replaced)
		if err != nil {
			return err
		}
		for _, m := range testFunc.FindAllSubmatch(src, -1) {
			fmt.Fprintf(&list, "\t{Name: %q, F: %s},\n", m[1], m[1])
		}
		as := strings.TrimSuffix(name, ".go") + "_bundled.go"
		overlay[as] = filepath.Join(dir, filepath.Base(job.Dir)+filepath.Base(as))
		if err := os.WriteFile(overlay[as], append([]byte("//line "+name+":1\n"), bytes.TrimPrefix(src, []byte("\ufeff"))...), 0o666); err != nil {
			return err
		}
	}
	src := "package " + filepath.Base(job.Dir) + "\n\nimport bundledTesting \"testing\"\n\nvar BundledTests = []bundledTesting.InternalTest{\n" + list.String() + "}\n"
	as := filepath.Join(job.Dir, "bundled.go")
	overlay[as] = filepath.Join(dir, filepath.Base(job.Dir)+"_bundled.go")
	return os.WriteFile(overlay[as], []byte(src), 0o666)
}

// files returns what job compiles beside what is in the package's folder, by
// the names that it has there, and the tests in the folder.
func (job *buildJob) files() (map[string]string, error) {
	content, err := os.ReadFile(job.after("-overlay"))
	if err != nil {
		return nil, err
	}
	var overlay struct{ Replace map[string]string }
	if err := json.NewDecoder(bytes.NewReader(content)).Decode(&overlay); err != nil {
		return nil, err
	}
	tests, err := filepath.Glob(filepath.Join(job.Dir, "*_test.go"))
	if err != nil {
		return nil, err
	}
	for _, name := range tests {
		if overlay.Replace[name] == "" {
			overlay.Replace[name] = name
		}
	}
	return overlay.Replace, nil
}

// hand writes the script that takes the place of job's binary.
func (b *bundler) hand(dir string, job *buildJob) string {
	script := fmt.Sprintf("#!/bin/sh\nexec %s %s \"$@\"\n", filepath.Join(dir, "bundle"), filepath.Base(job.Dir))
	if err := os.WriteFile(job.after("-o"), []byte(script), 0o777); err != nil {
		return err.Error()
	}
	return ""
}

// after returns the argument behind a flag.
func (job *buildJob) after(flag string) string {
	for i, arg := range job.Args[:len(job.Args)-1] {
		if arg == flag {
			return job.Args[i+1]
		}
	}
	return ""
}
