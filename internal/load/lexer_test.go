package load

import (
	"bytes"
	"go/build"
	"go/parser"
	"go/scanner"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// sources calls f for Go files of the standard library: all, or with -short some.
func sources(t *testing.T, f func(name string, src []byte)) {
	root := filepath.Join(build.Default.GOROOT, "src")
	if os.Getenv("SINGLETONFIX_TREES") == "" { // all of it takes minutes
		root = filepath.Join(root, "net")
	}
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() && d.Name() == "testdata" {
			return fs.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(name, ".go") {
			return nil
		}
		src, err := os.ReadFile(name)
		if err == nil {
			f(name, src)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// sketchOf returns the sketch of one file.
func sketchOf(src []byte) (*sketch, header) {
	s := new(sketch)
	k := sketcher{sketch: s, lexer: lexer{src: src}}
	k.header = k.readHeader(func(b []byte) string { return string(b) })
	if !k.lexer.odd {
		k.addFile()
	}
	s.odd = k.lexer.odd
	return s, k.header
}

// TestLexer compares tokens with those of go/scanner.
func TestLexer(t *testing.T) {
	sources(t, func(name string, src []byte) {
		var s scanner.Scanner
		file := token.NewFileSet().AddFile(name, -1, len(src))
		s.Init(file, src, nil, 0)
		l := lexer{src: bytes.TrimPrefix(src, []byte("\ufeff"))}
		for {
			pos, want, lit := s.Scan()
			got := l.next()
			ok := true
			switch want {
			case token.EOF:
				ok = got == tokEOF
			case token.IDENT:
				ok = got == tokIdent && string(l.src[l.start:l.end]) == lit
			case token.INT, token.FLOAT, token.IMAG, token.CHAR, token.STRING:
				ok = got == tokLiteral && len(src[l.start:l.end]) >= len(lit)
			case token.SEMICOLON:
				ok = got == tokLine && lit == "\n" || got == tokSemi && lit == ";"
			case token.LBRACE:
				ok = got == tokLbrace
			case token.RPAREN:
				ok = got == tokRparen
			case token.ASSIGN, token.ADD_ASSIGN, token.AND_NOT_ASSIGN, token.SHL_ASSIGN, token.QUO_ASSIGN, token.XOR_ASSIGN:
				ok = got == tokAssign
			case token.AND:
				ok = got == tokAnd
			}
			if !ok {
				t.Fatalf("%s: next = %d, want %s", file.Position(pos), got, want)
			}
			if got == tokEOF {
				return
			}
		}
	})
}

// TestOdd gives files that do not parse to the parser, and none that are as
// they should be: those of the standard library, and the same with one token
// left out. What still parses without it, as few do, may be given to it too.
func TestOdd(t *testing.T) {
	broken, seen, needless := 0, 0, 0
	sources(t, func(name string, src []byte) {
		s, h := sketchOf(src)
		if s.odd || h.name == "" {
			t.Errorf("%s is odd", name)
		}
		for i := 1; i < 8; i++ {
			cut := without(src, len(src)*i/8)
			_, err := parser.ParseFile(token.NewFileSet(), name, cut, parser.SkipObjectResolution)
			s, _ := sketchOf(cut)
			if err != nil {
				broken++
			}
			switch {
			case s.odd && err == nil:
				needless++
			case s.odd:
				seen++
			}
		}
	})
	t.Logf("%d of %d broken files are seen to be", seen, broken)
	if needless*1000 > broken {
		t.Errorf("%d files are odd without a token, and parse; %d do not", needless, broken)
	}
	if seen*3 < broken*2 {
		t.Errorf("%d of %d broken files are seen to be", seen, broken)
	}
}

// without returns src without the first token behind an offset.
func without(src []byte, offset int) []byte {
	l := lexer{src: src}
	for {
		switch t := l.next(); {
		case t == tokEOF:
			return src
		case l.start >= offset && t != tokLine:
			return append(bytes.Clone(src[:l.start]), src[l.end:]...)
		}
	}
}
