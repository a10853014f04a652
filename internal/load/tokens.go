package load

import (
	"bytes"
	"path/filepath"
)

// selectsAny reports whether a file may use one of names of a package that it
// imports from path and that calls itself own: it selects it from that, or
// imports that by a dot. Of a file that is odd it says yes.
func selectsAny(src []byte, path, own string, names map[string]bool) bool {
	if !bytes.Contains(src, []byte(path)) {
		return false
	}
	l := lexer{src: src}
	called := map[string]bool{own: true}
	var before lexeme // the last token
	var word []byte   // the last identifier
	var from []byte   // the one in front of the last dot
	for {
		t := l.next()
		text := src[l.start:l.end]
		switch {
		case t == tokEOF:
			return l.odd
		case t == tokLiteral && isPath(text, path) && before == tokIdent:
			called[string(word)] = true
		case t == tokLiteral && isPath(text, path) && before == tokDot:
			return true
		case t == tokIdent && before == tokDot && from != nil && names[string(text)] && called[string(from)]:
			return true // imports come first
		}
		if from = nil; t == tokDot && before == tokIdent {
			from = word
		}
		if t == tokIdent {
			word = text
		}
		before = t
	}
}

// isPath reports whether a literal is that import path between quotes.
func isPath(lit []byte, path string) bool {
	return len(lit) > 1 && string(lit[1:len(lit)-1]) == path
}

// naming reports whether name is an identifier of a file. Of one that is odd it says yes.
func naming(src []byte, name string) bool {
	if !bytes.Contains(src, []byte(name)) {
		return false
	}
	l := lexer{src: src}
	for {
		switch t := l.next(); {
		case t == tokEOF:
			return l.odd
		case t == tokIdent && string(src[l.start:l.end]) == name:
			return true
		}
	}
}

func mentionsAny(src []byte, words map[string]bool) bool {
	for word := range words {
		if bytes.Contains(src, []byte(word)) {
			return true
		}
	}
	return false
}

// starts are what a file may start in goroutines, as far as tokens tell.
type starts struct {
	started   map[string]bool // names behind go
	registers bool            // there may be calls that register functions
}

// startsOf returns what each file of a folder starts, by the file's name.
func (s *Set) startsOf(f *folder) map[string]*starts {
	if known, ok := s.starts.Load(f.dir); ok {
		return known.(map[string]*starts)
	}
	v := surveyors.Get().(*surveyor)
	defer surveyors.Put(v)
	all := make(map[string]*starts)
	for _, name := range f.names {
		if src, err := v.read(s.cfg, filepath.Join(f.dir, name)); err == nil {
			all[name] = s.startsIn(src)
		}
	}
	s.starts.Store(f.dir, all)
	return all
}

// startsIn returns what a file starts, nil where that is nothing.
func (s *Set) startsIn(src []byte) *starts {
	found := &starts{started: make(map[string]bool)}
	l := lexer{src: src}
	var before []byte // the last token
	for {
		t := l.next()
		text := src[l.start:l.end]
		switch {
		case t == tokEOF:
			found.registers = found.registers || l.odd
			if len(found.started) == 0 && !found.registers {
				return nil
			}
			return found
		case t == tokIdent && string(before) == "go":
			found.started[s.str(text)] = true
		case t == tokIdent && string(before) == "." && (startsGiven(string(text)) || isRouter(string(text))):
			found.registers = true
		}
		before = text
	}
}

// mayStart reports whether the file may start one of the functions users. A
// file without starts does not.
func (s *starts) mayStart(users map[string]bool) bool {
	return s != nil && (s.registers || intersect(s.started, users))
}
