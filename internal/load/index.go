package load

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
)

// An index knows who imports whom in whole modules, the patterns' packages
// or not. It is made when first asked for: most runs find nothing to ask about.
type index struct {
	mu     sync.Mutex
	byRoot map[string][]*folder // modules' folders, in order of import path
	whole  map[string][]*folder // those and what the build leaves out as a whole, in order of directory
}

// neighbours returns the folders that may import a package of mod: those of
// the module, of modules nested in it, and of its workspace. Their syntax is not kept.
func (s *Set) neighbours(mod *module) []*folder {
	s.index.mu.Lock()
	defer s.index.mu.Unlock()
	s.readIndex(mod)
	return s.index.byRoot[mod.root]
}

// everywhere returns neighbours, and those folders of theirs of which the
// build leaves out all files, in order of directory.
func (s *Set) everywhere(mod *module) []*folder {
	s.index.mu.Lock()
	defer s.index.mu.Unlock()
	s.readIndex(mod)
	return s.index.whole[mod.root]
}

// readIndex reads what the files of mod, and of what may import a package of
// it, import, if that is not known yet.
func (s *Set) readIndex(mod *module) {
	x := s.index
	if x.whole[mod.root] != nil {
		return
	}
	var listings []*listing
	for _, root := range s.neighbourRoots(mod) {
		listAll(root, &listings)
	}
	slices.SortFunc(listings, func(a, b *listing) int { return strings.Compare(a.dir, b.dir) })
	listings = slices.CompactFunc(listings, func(a, b *listing) bool { return a.dir == b.dir })

	var all []*folder
	for _, l := range listings {
		m, err := s.moduleOf(l.dir)
		if err != nil {
			m = mod // a broken go.mod below: count its packages as ours
		}
		all = append(all, &folder{dir: l.dir, path: m.importPath(l.dir), mod: m, parsing: unparsed})
	}
	parallel(len(all), func(i int) { s.readHeaders(all[i], listings[i]) })
	built := slices.DeleteFunc(slices.Clone(all), func(f *folder) bool { return f.name == "" })
	slices.SortStableFunc(built, func(a, b *folder) int { return strings.Compare(a.path, b.path) })
	if x.byRoot == nil {
		x.byRoot, x.whole = make(map[string][]*folder), make(map[string][]*folder)
	}
	x.byRoot[mod.root], x.whole[mod.root] = built, all
}

// unparsed is of folders of which nothing is parsed.
var unparsed = new(parsing)

// readHeaders reads what the files of a directory import.
func (s *Set) readHeaders(f *folder, l *listing) {
	v := surveyors.Get().(*surveyor)
	defer surveyors.Put(v)
	for _, name := range s.fileNames(l) {
		if !strings.HasSuffix(name, ".go") {
			continue
		}
		h, err := v.readHeader(s, filepath.Join(l.dir, name))
		if err != nil || h.name == "" || !s.build.match(name, h.build) || s.leavesOut(h.name, h.imports) {
			f.out = append(f.out, leftFile{name, h.imports, err != nil || h.odd})
			continue
		}
		if h.odd {
			f.out = append(f.out, leftFile{name: name, odd: true})
		}
		if pkg := strings.TrimSuffix(h.name, "_test"); !isTest(name) {
			f.name = h.name
		} else if f.name == "" {
			f.name = pkg
		}
		f.names = append(f.names, name)
		f.addImports(h.imports, isTest(name))
		for _, path := range h.dots {
			f.importing(path).dot = true
		}
	}
}

// usualHeader is how many bytes of a file most headers fit into, comments
// and all.
const usualHeader = 8 << 10

// readHeader reads the header of a file, and of the file no more than that
// where it is short.
func (v *surveyor) readHeader(s *Set, name string) (header, error) {
	src, err := v.readUpTo(s.cfg, name, usualHeader)
	if err != nil {
		return header{}, err
	}
	l := lexer{src: src}
	h := l.readHeader(s.str)
	if next := l.next(); len(src) < usualHeader || next != tokEOF && l.end < len(src) && !l.odd {
		h.odd = l.odd
		return h, nil // what follows it is there
	}
	if src, err = v.read(s.cfg, name); err != nil {
		return header{}, err
	}
	l = lexer{src: src}
	h = l.readHeader(s.str)
	h.odd = l.odd
	return h, nil
}

// neighbourRoots returns the roots of mod and of the modules of its workspace.
func (s *Set) neighbourRoots(mod *module) []string {
	roots := []string{mod.root}
	if s.cfg.getenv("GOWORK") == "off" {
		return roots
	}
	for d := mod.root; ; d = filepath.Dir(d) {
		if used := workspace(d); slices.Contains(used, mod.root) {
			return append(roots, used...)
		}
		if d == filepath.Dir(d) {
			return roots
		}
	}
}

// listAll finds all directories below dir that may hold packages, those of
// nested modules too. What cannot be read holds none.
func listAll(dir string, found *[]*listing) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return
	}
	*found = append(*found, list(dir, entries, true))
	for _, e := range entries {
		if e.IsDir() && !skipped(e.Name()) {
			listAll(filepath.Join(dir, e.Name()), found)
		}
	}
}

// importersOf returns the folders that import a package of mod.
func (s *Set) importersOf(mod *module, path string) []*folder {
	var found []*folder
	for _, f := range s.neighbours(mod) {
		if f.importing(path) != nil {
			found = append(found, f)
		}
	}
	return found
}
