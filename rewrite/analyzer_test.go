package rewrite

import (
	"bytes"
	"fmt"
	"go/format"
	"go/token"
	goversion "go/version"
	"maps"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/analysistest"
	"golang.org/x/tools/txtar"

	"github.com/singletonfix/singletonfix/detect"
)

// TestAnalyzer runs the Analyzer over every case of testdata that is one
// package. Each // want comment is met by a diagnostic, and each diagnostic
// by a comment, at its own position or a related one. What the suggested
// fixes make of a package, all at once, is what Apply makes of it.
func TestAnalyzer(t *testing.T) {
	dirs := analyzerCases(t)
	for _, version := range slices.Sorted(maps.Keys(dirs)) {
		t.Run(version, func(t *testing.T) {
			for _, result := range widest(analysistest.Run(ignoreLines{t}, dirs[version], Analyzer, "./...")) {
				if result.Err != nil {
					t.Errorf("%s: %v", result.Pass.Pkg.Path(), result.Err)
					continue
				}
				name := strings.TrimPrefix(result.Pass.Pkg.Path(), "p/")
				t.Run(name, func(t *testing.T) {
					checkWants(t, result)
					checkFixes(t, result)
				})
			}
		})
	}
}

// ignoreLines keeps analysistest from comparing lines: a comment may stand
// where the variable is declared, tested or filled.
type ignoreLines struct{ t *testing.T }

var atLine = regexp.MustCompile(`^[^ ]*:\d+: (unexpected|no) (diagnostic|fact)`)

func (i ignoreLines) Errorf(formatted string, args ...any) {
	if text := fmt.Sprintf(formatted, args...); !atLine.MatchString(text) {
		i.t.Error(text)
	}
}

// widest leaves out each package that is there with its in-package tests, too.
func widest(results []*analysistest.Result) []*analysistest.Result {
	byPath := make(map[string]*analysistest.Result)
	for _, r := range results {
		old := byPath[r.Pass.Pkg.Path()]
		if old == nil || len(r.Pass.Files) > len(old.Pass.Files) {
			byPath[r.Pass.Pkg.Path()] = r
		}
	}
	var out []*analysistest.Result
	for _, p := range slices.Sorted(maps.Keys(byPath)) {
		out = append(out, byPath[p])
	}
	return out
}

// analyzerCases writes the cases as packages of one module for each language
// version, and returns the modules' folders.
func analyzerCases(t *testing.T) map[string]string {
	files, err := filepath.Glob("../testdata/*/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no cases in ../testdata: %v", err)
	}
	root := t.TempDir()
	dirs := make(map[string]string)
	for _, file := range files {
		archive, err := txtar.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		version, ok := onePackage(archive)
		if !ok {
			continue
		}
		dirs[version] = filepath.Join(root, version)
		pattern := filepath.Base(filepath.Dir(file))
		dir := filepath.Join(dirs[version], pattern, strings.TrimSuffix(filepath.Base(file), ".txtar"))
		for _, f := range archive.Files {
			if f.Name != "go.mod" {
				write(t, filepath.Join(dir, f.Name), f.Data)
			}
		}
	}
	for version, dir := range dirs {
		write(t, filepath.Join(dir, "go.mod"), []byte("module p\n\ngo "+version+"\n"))
	}
	return dirs
}

func write(t *testing.T, name string, data []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, data, 0o666); err != nil {
		t.Fatal(err)
	}
}

var versionLine = regexp.MustCompile(`(?m)^go (\S+)$`)

// onePackage reports whether a case is one package that imports nothing but
// the standard library, and asks for no flags; and its language version.
func onePackage(archive *txtar.Archive) (version string, ok bool) {
	version = "1.26"
	for _, f := range archive.Files {
		if path.Dir(f.Name) != "." {
			return "", false
		}
		if f.Name != "go.mod" {
			continue
		}
		if bytes.Contains(f.Data, []byte("require")) {
			return "", false
		}
		// What fixes need came with go 1.19 and 1.21: newer modules are one.
		if m := versionLine.FindSubmatch(f.Data); m != nil && goversion.Compare("go"+string(m[1]), "go1.22") < 0 {
			version = string(m[1])
		}
	}
	return version, !regexp.MustCompile(`(?m)^(tests|fields|generated): yes$`).Match(archive.Comment)
}

