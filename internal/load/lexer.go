package load

import "bytes"

// A lexeme is what a lexer tells apart: no more than a sketch of a file needs.
type lexeme uint8

const (
	tokEOF     lexeme = iota
	tokIdent          // also break, continue and fallthrough
	tokLiteral        // number, string or character
	tokBinary         // an operator that needs an operand in front
	tokUnary          // one that does not
	tokAnd            // &
	tokAssign         // = and all others that change what stands before them and need a value
	tokInc            // ++ and --
	tokDefine         // :=
	tokDot
	tokEllipsis
	tokComma
	tokColon
	tokSemi
	tokLine // the end of a line that ends a statement
	tokLparen
	tokRparen
	tokLbrack
	tokRbrack
	tokLbrace
	tokRbrace
	tokCase
	tokConst
	tokFor
	tokFunc
	tokIf
	tokImport
	tokPackage
	tokReturn
	tokSwitch
	tokType
	tokVar
	tokWord // any other keyword
)

// A lexer splits a Go file into tokens, ten times as fast as go/scanner: it
// knows neither positions nor values, makes no strings, and leaves what is
// wrong with a file to the parser. What it cannot make sense of is odd.
type lexer struct {
	src        []byte
	pos        int
	start, end int  // of the last token
	ends       bool // a line that ends behind the last token ends the statement
	odd        bool // no Go as it should be
}

// Classes of bytes.
const (
	isSpace  = 1 << iota // but not a newline
	isLetter             // or part of one
	isDigit
)

var class = func() (c [256]uint8) {
	for _, b := range " \t\r\f" {
		c[b] = isSpace
	}
	for b := range c {
		if b >= 0x80 || b == '_' || 'a' <= b|0x20 && b|0x20 <= 'z' && b < 0x80 {
			c[b] = isLetter
		}
	}
	for b := '0'; b <= '9'; b++ {
		c[b] = isDigit
	}
	return c
}()

// next returns the next token.
func (l *lexer) next() lexeme {
	for l.pos < len(l.src) {
		b := l.src[l.pos]
		switch {
		case class[b] == isSpace:
			l.pos++
		case b == '\n':
			l.pos++
			if l.ends {
				return l.implied()
			}
		case class[b] == isLetter:
			return l.word()
		case b == '/' && l.isComment():
			if l.comment() && l.ends {
				return l.implied()
			}
		default:
			return l.symbol(b)
		}
	}
	if l.ends {
		return l.implied()
	}
	l.start, l.end = l.pos, l.pos
	return tokEOF
}

// implied returns the end of a statement at a line's end.
func (l *lexer) implied() lexeme {
	l.ends = false
	return tokLine
}

func (l *lexer) isComment() bool {
	return l.pos+1 < len(l.src) && (l.src[l.pos+1] == '/' || l.src[l.pos+1] == '*')
}

// comment skips a comment, and reports whether it counts as a line's end.
func (l *lexer) comment() (newline bool) {
	rest := l.src[l.pos+2:]
	if l.src[l.pos+1] == '/' {
		i := bytes.IndexByte(rest, '\n')
		if i < 0 {
			i = len(rest)
		}
		l.pos += 2 + i // the newline comes next
		return false
	}
	i := bytes.Index(rest, []byte("*/"))
	if i < 0 {
		l.odd, l.pos = true, len(l.src)
		return false
	}
	l.pos += 2 + i + 2
	return bytes.IndexByte(rest[:i], '\n') >= 0
}

// word returns an identifier or keyword.
func (l *lexer) word() lexeme {
	i := l.pos + 1
	for i < len(l.src) && class[l.src[i]]&(isLetter|isDigit) != 0 {
		i++
	}
	l.start, l.end, l.pos = l.pos, i, i
	l.ends = true
	if n := i - l.start; n < 2 || n > 11 {
		return tokIdent // no keyword
	}
	return l.keyword()
}

func (l *lexer) keyword() lexeme {
	t := tokIdent
	switch string(l.src[l.start:l.end]) {
	case "case":
		t = tokCase
	case "const":
		t = tokConst
	case "for":
		t = tokFor
	case "func":
		t = tokFunc
	case "if":
		t = tokIf
	case "import":
		t = tokImport
	case "package":
		t = tokPackage
	case "return":
		return tokReturn
	case "switch":
		t = tokSwitch
	case "var":
		t = tokVar
	case "chan", "default", "defer", "else", "go", "goto", "interface", "map", "range", "select", "struct":
		t = tokWord
	case "type":
		t = tokType
	}
	l.ends = t == tokIdent
	return t
}

