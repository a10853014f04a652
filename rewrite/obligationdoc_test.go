package rewrite

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestObligationsAreDocumented holds Obligations against the names that the
// strategies give to what they have proved.
func TestObligationsAreDocumented(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	var proved []string
	for _, name := range files {
		src, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		for _, m := range regexp.MustCompile(`\.proved\("([a-z-]+)"`).FindAllSubmatch(src, -1) {
			proved = append(proved, string(m[1]))
		}
	}
	for _, o := range Obligations {
		if !slices.Contains(proved, o.Name) {
			t.Errorf("%s is explained, and nothing proves it", o.Name)
		}
	}
	for _, name := range proved {
		if !slices.ContainsFunc(Obligations, func(o ObligationDoc) bool { return o.Name == name }) {
			t.Errorf("%s is proved and not explained in Obligations", name)
		}
	}
}
