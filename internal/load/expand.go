package load

import (
	"fmt"
	"go/build"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// A listing is a directory and what is in it.
type listing struct {
	dir     string // absolute
	entries []fs.DirEntry
	wild    bool // found by a wildcard: nobody asked for this directory by name
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
	if !strings.Contains(abs, "...") {
		return s.oneDir(pattern, abs)
	}
	return s.walk(pattern, abs)
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
	return []*listing{{dir: dir, entries: entries}}, nil
}

// walk returns the directories that match a pattern with wildcards. It stays
// within the module, and out of testdata, vendor, hidden and "_" folders, as
// the go command does.
func (s *Set) walk(pattern, abs string) ([]*listing, error) {
	i := strings.Index(abs, "...")
	top := filepath.Dir(abs[:i] + "x") // the last folder that is written out
	if _, err := os.Stat(top); err != nil {
		return nil, fmt.Errorf("expand %s: %w", pattern, err)
	}
	roots, err := s.walkRoots(top)
	if err != nil {
		return nil, err
	}
	match := matcher(abs)
	var found []*listing
	for _, root := range roots {
		if err := walkDir(root, match, &found); err != nil {
			return nil, fmt.Errorf("expand %s: %w", pattern, err)
		}
	}
	return found, nil
}

// walkRoots returns where to start: at top, or, where top is no module's but
// holds a go.work, at each of the workspace's modules.
func (s *Set) walkRoots(top string) ([]string, error) {
	_, err := s.moduleOf(top)
	if err == nil {
		return []string{top}, nil
	}
	if roots := workspace(top); len(roots) > 0 {
		return roots, nil
	}
	return nil, err
}

// builtinDir is the one folder of the standard library that holds no package of it.
var builtinDir = filepath.Join(build.Default.GOROOT, "src", "builtin")

func walkDir(dir string, match func(string) bool, found *[]*listing) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	if match(dir) {
		*found = append(*found, &listing{dir: dir, entries: entries, wild: true})
	}
	for _, e := range entries {
		if !e.IsDir() || skipped(e.Name()) {
			continue
		}
		sub := filepath.Join(dir, e.Name())
		if sub == builtinDir {
			continue // documentation, not a package
		}
		if isFile(filepath.Join(sub, "go.mod")) {
			continue // another module
		}
		if err := walkDir(sub, match, found); err != nil {
			return err
		}
	}
	return nil
}

// skipped reports whether wildcards leave out folders of that name.
func skipped(name string) bool {
	return name == "testdata" || name == "vendor" || name[0] == '.' || name[0] == '_'
}

func isFile(name string) bool {
	info, err := os.Stat(name)
	return err == nil && !info.IsDir()
}

// matcher returns the test of a directory against a pattern in which "..."
// stands for any string; a trailing "/..." also matches the folder itself.
func matcher(pattern string) func(dir string) bool {
	pattern = filepath.ToSlash(pattern)
	re := regexp.QuoteMeta(pattern)
	re = strings.ReplaceAll(re, `\.\.\.`, `.*`)
	if head, ok := strings.CutSuffix(re, `/.*`); ok {
		re = head + `(/.*)?`
	}
	full := regexp.MustCompile(`^` + re + `$`)
	return func(dir string) bool { return full.MatchString(filepath.ToSlash(dir)) }
}

// workspace returns the modules that dir's go.work uses, as directories.
func workspace(dir string) []string {
	src, err := os.ReadFile(filepath.Join(dir, "go.work"))
	if err != nil {
		return nil
	}
	var roots []string
	inUse := false
	for line := range strings.Lines(string(src)) {
		line, _, _ = strings.Cut(line, "//")
		words := strings.Fields(line)
		switch {
		case len(words) == 0:
			continue
		case words[0] == ")":
			inUse = false
			continue
		case words[0] == "use" && len(words) == 2 && words[1] == "(":
			inUse = true
			continue
		case words[0] == "use" && len(words) == 2:
			words = words[1:]
		case !inUse:
			continue
		}
		root := absolute(dir, filepath.FromSlash(unquote(words[0])))
		if isFile(filepath.Join(root, "go.mod")) {
			roots = append(roots, root)
		}
	}
	return roots
}
