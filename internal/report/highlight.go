package report

import (
	"go/scanner"
	"go/token"
	"strings"

	"github.com/alecthomas/chroma/v2"
)

// highlight returns the lines of Go source, without their ends, as tokens.
//
// They come from go/scanner, which is exact whatever the code, and ten times as
// fast as rules of regular expressions. chroma's own rules for Go take
// //comment for a directive and a template in each raw string, and their
// package registers 300 other languages at each start (5 ms, 5.5 MB).
func highlight(src []byte) [][]chroma.Token {
	lines := chroma.SplitTokensIntoLines(tokens(src))
	for i, line := range lines {
		last := &line[len(line)-1]
		last.Value = strings.TrimSuffix(last.Value, "\n")
		if last.Value == "" {
			lines[i] = line[:len(line)-1]
		}
	}
	return lines
}

// tokens returns Go source as the tokens that are shown in a colour, and the text between them.
func tokens(src []byte) []chroma.Token {
	var out []chroma.Token
	add := func(kind chroma.TokenType, text []byte) {
		if len(text) > 0 {
			out = append(out, chroma.Token{Type: kind, Value: unescaped(strings.ReplaceAll(string(text), "\r\n", "\n"))})
		}
	}
	file := token.NewFileSet().AddFile("", -1, len(src))
	var s scanner.Scanner
	s.Init(file, src, nil, scanner.ScanComments) // what is no Go is shown all the same
	done := 0
	for {
		pos, tok, lit := s.Scan()
		if tok == token.EOF {
			break
		}
		kind := kindOf(tok)
		start := file.Offset(pos)
		if kind == chroma.Text || start < done {
			continue // or an inserted semicolon
		}
		end := start + len(tok.String())
		if tok.IsLiteral() || tok == token.COMMENT {
			end = endOf(src, start, lit)
		}
		add(chroma.Text, src[done:start])
		add(kind, src[start:end])
		done = end
	}
	add(chroma.Text, src[done:])
	return out
}

// endOf returns where the literal lit ends that starts at start. The scanner
// drops carriage returns from what it returns.
func endOf(src []byte, start int, lit string) int {
	end := start
	for n := 0; n < len(lit) && end < len(src); end++ {
		if src[end] == lit[n] {
			n++
		}
	}
	return end
}

func kindOf(tok token.Token) chroma.TokenType {
	switch {
	case tok == token.COMMENT:
		return chroma.Comment
	case tok == token.STRING || tok == token.CHAR:
		return chroma.LiteralString
	case tok == token.INT || tok == token.FLOAT || tok == token.IMAG:
		return chroma.LiteralNumber
	case tok.IsKeyword():
		return chroma.Keyword
	}
	return chroma.Text
}
