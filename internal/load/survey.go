package load

import (
	"io"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/singletonfix/singletonfix/detect"
)

// A surveyor looks through directories, one after the other. It has room for
// one file, and for what is sketched of one package.
type surveyor struct {
	sketch sketch
	outer  []block
	spans  []span
	buf    []byte
	size   int // of the files of a package so far
}

var surveyors = sync.Pool{New: func() any { return new(surveyor) }}

// survey reads the package of a directory, and parses it if it may hold a
// candidate. Test files count only once it does: they hold none of their own,
// unless the run is about them.
func (s *Set) survey(l *listing, mod *module) *folder {
	code, tests := split(s.fileNames(l))
	if s.cfg.Tests {
		code, tests = append(code, tests...), nil
	}
	if !s.cfg.All {
		v := surveyors.Get().(*surveyor)
		defer surveyors.Put(v)
		if f := v.survey(s, newFolder(l.dir, mod), code, tests); f != nil {
			return f
		}
	}
	f := newFolder(l.dir, mod)
	s.addFiles(f, code)
	if len(f.errs) == 0 && len(code) > 0 && !s.cfg.All {
		filter := readFilter(f.files)
		holds := filter.mayHold()
		if !holds && !mayHoldCandidate(f.xtest) {
			f.settle()
			f.drop()
			return f
		}
		if holds && s.brief && !s.cfg.Tests {
			f.later, f.tests = filter, tests
			f.settle()
			return f
		}
	}
	s.addFiles(f, tests)
	f.settle()
	if len(f.errs) > 0 {
		f.files = nil // half a package would be misjudged
	}
	if len(f.errs) > 0 || !s.cfg.Tests || !s.cfg.All && !mayHoldCandidate(f.xtest) {
		f.xtest = nil
	}
	return f
}

// split parts the names of test files from all others.
func split(names []string) (code, tests []string) {
	for _, name := range names {
		if isTest(name) {
			tests = append(tests, name)
		} else {
			code = append(code, name)
		}
	}
	return code, tests
}

// survey returns what there is to know of a package that can hold no
// candidate: f, with its name. It returns nil where the files have to be parsed.
func (v *surveyor) survey(s *Set, f *folder, code, tests []string) *folder {
	v.sketch.reset()
	v.size = 0
	for _, name := range code {
		if !v.file(s, f, name, true) {
			return nil
		}
	}
	for _, name := range tests {
		if f.name != "" {
			break // how the tests call their package says nothing new
		}
		if !v.file(s, f, name, false) {
			return nil
		}
	}
	below := !s.cfg.Tests && detect.BelowMemoryModel(f.path) // its external tests are not
	switch {
	case v.sketch.odd:
		return nil
	case !v.sketch.mayHold() || below:
		return f
	case v.size > largePackage && !s.cfg.Tests && !s.mayHoldLarge(f.dir, f.mod, code, v.sketch.atomics):
		return f
	}
	return nil
}

// file reads a file, and sketches it if so asked. It reports whether that
// went well, up to now.
func (v *surveyor) file(s *Set, f *folder, name string, all bool) bool {
	if !strings.HasSuffix(name, ".go") {
		f.left = append(f.left, name)
		return true
	}
	src, err := v.read(s.cfg, filepath.Join(f.dir, name))
	if err != nil {
		return false
	}
	v.size += len(src)
	k := sketcher{sketch: &v.sketch, lexer: lexer{src: src}, outer: v.outer[:0], pending: v.spans[:0]}
	k.header = k.readHeader(s.str)
	if k.lexer.odd {
		return false
	}
	if !s.build.match(name, k.header.build) || s.leavesOut(k.header.name, k.header.imports) {
		f.left = append(f.left, name)
		return true
	}
	if !v.name(f, k.header.name, isTest(name)) {
		return false
	}
	if all {
		k.addFile()
		v.outer, v.spans = k.outer, k.pending
	}
	return !v.sketch.odd
}

// name takes over the package's name from a file, and reports whether it is
// what the other files say.
func (v *surveyor) name(f *folder, name string, test bool) bool {
	if test {
		name = strings.TrimSuffix(name, "_test")
	}
	if f.name == "" {
		f.name = name
	}
	return f.name == name
}

// read returns a file's content, up to the next call.
func (v *surveyor) read(c *Config, name string) ([]byte, error) { return v.readUpTo(c, name, maxFile) }

// readUpTo returns no more than the beginning of a longer file.
func (v *surveyor) readUpTo(c *Config, name string, most int) ([]byte, error) {
	if src, ok := c.Overlay[name]; ok {
		return src, nil
	}
	f, size, err := openFile(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	size = min(size, most)
	v.buf = slices.Grow(v.buf[:0], size)[:size]
	n, err := io.ReadFull(f, v.buf)
	if err == io.ErrUnexpectedEOF || err == io.EOF {
		err = nil // somebody has just cut it
	}
	return v.buf[:n], err
}

// str returns b as a string, the same one each time.
func (s *Set) str(b []byte) string {
	s.strs.mu.Lock()
	defer s.strs.mu.Unlock()
	if str, ok := s.strs.all[string(b)]; ok {
		return str
	}
	str := string(b)
	s.strs.all[str] = str
	return str
}

// strings are those of which there is one each: paths and names of packages.
type uniqueStrings struct {
	mu  sync.Mutex
	all map[string]string
}
