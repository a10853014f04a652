package detect

import (
	"fmt"
	"go/ast"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// What only tests get to runs as they do: mostly one after the other.

// bypassedByTests returns what shows that only helpers of tests do without the
// lock of c; nil where others do.
func (f *finder) bypassedByTests(c *Singleton) []Note {
	if c.Pattern != unlockedReset.Name && c.Pattern != unlockedRead.Name {
		return nil
	}
	var evidence []Note
	for _, r := range c.Reasons {
		fn := f.holder(r)
		if fn == nil || !f.testHelper(fn) {
			return nil
		}
		evidence = append(evidence, Note{"", fmt.Sprintf("%s, which does without the lock, is there for tests", fn.Name()), fn.Pos()})
	}
	return slices.Compact(evidence)
}

// testSupport reports whether the package, by its name, serves tests: httptest, dbtesting, testutil.
func (f *Facts) testSupport() bool {
	for _, dir := range strings.Split(f.Pkg.Path, "/") {
		switch dir {
		case "test", "tests", "e2e", "integration", "testing", "testutil", "testutils", "mock", "mocks":
			return true
		}
		if strings.HasSuffix(dir, "-tests") || strings.HasSuffix(dir, "_tests") {
			return true // integration-tests
		}
	}
	name := f.Pkg.Types.Name()
	return strings.HasSuffix(name, "test") || strings.HasSuffix(name, "testing") || strings.HasPrefix(name, "testutil") || strings.HasPrefix(name, "testhelper")
}

// testName matches the names of functions that say they are there for tests.
var testName = regexp.MustCompile(`For(Test|Tests|Testing)([A-Z]|$)|(Mock|Fake)[A-Z]`)

// testDoc matches the comments of functions that say so.
var testDoc = regexp.MustCompile(`(?i)\bonly\s+(be\s+)?(used\s+)?(in|for|by|from)\s+(unit\s+)?test(s|ing)\b|\bfor\s+(unit\s+)?test(s|ing)(\s+purposes)?(\s+only)?\s*(\.|$)`)

// testLibraries are what only tests, and what helps them, import.
var testLibraries = regexp.MustCompile(`^(github\.com/onsi/(gomega|ginkgo(/v\d+)?)|github\.com/stretchr/testify/(assert|require|suite)|github\.com/frankban/quicktest|gopkg\.in/check\.v1|gotest\.tools(/v\d+)?/assert)$`)

// importsTestLibrary reports whether the file of fn imports what only tests need.
func (f *Facts) importsTestLibrary(fn *Func) bool {
	return slices.ContainsFunc(fn.File.Syntax.Imports, func(spec *ast.ImportSpec) bool {
		path, err := strconv.Unquote(spec.Path.Value)
		return err == nil && testLibraries.MatchString(path)
	})
}

// testHelper reports whether fn takes a parameter of package testing, says in
// its name or its comment that it is for tests, or stands in a file that
// imports what only tests need.
func (f *Facts) testHelper(fn *Func) bool {
	if f.importsTestLibrary(fn) {
		return true
	}
	if decl := fn.Outermost().Decl; decl != nil && (testName.MatchString(decl.Name.Name) || testDoc.MatchString(decl.Doc.Text())) {
		return true
	}
	for _, field := range fn.Type().Params.List {
		switch f.writtenType(field.Type) {
		case "testing.T", "testing.B", "testing.TB", "testing.F", "testing.M":
			return true
		}
	}
	return false
}
