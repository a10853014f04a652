package report

import "testing"

func TestNameAt(t *testing.T) {
	for _, test := range []struct {
		name, line string
		column     int
		want       Columns
	}{
		{"a name", "var instance *T", 5, Columns{5, 13}},
		{"behind a tab", "\tif instance == nil {", 5, Columns{5, 13}},
		{"behind two bytes that are one unit", "/* ü */ var x int", 14, Columns{13, 14}},
		{"behind four bytes that are two units", "/* 𝒳 */ var x int", 16, Columns{14, 15}},
		{"a name with a letter of two units", "var 𝒳y = 1", 5, Columns{5, 8}},
		{"no name", "\t(*p).x = 1", 2, Columns{2, 3}},
		{"behind the line", "x", 2, Columns{}},
		{"no column", "x", 0, Columns{}},
	} {
		if got := nameAt(test.line, test.column); got != test.want {
			t.Errorf("%s: nameAt(%q, %d) = %v, want %v", test.name, test.line, test.column, got, test.want)
		}
	}
}
