package checks

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

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
