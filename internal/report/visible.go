package report

import (
	"strings"
	"unicode"
)

// visible returns text on one line, without what a terminal or a browser
// would obey instead of showing it: names are chosen by whoever wrote the code.
func visible(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return ' '
		}
		return shownAs(r)
	}, text)
}

// unescaped is visible for text of several lines.
func unescaped(text string) string {
	return strings.Map(func(r rune) rune {
		if r == '\n' || r == '\t' {
			return r
		}
		return shownAs(r)
	}, text)
}

// Plain returns text without what a terminal would obey instead of showing
// it, for what is said beside a report.
func Plain(text string) string { return unescaped(text) }

func shownAs(r rune) rune {
	if unicode.IsPrint(r) {
		return r
	}
	return unicode.ReplacementChar
}