// symbol returns a literal, operator or bracket that begins with b.
func (l *lexer) symbol(b byte) lexeme {
	l.start = l.pos
	switch b {
	case '"', '`', '\'':
		l.quoted(b)
		return l.literal()
	case '(':
		return l.advance(1, tokLparen)
	case ')':
		return l.closing(tokRparen)
	case '[':
		return l.advance(1, tokLbrack)
	case ']':
		return l.closing(tokRbrack)
	case '{':
		return l.advance(1, tokLbrace)
	case '}':
		return l.closing(tokRbrace)
	case ',':
		return l.advance(1, tokComma)
	case ';':
		return l.advance(1, tokSemi)
	case '.':
		if class[l.at(1)] == isDigit {
			l.number()
			return l.literal()
		}
		if l.at(1) == '.' && l.at(2) == '.' {
			return l.advance(3, tokEllipsis)
		}
		return l.advance(1, tokDot)
	}
	if class[b] == isDigit {
		l.number()
		return l.literal()
	}
	return l.operator(b)
}

// at returns the byte i behind the current one, 0 behind the end.
func (l *lexer) at(i int) byte {
	if l.pos+i < len(l.src) {
		return l.src[l.pos+i]
	}
	return 0
}

func (l *lexer) advance(n int, t lexeme) lexeme {
	l.pos += n
	l.end = l.pos
	l.ends = false
	return t
}

func (l *lexer) closing(t lexeme) lexeme {
	l.advance(1, t)
	l.ends = true
	return t
}

func (l *lexer) literal() lexeme {
	l.end = l.pos
	l.ends = true
	return tokLiteral
}

// quoted skips a literal between quotes.
func (l *lexer) quoted(quote byte) {
	l.pos++
	if quote == '`' {
		i := bytes.IndexByte(l.src[l.pos:], '`')
		if i < 0 {
			l.odd, l.pos = true, len(l.src)
			return
		}
		l.pos += i + 1
		return
	}
	for l.pos < len(l.src) {
		switch l.src[l.pos] {
		case quote:
			l.pos++
			return
		case '\\':
			l.pos++
		case '\n':
			l.odd = true
			return
		}
		l.pos++
	}
	l.odd, l.pos = true, len(l.src)
}

// number skips a number. A sign is a part of it behind the letter of an
// exponent: 1e-9, 0x1p-2, but not 0x7E+1.
func (l *lexer) number() {
	exponent := byte('e')
	if l.at(0) == '0' && l.at(1)|0x20 == 'x' {
		exponent = 'p'
	}
	for l.pos < len(l.src) {
		b := l.src[l.pos]
		switch {
		case class[b]&(isLetter|isDigit) != 0 || b == '.':
			l.pos++
			if b|0x20 == exponent && (l.at(0) == '+' || l.at(0) == '-') {
				l.pos++
			}
		default:
			return
		}
	}
}

// operator returns the operator that begins with b.
func (l *lexer) operator(b byte) lexeme {
	second, third := l.at(1), l.at(2)
	t := tokBinary
	switch b {
	case '=':
		if second != '=' {
			return l.advance(1, tokAssign)
		}
		return l.advance(2, tokBinary)
	case ':':
		if second == '=' {
			return l.advance(2, tokDefine)
		}
		return l.advance(1, tokColon)
	case '!':
		if second == '=' {
			return l.advance(2, tokBinary)
		}
		return l.advance(1, tokUnary)
	case '<', '>':
		return l.shift(b, second, third)
	case '+', '-':
		if second == b {
			l.advance(2, tokInc)
			l.ends = true
			return tokInc
		}
		t = tokUnary
	case '&':
		switch {
		case second == '^' && third == '=':
			return l.advance(3, tokAssign)
		case second == '&' || second == '^':
			return l.advance(2, tokBinary)
		}
		t = tokAnd
	case '|':
		if second == '|' {
			return l.advance(2, tokBinary)
		}
	case '*', '^', '~':
		t = tokUnary
	case '/', '%':
	default:
		l.odd = true // no Go has it outside of strings and comments
	}
	if second == '=' {
		return l.advance(2, tokAssign)
	}
	return l.advance(1, t)
}

// shift returns the operator that begins with < or >.
func (l *lexer) shift(b, second, third byte) lexeme {
	switch {
	case second == b && third == '=':
		return l.advance(3, tokAssign)
	case b == '<' && second == '-':
		return l.advance(2, tokUnary)
	case second == '=' || second == b:
		return l.advance(2, tokBinary)
	}
	return l.advance(1, tokBinary)
}
