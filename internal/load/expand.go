package load

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// A listing is a directory and the Go and assembly files in it.
type listing struct {
	dir   string // absolute
	names []string
	wild  bool // found by a wildcard: nobody asked for this directory by name
}

// list returns the listing of a directory that holds entries.
func list(dir string, entries []fs.DirEntry, wild bool) *listing {
	l := &listing{dir: dir, wild: wild}
	for _, e := range entries {
		if isSource(e.Name()) && !e.IsDir() && !isLinkedDir(dir, e) {
			l.names = append(l.names, e.Name())
		}
	}
	return l
}

// expand returns the directories that patterns mean, in order and each once.
// It does not yet know which of them hold a package.
func (s *Set) expand(base string, patterns []string) ([]*listing, error) {
	if len(patterns) == 0 {
		patterns = []string{"./..."}
	}
	byDir := make(map[string]*listing)
	for _, p := range patterns {
		found, err := s.expandOne(base, p)
		if err != nil {
			return nil, err
		}
		for _, l := range found {
			if old := byDir[l.dir]; old == nil || old.wild {
				byDir[l.dir] = l
			}
		}
	}
	var all []*listing
	for _, l := range byDir {
		all = append(all, l)
	}
	slices.SortFunc(all, func(a, b *listing) int { return strings.Compare(a.dir, b.dir) })
	return all, nil
}

func (s *Set) expandOne(base, pattern string) ([]*listing, error) {
	if dir, ok := fileDir(base, pattern); ok {
		return s.oneDir(pattern, dir)
	}
	abs, err := s.patternDir(base, pattern)
	if err != nil {
		return nil, err
	}
	literal := 0 // of abs: a folder that is worked in may be called what it likes
	if strings.HasPrefix(abs, base) {
		literal = len(base)
	}
	if i := strings.Index(abs[literal:], "..."); i >= 0 {
		return s.walk(pattern, abs, literal+i)
	}
	return s.oneDir(pattern, abs)
}

// fileDir returns the directory of pattern if pattern names a Go file.
func fileDir(base, pattern string) (string, bool) {
	if !strings.HasSuffix(pattern, ".go") {
		return "", false
	}
	name := absolute(base, pattern)
	info, err := os.Stat(name)
	if err == nil && info.IsDir() {
		return "", false // a folder may be called so
	}
	return filepath.Dir(name), true
}

func absolute(base, name string) string {
	if filepath.IsAbs(name) {
		return filepath.Clean(name)
	}
	return filepath.Join(base, name)
}

// patternDir returns pattern as an absolute path, wildcards included.
func (s *Set) patternDir(base, pattern string) (string, error) {
	if isLocal(pattern) {
		return absolute(base, filepath.FromSlash(pattern)), nil
	}
	m, err := s.moduleOf(base)
	if err != nil {
		return "", err
	}
	literal, _, _ := strings.Cut(pattern, "...")
	if dir, ok := m.dirOf(strings.TrimSuffix(literal, "/")); ok && literal != "" {
		_, wild, found := strings.Cut(pattern, "...")
		if !found {
			return dir, nil
		}
		sep := ""
		if strings.HasSuffix(literal, "/") {
			sep = string(filepath.Separator)
		}
		return dir + sep + "..." + filepath.FromSlash(wild), nil
	}
	return "", fmt.Errorf("expand %s: it is no package of module %s; a folder is written ./%s", pattern, m.path, pattern)
}

// isLocal reports whether pattern means a place in the file system rather than an import path.
func isLocal(pattern string) bool {
	return pattern == "." || pattern == ".." || strings.HasPrefix(pattern, "./") || strings.HasPrefix(pattern, "../") ||
		strings.HasPrefix(pattern, `.\`) || strings.HasPrefix(pattern, `..\`) || filepath.IsAbs(pattern)
}

// oneDir returns the listing of a directory that was asked for by name.
func (s *Set) oneDir(pattern, dir string) ([]*listing, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("expand %s: %w", pattern, err)
	}
	if pattern != dir && strings.HasSuffix(pattern, ".go") {
		if _, err := os.Stat(filepath.Join(dir, filepath.Base(pattern))); err != nil && s.cfg.Overlay[filepath.Join(dir, filepath.Base(pattern))] == nil {
			return nil, fmt.Errorf("expand %s: %w", pattern, err)
		}
	}
	if _, err := s.moduleOf(dir); err != nil {
		return nil, err
	}
	return []*listing{list(dir, entries, false)}, nil
}
