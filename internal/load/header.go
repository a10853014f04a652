package load

import "github.com/singletonfix/singletonfix/detect"

// A header is what stands in front of a file's declarations.
type header struct {
	name    string   // of the package; "" where the file is none of Go
	imports []string // import paths
	dots    []string // those of them that are imported by a dot
	sync    bool     // imports sync
	atomic  bool     // imports sync/atomic
	manager bool     // imports the manager strategy's package
	odd     bool     // something in it is not as Go has it
	build   []byte   // everything up to the package's name
}

// readHeader returns the header of the file that l is at the start of, and
// leaves l behind it. Paths and names are made by str, once each.
func (l *lexer) readHeader(str func([]byte) string) header {
	var h header
	if len(l.src) >= 3 && string(l.src[:3]) == "\ufeff" {
		l.pos = 3
	}
	if l.next() != tokPackage || l.next() != tokIdent {
		l.odd = true
		return h
	}
	h.name, h.build = str(l.src[l.start:l.end]), l.src[:l.end]
	for {
		before := *l
		switch l.next() {
		case tokSemi, tokLine:
		case tokImport:
			l.readImport(&h, str)
		default:
			*l = before
			return h
		}
	}
}

// readImport reads an import declaration.
func (l *lexer) readImport(h *header, str func([]byte) string) {
	group, dot := false, false
	for {
		switch l.next() {
		case tokLparen:
			group = true
		case tokLiteral:
			path := l.src[l.start:l.end]
			if len(path) < 2 {
				l.odd = true
				return
			}
			p := str(path[1 : len(path)-1]) // escapes in an import path are for no one
			h.imports = append(h.imports, p)
			if dot {
				h.dots, dot = append(h.dots, p), false
			}
			h.sync = h.sync || p == "sync"
			h.atomic = h.atomic || p == "sync/atomic"
			h.manager = h.manager || detect.IsManager(p)
			if !group {
				return
			}
		case tokRparen:
			return
		case tokSemi, tokLine:
			if !group {
				l.odd = true
				return
			}
		case tokIdent: // the name in the file
		case tokDot:
			dot = true
		default:
			l.odd = true
			return
		}
	}
}

// headOf returns what stands in a file before its package's name, and that;
// all of what has none.
func headOf(src []byte) []byte {
	l := lexer{src: src}
	if h := l.readHeader(func([]byte) string { return "" }); h.build != nil {
		return h.build
	}
	return src
}
