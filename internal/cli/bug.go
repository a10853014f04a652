package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"go/parser"
	"go/token"
	"io"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"github.com/singletonfix/singletonfix/internal/driver"
)

// reportBug looks for fixes that fail a check or their proof, and writes what
// shows each of them to a folder, after showing what that is. Nothing is sent
// anywhere.
func (c *command) reportBug(ctx context.Context, stdout, stderr io.Writer) (int, error) {
	dir := c.inDir(c.bugDir)
	if entries, err := os.ReadDir(dir); err == nil && len(entries) > 0 {
		return exitFailed, fmt.Errorf("--report-bug %s: the folder is not empty; give a new one", c.bugDir)
	}
	run, done := c.withProgress(stderr)
	res, err := find(ctx, run)
	done()
	if err != nil {
		return exitFailed, err
	}
	if err := res.Report.ErrorLines(stderr); err != nil {
		return exitFailed, err
	}
	if len(res.Failures) == 0 {
		return exitClean, print(stdout, "No fix fails its checks or its proof: there is nothing to report.\n")
	}
	for i, f := range res.Failures {
		b, err := c.bundle(ctx, f)
		if err != nil {
			return exitFailed, fmt.Errorf("gather what shows that the fix of %s is wrong: %w", f.ID, err)
		}
		name := filepath.Join(dir, fmt.Sprint(i+1))
		if err := print(stdout, b.contents(name)); err != nil {
			return exitFailed, err
		}
		if err := writeTree(name, b.files); err != nil {
			return exitFailed, fmt.Errorf("--report-bug: %w", err)
		}
	}
	return exitUnsafe, print(stdout, "\nLook through it, take out what is nobody's business, and attach it to an issue of\nhttps://github.com/singletonfix/singletonfix.\n")
}

// A bundle is what shows one bug: files by name, with slashes.
type bundle struct {
	about string
	files map[string][]byte
}

// contents lists what is in a bundle, for people to see before it is written.
func (b *bundle) contents(dir string) string {
	var text strings.Builder
	fmt.Fprintf(&text, "%s\nwritten to %s:\n", b.about, dir)
	for _, name := range slices.Sorted(maps.Keys(b.files)) {
		fmt.Fprintf(&text, "%8d bytes  %s\n", len(b.files[name]), name)
	}
	return text.String()
}

// bundle gathers what shows f: the least version of the package that does.
func (c *command) bundle(ctx context.Context, f *driver.Failure) (*bundle, error) {
	b := &bundle{about: fmt.Sprintf("The fix of %s is wrong: %s", f.ID, f.Why), files: make(map[string][]byte)}
	around, err := surroundings(f)
	if err != nil {
		return nil, err
	}
	how := "the whole package, as less of it does not show the bug"
	versions := f.Versions()
	shown := f
	for i, files := range versions {
		module := maps.Clone(around)
		for name, src := range files {
			module["module/"+driver.Rel(f.Root, name)] = src
		}
		if i == len(versions)-1 {
			maps.Copy(b.files, module)
		} else if again := c.reproduce(ctx, module, f.ID); again != nil {
			maps.Copy(b.files, module)
			shown, how = again, "the package, cut down to what shows the bug"
			break
		}
	}
	b.addFix(shown)
	b.files["README.md"] = []byte(fmt.Sprintf(`# A wrong fix of %s

%s

%s, %s/%s. To see it again:

    singletonfix -C module -d --verify ./...

| | |
| --- | --- |
| module | %s |
| fixed | the files that the fix would have changed, as it left them |
| singleton_race_test.go.txt | the test that ran on them, if it came to that |
| output.txt | what it printed |
`, f.ID, f.Why, version(), runtime.GOOS, runtime.GOARCH, how))
	return b, nil
}

// addFix adds what the fix makes of the code, and how it fails.
func (b *bundle) addFix(f *driver.Failure) {
	for _, change := range f.Changes {
		b.files["fixed/"+driver.Rel(f.Root, change.File.Name)] = change.After
	}
	if f.Test != nil {
		b.files["singleton_race_test.go.txt"] = f.Test
		b.files["output.txt"] = []byte(strings.ReplaceAll(f.Log, f.Root, "."))
	}
}

// reproduce returns the same failure in a module of its own; nil if it does
// not show there.
func (c *command) reproduce(ctx context.Context, files map[string][]byte, id string) *driver.Failure {
	temp, err := os.MkdirTemp("", "singletonfix-bug-")
	if err != nil {
		return nil
	}
	defer os.RemoveAll(temp)
	if err := writeTree(temp, files); err != nil {
		return nil
	}
	opts := c.run
	opts.Verify = &driver.VerifyOptions{Timeout: c.timeout, Skip: driver.Parts{Bench: true}}
	opts.Dir, opts.Patterns, opts.Selection = filepath.Join(temp, "module"), []string{"./..."}, nil
	res, err := find(ctx, opts)
	if err != nil {
		return nil
	}
	for _, again := range res.Failures {
		if again.ID == id {
			return again
		}
	}
	return nil
}

// surroundings returns what the package of f needs around it: the module's
// files, and the packages of the module that it imports.
func surroundings(f *driver.Failure) (map[string][]byte, error) {
	files := make(map[string][]byte)
	for _, name := range []string{"go.mod", "go.sum"} {
		src, err := os.ReadFile(filepath.Join(f.Root, name))
		if err == nil {
			files["module/"+name] = src
		} else if !errors.Is(err, os.ErrNotExist) {
			return nil, err
		}
	}
	return files, addImported(files, f, modulePath(files["module/go.mod"]))
}

// addImported adds the files of the module's packages that f's imports lead
// to: those that stand in the package's own module by their path.
func addImported(files map[string][]byte, f *driver.Failure, module string) error {
	todo := f.Imports()
	seen := make(map[string]bool)
	for len(todo) > 0 {
		path := todo[0]
		todo = todo[1:]
		rel, ok := strings.CutPrefix(path, module+"/")
		if !ok || seen[path] {
			continue
		}
		seen[path] = true
		names, err := filepath.Glob(filepath.Join(f.Root, filepath.FromSlash(rel), "*.go"))
		if err != nil {
			return err
		}
		for _, name := range names {
			if strings.HasSuffix(name, "_test.go") {
				continue
			}
			src, err := os.ReadFile(name)
			if err != nil {
				return err
			}
			files["module/"+driver.Rel(f.Root, name)] = src
			todo = append(todo, importsOf(src)...)
		}
	}
	return nil
}

// importsOf returns the imports of a Go file.
func importsOf(src []byte) []string {
	file, err := parser.ParseFile(token.NewFileSet(), "", src, parser.ImportsOnly)
	if err != nil {
		return nil // its package does not compile either
	}
	var paths []string
	for _, spec := range file.Imports {
		if path, err := strconv.Unquote(spec.Path.Value); err == nil {
			paths = append(paths, path)
		}
	}
	return paths
}

// modulePath returns the path in a go.mod file.
func modulePath(mod []byte) string {
	for line := range bytes.Lines(mod) {
		if path, ok := bytes.CutPrefix(bytes.TrimSpace(line), []byte("module ")); ok {
			return strings.Trim(strings.TrimSpace(string(path)), `"`)
		}
	}
	return ""
}

// writeTree writes files, by name with slashes, below dir.
func writeTree(dir string, files map[string][]byte) error {
	for _, rel := range slices.Sorted(maps.Keys(files)) {
		name := filepath.Join(dir, filepath.FromSlash(rel))
		if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
			return err
		}
		if err := os.WriteFile(name, files[rel], 0o666); err != nil {
			return err
		}
	}
	return nil
}
