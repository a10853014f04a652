package checks

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"unicode/utf16"

	_ "github.com/owenrumney/go-sarif/v3/pkg/report/v210/sarif" // holds the schema
	"github.com/xeipuuv/gojsonschema"
)

// TestSARIF holds logs against the official schema of SARIF 2.1.0.
func TestSARIF(t *testing.T) {
	schema, err := gojsonschema.NewSchema(gojsonschema.NewStringLoader(officialSchema(t)))
	if err != nil {
		t.Fatal(err)
	}
	dir := shop(t)
	for name, log := range map[string]string{
		"report":  string(output(t, dir, "--format=sarif")),
		"audit":   string(output(t, dir, "--format=sarif", "--audit")),
		"hostile": read(t, "../../internal/report/testdata/hostile.sarif"),
		"all":     read(t, "../../internal/report/testdata/report.sarif"),
	} {
		res, err := schema.Validate(gojsonschema.NewStringLoader(log))
		if err != nil {
			t.Fatal(err)
		}
		for _, problem := range res.Errors() {
			t.Errorf("%s: %s", name, problem)
		}
	}
	// The check checks.
	res, err := schema.Validate(gojsonschema.NewStringLoader(`{"version": "2.1.0", "runs": [{}]}`))
	if err != nil || res.Valid() {
		t.Errorf("a run without a tool is valid (%v)", err)
	}
}

// TestSARIFColumns holds that a result's region is the variable's name, where
// characters in front of it take two bytes and two code units.
func TestSARIFColumns(t *testing.T) {
	dir := t.TempDir()
	put(t, filepath.Join(dir, "go.mod"), "module example.com/x\n\ngo 1.26\n")
	const source = "package x\n\n/* ü 𝒳 */ var größe *int\n\nfunc Get() *int {\n\tif größe == nil {\n\t\tgröße = new(int)\n\t}\n\treturn größe\n}\n"
	put(t, filepath.Join(dir, "x.go"), source)
	var log struct {
		Runs []struct {
			ColumnKind string
			Results    []struct {
				Locations, RelatedLocations []struct {
					PhysicalLocation struct {
						Region struct{ StartLine, StartColumn, EndColumn int }
					}
				}
			}
		}
	}
	if err := json.Unmarshal(output(t, dir, "--format=sarif"), &log); err != nil {
		t.Fatal(err)
	}
	if log.Runs[0].ColumnKind != "utf16CodeUnits" || len(log.Runs[0].Results) != 1 {
		t.Fatalf("the log is %+v, want one result, in UTF-16", log)
	}
	lines := strings.Split(source, "\n")
	var names []string
	res := log.Runs[0].Results[0]
	for _, at := range append(res.Locations, res.RelatedLocations...) {
		r := at.PhysicalLocation.Region
		units := utf16.Encode([]rune(lines[r.StartLine-1]))
		names = append(names, string(utf16.Decode(units[r.StartColumn-1:r.EndColumn-1])))
	}
	if got, want := strings.Join(names, " "), "größe größe größe Get"; got != want {
		t.Errorf("the regions are those of %q, want %q", got, want)
	}
}

// officialSchema returns the schema that OASIS publishes, which the module
// go-sarif has a copy of.
func officialSchema(t *testing.T) string {
	t.Helper()
	dir, err := exec.Command("go", "list", "-f", "{{.Dir}}", "github.com/owenrumney/go-sarif/v3/pkg/report/v210/sarif").Output()
	if err != nil {
		t.Fatal(err)
	}
	f, err := parser.ParseFile(token.NewFileSet(), filepath.Join(strings.TrimSpace(string(dir)), "schema.go"), nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	schema := ""
	ast.Inspect(f, func(n ast.Node) bool {
		if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
			schema, err = strconv.Unquote(lit.Value)
		}
		return schema == ""
	})
	if err != nil || !strings.Contains(schema, "docs.oasis-open.org/sarif/sarif/v2.1.0") {
		t.Fatalf("no schema of OASIS in %s (%v)", dir, err)
	}
	return schema
}
