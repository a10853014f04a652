package load

// What no Go has: which lexemes never stand behind which. It is no grammar,
// but tells most of what does not parse from what does, at the price of a
// look into a table. A file with such a pair is given to the parser, to say
// what is wrong.
var never = func() (n [tokWord + 1]lexemes) {
	closing := set(tokRparen, tokRbrack, tokRbrace)
	statement := set(tokCase, tokConst, tokFor, tokIf, tokImport, tokPackage, tokReturn, tokSwitch, tokVar)
	change := set(tokAssign, tokInc, tokDefine)
	noOperand := change | statement | set(tokBinary, tokDot, tokComma, tokColon, tokSemi, tokLine, tokEOF)

	for _, t := range []lexeme{tokBinary, tokUnary, tokAnd, tokAssign, tokDefine} {
		n[t] = noOperand | closing | set(tokType)
	}
	n[tokDot] = ^set(tokIdent, tokLparen)
	n[tokComma] = noOperand &^ set(tokDot)
	n[tokLparen] = noOperand&^set(tokSemi) | set(tokRbrack, tokRbrace)
	n[tokLbrack] = noOperand&^set(tokColon) | set(tokRparen, tokRbrace)
	n[tokLbrace] = change | set(tokBinary, tokDot, tokComma, tokColon, tokRparen, tokRbrack, tokEOF)
	n[tokLiteral] = set(tokIdent, tokLiteral, tokLparen, tokDefine, tokFunc, tokType) | statement
	n[tokRparen] = statement
	n[tokRbrace] = statement&^set(tokCase) | set(tokIdent, tokType)
	n[tokInc] = ^set(tokSemi, tokLine, tokRbrace, tokLbrace, tokRparen)
	n[tokFunc] = ^set(tokIdent, tokLparen)
	n[tokVar] = ^set(tokIdent, tokLparen)
	n[tokConst] = ^set(tokIdent, tokLparen)
	n[tokType] = ^set(tokIdent, tokLparen, tokRparen)
	n[tokIf] = noOperand&^set(tokSemi, tokVar) | closing | set(tokLbrace)
	n[tokIdent] = set(tokImport, tokPackage, tokIf, tokFor, tokVar, tokConst, tokReturn, tokSwitch)
	n[tokPackage], n[tokImport] = ^lexemes(0), ^lexemes(0) // only at the start of a file
	return n
}()

// lexemes is a set of them.
type lexemes uint64

func set(ts ...lexeme) lexemes {
	var s lexemes
	for _, t := range ts {
		s |= 1 << t
	}
	return s
}

// has reports whether t is in s.
func (s lexemes) has(t lexeme) bool { return s&(1<<t) != 0 }

// A declaration begins with one of these, at the level of the package.
var beginsDecl = set(tokVar, tokConst, tokFunc, tokType, tokSemi, tokLine, tokEOF)
