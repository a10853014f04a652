package rewrite

import (
	"go/scanner"
	"go/token"
	"strings"
)

// joined returns the text of units with their first lines indented as in the
// old text. Other lines of a unit are inside a token.
func (in indents) joined(us []unit) string {
	var b strings.Builder
	for _, u := range us {
		blank, indent, rest := u.split()
		if theirs, ok := in[len(indent)]; ok {
			indent = theirs
		} else if one, ok := in[1]; ok {
			indent = strings.Repeat(one, len(indent))
		}
		b.WriteString(blank + indent + rest)
	}
	return b.String()
}

// split returns the blank lines above a unit, the indentation of its first line, and the rest.
func (u unit) split() (blank, indent, rest string) {
	body := strings.TrimLeft(u.text, " \t\n")
	space := u.text[:len(u.text)-len(body)]
	i := strings.LastIndexByte(space, '\n') + 1
	return space[:i], space[i:], body
}

// A unit is a run of lines that no token crosses the edges of, with the blank
// lines above it.
type unit struct {
	text   string
	tokens []string
}

func joined(us []unit) string {
	var b strings.Builder
	for _, u := range us {
		b.WriteString(u.text)
	}
	return b.String()
}

func offset(us []unit, n int) int {
	size := 0
	for _, u := range us[:n] {
		size += len(u.text)
	}
	return size
}

// units cuts text into units.
func units(text string) []unit {
	var out []unit
	var s scanner.Scanner
	file := token.NewFileSet().AddFile("", -1, len(text))
	s.Init(file, []byte(text), func(token.Position, string) {}, scanner.ScanComments)
	start, cur := 0, unit{}
	end := 0 // of the last token
	for {
		pos, tok, lit := s.Scan()
		at := len(text)
		if tok != token.EOF {
			at = file.Offset(pos)
		}
		if tok == token.SEMICOLON {
			continue // the printer writes a line end for it, or the other way round
		}
		if nl := strings.LastIndexByte(text[end:at], '\n'); len(cur.tokens) > 0 && nl >= 0 {
			first := end + strings.IndexByte(text[end:at], '\n') + 1
			cur.text = text[start:first]
			out = append(out, cur)
			start, cur = first, unit{}
		}
		if tok == token.EOF {
			break
		}
		if lit == "" || tok.IsOperator() {
			lit = tok.String()
		}
		cur.tokens = append(cur.tokens, plain(tok, lit))
		end = tokenEnd(text, at, tok, lit)
	}
	if start < len(text) || len(cur.tokens) > 0 {
		cur.text = text[start:]
		out = append(out, cur)
	}
	return out
}

// plain returns a token's text without what the printer changes in it: the
// indentation of a comment's lines, and spaces at their ends.
func plain(tok token.Token, lit string) string {
	if tok != token.COMMENT {
		return lit
	}
	lines := strings.Split(lit, "\n")
	for i := range lines {
		lines[i] = strings.TrimSpace(lines[i])
	}
	return strings.Join(lines, "\n")
}

// tokenEnd returns the offset behind the token at offset at.
func tokenEnd(text string, at int, tok token.Token, lit string) int {
	if tok != token.STRING || lit[0] != '`' {
		return min(at+len(lit), len(text))
	}
	// The scanner drops carriage returns from raw strings.
	return at + 1 + strings.IndexByte(text[at+1:], '`') + 1
}

func tokensOf(us []unit) []string {
	var out []string
	for _, u := range us {
		out = append(out, u.tokens...)
	}
	return out
}