var (
	wantComment = regexp.MustCompile("// want((?: `[^`]*`)+)")
	wantName    = regexp.MustCompile("`([^`]*)`")
)

// A sourceLine is a line of a file.
type sourceLine struct {
	file string
	line int
}

func lineOf(fset *token.FileSet, pos token.Pos) sourceLine {
	p := fset.PositionFor(pos, false)
	return sourceLine{p.Filename, p.Line}
}

// checkWants holds the diagnostics against the comments.
func checkWants(t *testing.T, result *analysistest.Result) {
	pass := result.Pass
	wants := make(map[sourceLine]map[string]bool) // by line and pattern: met
	for _, file := range pass.Files {
		for _, group := range file.Comments {
			for _, c := range group.List {
				m := wantComment.FindStringSubmatch(c.Text)
				if m == nil {
					continue
				}
				at := lineOf(pass.Fset, c.Pos())
				wants[at] = make(map[string]bool)
				for _, name := range wantName.FindAllStringSubmatch(m[1], -1) {
					wants[at][name[1]] = false
				}
			}
		}
	}
	for _, d := range result.Diagnostics {
		places := []sourceLine{lineOf(pass.Fset, d.Pos)}
		for _, r := range d.Related {
			places = append(places, lineOf(pass.Fset, r.Pos))
		}
		met := false
		for _, at := range places {
			for name := range wants[at] {
				if name == d.Category && strings.Contains(d.Message, name) {
					wants[at][name], met = true, true
				}
			}
		}
		if !met {
			t.Errorf("%v: %s; no comment wants that", pass.Fset.Position(d.Pos), d.Message)
		}
	}
	for at, names := range wants {
		for name, met := range names {
			if !met {
				t.Errorf("%s:%d: no diagnostic, want %s", at.file, at.line, name)
			}
		}
	}
}

// checkFixes applies all suggested fixes as a driver does.
func checkFixes(t *testing.T, result *analysistest.Result) {
	u := newAnalyzed(result.Pass)
	var all fix
	for _, d := range result.Diagnostics {
		for _, f := range d.SuggestedFixes {
			var ok bool
			if all, ok = merged(all, fixOf(result.Pass, f)); !ok {
				t.Fatalf("%s: %s does not go together with the fixes in front of it", result.Pass.Fset.Position(d.Pos), f.Message)
			}
		}
	}
	if all == nil {
		return
	}
	want := make(map[string][]byte)
	changes, err := Apply(u.pkg, offered(u, result.Diagnostics))
	if err != nil {
		t.Fatalf("Apply: %v", err)
	}
	for _, c := range changes {
		want[c.File.Name] = c.After
	}
	for _, file := range u.pkg.Files {
		got := splicedBytes(file.Src, all[file.Name])
		if want[file.Name] == nil {
			want[file.Name] = file.Src
		}
		if clean, err := format.Source(file.Src); err == nil && bytes.Equal(clean, file.Src) {
			if got, err = format.Source(got); err != nil {
				t.Fatalf("%s does not parse after the fixes: %v", file.Name, err)
			}
		}
		if body := func(src []byte) string { return string(src[readHead(src).end:]) }; body(got) != body(want[file.Name]) {
			t.Errorf("the fixes make of %s\n%s\nwant\n%s", filepath.Base(file.Name), got, want[file.Name])
		}
	}
}

// offered returns the plans behind the suggested fixes.
func offered(u *analyzed, diagnostics []analysis.Diagnostic) []*Plan {
	var plans []*Plan
	for _, s := range detect.Find(u.pkg) {
		for _, d := range diagnostics {
			if !s.Safe && d.Message == u.diagnostic(s).Message && len(d.SuggestedFixes) > 0 {
				plan, _ := Choose(s, Options{})
				plans = append(plans, plan)
			}
		}
	}
	return plans
}

// fixOf is the reverse of textEdits.
func fixOf(pass *analysis.Pass, f analysis.SuggestedFix) fix {
	out := make(fix)
	for _, e := range f.TextEdits {
		tok := pass.Fset.File(e.Pos)
		out[tok.Name()] = append(out[tok.Name()], splice{tok.Offset(e.Pos), tok.Offset(e.End), string(e.NewText)})
	}
	return out
}
