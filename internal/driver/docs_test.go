package driver

import (
	"fmt"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/singletonfix/singletonfix/detect"
	"github.com/singletonfix/singletonfix/internal/report"
	"github.com/singletonfix/singletonfix/rewrite"
)

// surroundings is what the examples of the documentation use without saying so.
const surroundings = `package p

type Config struct{ Name string }

func newConfig() *Config { return &Config{Name: "app"} }

type DB struct{ name string }

func newDB(name string) *DB { return &DB{name} }

func connect() (*DB, error) { return newDB("main"), nil }
`

// TestPatternDocs feeds what a pattern's documentation shows as Before to the
// tool, which must find that pattern and write what it shows as After. Code
// that is fixed by hand must be refused, and be safe afterwards.
func TestPatternDocs(t *testing.T) {
	for _, p := range detect.Patterns {
		t.Run(p.Name, func(t *testing.T) {
			t.Parallel()
			doc := sections(p.Doc)
			before := doc["Before:"]
			after, byHand := doc["After:"], doc["After, by hand:"]
			if before == "" || (after == "") == (byHand == "") {
				t.Fatalf("%s documents no Before, or not one After", p.Name)
			}
			status, got := fixExample(t, p.Name, before)
			switch {
			case byHand != "" && status != report.Refused:
				t.Errorf("the fix of %s is %s, but the documentation fixes it by hand; it writes\n%s", p.Name, status, got)
			case byHand == "":
				if diff := cmp.Diff(strings.Split(after, "\n"), strings.Split(got, "\n")); diff != "" {
					t.Errorf("%s is not what the tool writes (-documented +written):\n%s", p.Name, diff)
				}
			}
			for _, s := range auditExample(t, after+byHand) {
				if s.Verdict != "safe" {
					t.Errorf("what the documentation of %s ends with is unsafe: %s %s", p.Name, s.Var, s.Pattern)
				}
			}
			checkRefusals(t, p.Name, doc["Refused when:"])
		})
	}
}

// TestFormDocs feeds the example of each safe form to the tool, which must
// find that form in it.
func TestFormDocs(t *testing.T) {
	for _, f := range detect.Forms {
		t.Run(f.Name, func(t *testing.T) {
			t.Parallel()
			var got []string
			for _, s := range auditExample(t, sections(f.Doc)["Example:"]) {
				got = append(got, s.Verdict+" "+s.Pattern)
			}
			if want := []string{"safe " + f.Name}; !slices.Equal(got, want) {
				t.Errorf("the example of %s is found to be %v, want %v", f.Name, got, want)
			}
		})
	}
}

// TestFormsAreDocumented holds the names of safe forms that the cases of
// testdata ask for against the documented ones.
func TestFormsAreDocumented(t *testing.T) {
	wanted := map[string]bool{}
	for _, name := range caseNames(t, inputs) {
		src, err := os.ReadFile(filepath.Join(inputs, name))
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile("// safe `([^`]+)`").FindAllSubmatch(src, -1) {
			wanted[string(m[1])] = true
		}
	}
	for _, f := range detect.Forms {
		if !wanted[f.Name] {
			t.Errorf("no case of testdata shows the safe form %s", f.Name)
		}
		delete(wanted, f.Name)
	}
	if len(wanted) > 0 {
		t.Errorf("testdata has safe forms without documentation: %v", slices.Sorted(maps.Keys(wanted)))
	}
}

// sections returns the parts of doc by their headings: lines that end in a
// colon and are alone in their paragraph. Code comes without its indentation.
func sections(doc string) map[string]string {
	parts := map[string]string{}
	heading := ""
	for _, line := range strings.Split(doc, "\n") {
		if regexp.MustCompile(`^[A-Z][a-z, ]*:$`).MatchString(line) {
			heading = line
			continue
		}
		parts[heading] += strings.TrimPrefix(line, "\t") + "\n"
	}
	for name, text := range parts {
		parts[name] = strings.Trim(text, "\n") + "\n"
	}
	return parts
}

// example writes a module with the code and its surroundings, and returns its folder.
func example(t *testing.T, code string) string {
	t.Helper()
	dir := t.TempDir()
	for name, content := range map[string]string{
		"go.mod":          "module p\n\ngo 1.26\n",
		"surroundings.go": surroundings,
		"p.go":            "package p\n\n" + imports(code) + code,
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// imports returns the import declarations that code leaves out.
func imports(code string) string {
	var decls string
	for _, path := range []string{"context", "os", "reflect", "sync", "sync/atomic"} {
		name := path[strings.LastIndex(path, "/")+1:]
		if regexp.MustCompile(`\b` + name + `\.[A-Z]`).MatchString(code) {
			decls += fmt.Sprintf("import %q\n", path)
		}
	}
	return decls + "\n"
}

// fixExample has code fixed, and returns the status of the fix of its
// singleton and what becomes of it, package clause and imports left out.
func fixExample(t *testing.T, pattern, code string) (status, fixed string) {
	t.Helper()
	res := mustRun(t, Options{Dir: example(t, code), Patterns: []string{"."}, Fields: pattern == "lazy-field", Fix: true})
	if len(res.Report.Singletons) != 1 || res.Report.Singletons[0].Pattern != pattern {
		t.Fatalf("the example of %s is found to be %v", pattern, res.Report.Singletons)
	}
	for _, p := range res.Packages {
		fixed = withoutImports(t, p.Changes)
	}
	return res.Report.Singletons[0].Fix.Status, fixed
}

func withoutImports(t *testing.T, changes []rewrite.Change) string {
	t.Helper()
	if len(changes) != 1 {
		t.Fatalf("%d files change, want 1", len(changes))
	}
	src := changes[0].After
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "p.go", src, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	end := file.Name.End()
	for _, d := range file.Decls {
		if len(file.Imports) > 0 && d.Pos() <= file.Imports[len(file.Imports)-1].Pos() {
			end = d.End()
		}
	}
	return strings.TrimLeft(string(src[fset.Position(end).Offset:]), "\n")
}

// auditExample returns the singletons of code, the safe ones too.
func auditExample(t *testing.T, code string) []report.Singleton {
	t.Helper()
	opts := Options{Dir: example(t, code), Patterns: []string{"."}, Fields: true, Audit: true}
	return mustRun(t, opts).Report.Singletons
}

// checkRefusals holds a list of refusals against the codes that there are.
func checkRefusals(t *testing.T, pattern, list string) {
	t.Helper()
	var codes []string
	for _, m := range regexp.MustCompile(`(?m)^  - ([a-z-]+): `).FindAllStringSubmatch(list, -1) {
		codes = append(codes, m[1])
		if !slices.ContainsFunc(rewrite.Reasons, func(r rewrite.ReasonDoc) bool { return string(r.Reason) == m[1] }) {
			t.Errorf("the documentation of %s names the refusal %s, which there is not", pattern, strconv.Quote(m[1]))
		}
	}
	if len(codes) == 0 {
		t.Errorf("the documentation of %s does not say when a fix is refused", pattern)
	}
}
