package singletonfix_test

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/singletonfix/singletonfix/detect"
	"github.com/singletonfix/singletonfix/internal/report"
	"github.com/singletonfix/singletonfix/rewrite"
)

var update = flag.Bool("update", false, "rewrite docs/patterns.md")

const patternsDoc = "docs/patterns.md"

// TestPatternsDoc holds docs/patterns.md against the documentation in the code.
func TestPatternsDoc(t *testing.T) {
	got := generatePatternsDoc()
	if *update {
		if err := os.WriteFile(patternsDoc, got, 0o666); err != nil {
			t.Fatal(err)
		}
		return
	}
	want := read(t, patternsDoc)
	if diff := cmp.Diff(strings.Split(want, "\n"), strings.Split(string(got), "\n")); diff != "" {
		t.Errorf("%s is out of date (-want +got); go test . -update writes it\n%s", patternsDoc, diff)
	}
}

func generatePatternsDoc() []byte {
	var b bytes.Buffer
	b.WriteString("<!-- Written by go test . -update from the documentation in detect and rewrite. -->\n\n")
	b.WriteString("# Patterns\n\nWhat makes a lazily initialised singleton unsafe, by the name that reports and flags use.\n")
	for _, p := range detect.Patterns {
		writeEntry(&b, p.Name, p.Doc)
	}
	b.WriteString("\n# Safe forms\n\nWhat makes a singleton safe, by the name that the audit uses, and what callers can rely on.\n")
	for _, f := range detect.Forms {
		writeEntry(&b, f.Name, f.Doc)
	}
	b.WriteString("\n# Strategies\n\nThe forms that a fix gives, in the order in which they are tried.\n")
	for _, s := range rewrite.Strategies {
		writeEntry(&b, s.Name, s.Doc)
	}
	b.WriteString("\n# Refusals\n\nWhy a fix is refused. When in doubt, singletonfix leaves the code alone and says what stands in the way.\n")
	for _, r := range rewrite.Reasons {
		writeEntry(&b, string(r.Reason), r.Doc)
	}
	return b.Bytes()
}

// writeEntry writes a section. Code is indented in doc, which is how Markdown
// tells it from text, too.
func writeEntry(b *bytes.Buffer, name, doc string) {
	title, rest, _ := strings.Cut(strings.TrimSpace(doc), "\n")
	fmt.Fprintf(b, "\n## %s\n\n%s.\n", name, capital(title))
	if rest = strings.Trim(rest, "\n"); rest != "" {
		fmt.Fprintf(b, "\n%s\n", rest)
	}
}

// capital returns title as a sentence starts; a name in code stays as it is.
func capital(title string) string {
	first, _, _ := strings.Cut(title, " ")
	if strings.ContainsAny(first, ".()_") {
		return title
	}
	return strings.ToUpper(title[:1]) + title[1:]
}

// TestJSONDoc holds docs/json.md against the fields of the report: each is
// described, in the words of the JSON.
func TestJSONDoc(t *testing.T) {
	doc := read(t, "docs/json.md")
	seen := map[reflect.Type]bool{}
	var check func(typ reflect.Type)
	check = func(typ reflect.Type) {
		for typ.Kind() == reflect.Pointer || typ.Kind() == reflect.Slice {
			typ = typ.Elem()
		}
		if typ.Kind() != reflect.Struct || seen[typ] {
			return
		}
		seen[typ] = true
		for i := range typ.NumField() {
			f := typ.Field(i)
			name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
			if name == "-" {
				continue // never in the JSON
			}
			if !strings.Contains(doc, "`"+name+"`") {
				t.Errorf("docs/json.md does not describe %q of %s", name, typ.Name())
			}
			check(f.Type)
		}
	}
	check(reflect.TypeFor[report.Report]())
}

// TestReadmeNames holds the README's tables against the code: every pattern
// and every strategy stands there.
func TestReadmeNames(t *testing.T) {
	readme := read(t, "README.md")
	for _, p := range detect.Patterns {
		if !strings.Contains(readme, "| `"+p.Name+"` |") {
			t.Errorf("README.md does not list the pattern %s", p.Name)
		}
	}
	for _, s := range rewrite.Strategies {
		if !strings.Contains(readme, "| `"+s.Name+"` |") {
			t.Errorf("README.md does not list the strategy %s", s.Name)
		}
	}
}

func read(t *testing.T, name string) string {
	t.Helper()
	content, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}
